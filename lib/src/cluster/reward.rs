//! Excludes pairs that no alignment worth anything makes relatives, many pairs at a time.
//!
//! A longest common subsequence bounds little where a short sequence meets a long one, of which nearly every short one is a
//! subsequence: by skipping letters at no cost. Here they cost what they cost in the alignment, and each pair of identical
//! letters earns a reward `r` on top of its score. The best local alignment has a score of 0 or more; if it has `needed`
//! identical letters, then with rewards it earns `r · needed` or more. Where no local alignment earns that, whatever the reward, the pair is no
//! pair of relatives (a Lagrangian bound). It takes the score alone: 32 pairs at a time, in numbers of 16 bits.

use super::scores::{LETTERS, Scores};
use crate::simd::Instructions;

/// Sequences that one is compared with at a time.
pub(super) const LANES: usize = 32;
/// The reward at an identity of 1; it is less where less is asked for. With much too little only scores count, with much too
/// much only identical letters do, and either excludes less.
const REWARD: f64 = 16.0;
/// Scores are counted from the least number upwards, which stands for 0: what would fall below is 0 by saturation.
const ZERO: i16 = i16::MIN;
/// What can be told from the greatest number.
const MOST: usize = 65_000;
/// Rows that are computed together, so that numbers stay in registers.
const TILE: usize = 4;

/// A number for each of the others.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Lanes([i16; LANES]);

impl Lanes {
    const ZERO: Self = Self([ZERO; LANES]);

    #[inline(always)]
    fn plus(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_add(b));
        self
    }

    #[inline(always)]
    fn less(mut self, cost: i16) -> Self {
        self.0.iter_mut().for_each(|a| *a = a.saturating_sub(cost));
        self
    }

    #[inline(always)]
    fn max(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = b.max(*a));
        self
    }
}

/// Working memory that is used again.
#[derive(Default)]
pub(super) struct Memory {
    /// For each position and each letter opposite, what the pair earns in each lane.
    earned: Vec<Lanes>,
    best: Vec<Lanes>,
    down: Vec<Lanes>,
}

/// One sequence, others, and what each needs.
pub(super) struct Question<'a> {
    /// The sequence that is compared with all others.
    pub(super) one: &'a [u8],
    /// At most [`LANES`]; best of similar lengths.
    pub(super) others: &'a [&'a [u8]],
    /// The identical letters that each of them needs.
    pub(super) needed: &'a [usize],
    /// The least identity, by which the reward is chosen.
    pub(super) identity: f64,
}

/// Tells for each of the others whether some local alignment with the one could have as many identical letters as needed.
pub(super) fn reachable(
    question: &Question<'_>,
    scores: &Scores,
    instructions: Instructions,
    memory: &mut Memory,
) -> [bool; LANES] {
    let most = question.needed.iter().copied().max().unwrap_or(0).max(1);
    let reward = ((REWARD * question.identity).round() as usize).min(MOST / most) as i16;
    if reward == 0 {
        return [true; LANES];
    }
    let alphabet = usize::from(scores.known) + 1;
    memory.fill(question.others, scores, alphabet, reward);
    let matrix = Matrix {
        one: question.one,
        alphabet,
        open: scores.open as i16,
        extend: scores.extend as i16,
        band: Band::of(question),
    };
    let best = run(&matrix, instructions, memory);
    let mut reachable = [false; LANES];
    for ((reachable, best), &needed) in reachable.iter_mut().zip(best.0).zip(question.needed) {
        *reachable = i32::from(best) - i32::from(ZERO) >= i32::from(reward) * needed as i32;
    }
    reachable
}

impl Memory {
    fn fill(&mut self, others: &[&[u8]], scores: &Scores, alphabet: usize, reward: i16) {
        let length = others.iter().map(|other| other.len()).max().unwrap_or(0);
        for numbers in [&mut self.best, &mut self.down] {
            numbers.clear();
            numbers.resize(length, Lanes::ZERO);
        }
        // What lies behind the end of a sequence earns nothing with any letter.
        self.earned.clear();
        self.earned.resize(length * alphabet, Lanes::ZERO);
        let mut table = [[0; LETTERS]; LETTERS];
        for (x, row) in table.iter_mut().enumerate() {
            for (y, earned) in row.iter_mut().enumerate() {
                let identical = x == y && x < usize::from(scores.known);
                *earned = i16::from(scores.pair[x][y]) + if identical { reward } else { 0 };
            }
        }
        for (lane, other) in others.iter().enumerate() {
            for (earned, &code) in self.earned.chunks_exact_mut(alphabet).zip(*other) {
                for (earned, value) in earned.iter_mut().zip(&table[usize::from(code)]) {
                    earned.0[lane] = *value;
                }
            }
        }
    }
}

/// The diagonals that one lane or another asks for.
#[derive(Clone, Copy)]
struct Band {
    /// How far the position in another sequence may be ahead of that in the one.
    ahead: usize,
    behind: usize,
}

impl Band {
    /// Keeps, of every lane, the diagonals on which an alignment with that many identical letters can lie.
    fn of(question: &Question<'_>) -> Self {
        let each = || question.others.iter().zip(question.needed);
        let ahead = each().map(|(other, &needed)| other.len().saturating_sub(needed)).max();
        let behind = each().map(|(_, &needed)| question.one.len().saturating_sub(needed)).max();
        Self { ahead: ahead.unwrap_or(0), behind: behind.unwrap_or(0) }
    }
}

/// What is computed but for the other sequences, which stand in the memory.
struct Matrix<'a> {
    one: &'a [u8],
    alphabet: usize,
    open: i16,
    extend: i16,
    band: Band,
}

/// Gives the most that a local alignment earns in each lane.
fn run(matrix: &Matrix<'_>, instructions: Instructions, memory: &mut Memory) -> Lanes {
    match instructions.checked() {
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: `checked` has seen the instructions.
        Instructions::Avx512 => unsafe { run_avx512(matrix, memory) },
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: `checked` has seen the instructions.
        Instructions::Avx2 => unsafe { run_avx2(matrix, memory) },
        _ => matrix.most(memory),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn run_avx512(matrix: &Matrix<'_>, memory: &mut Memory) -> Lanes {
    matrix.most(memory)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2(matrix: &Matrix<'_>, memory: &mut Memory) -> Lanes {
    matrix.most(memory)
}

impl Matrix<'_> {
    #[inline(always)]
    fn most(&self, memory: &mut Memory) -> Lanes {
        let mut most = Lanes::ZERO;
        let (tiles, rest) = self.one.as_chunks::<TILE>();
        for (at, rows) in tiles.iter().enumerate() {
            self.rows(at * TILE, rows, memory, &mut most);
        }
        for (at, &row) in rest.iter().enumerate() {
            self.rows(tiles.len() * TILE + at, &[row], memory, &mut most);
        }
        most
    }

    /// Computes some rows from the first on, given by their letters: the recursions of `align`, in all lanes.
    #[inline(always)]
    fn rows<const N: usize>(&self, first: usize, rows: &[u8; N], memory: &mut Memory, most: &mut Lanes) {
        let start = first.saturating_sub(self.band.behind);
        let end = memory.best.len().min(first + N + self.band.ahead);
        if start >= end {
            return;
        }
        let mut above = if start > 0 { memory.best[start - 1] } else { Lanes::ZERO };
        let (mut left, mut right) = ([Lanes::ZERO; N], [Lanes::ZERO; N]);
        let mut found = *most;
        let earned = memory.earned[start * self.alphabet..].chunks_exact(self.alphabet);
        let cells = memory.best[start..end].iter_mut().zip(&mut memory.down[start..end]);
        for ((best, down), earned) in cells.zip(earned) {
            let (mut corner, mut falling) = (above, *down);
            above = *best;
            for row in 0..N {
                let pair = earned[usize::from(rows[row])];
                let here = corner.plus(pair).max(falling).max(right[row]);
                found = found.max(here);
                let opened = here.less(self.open);
                right[row] = right[row].less(self.extend).max(opened);
                falling = falling.less(self.extend).max(opened);
                corner = left[row];
                left[row] = here;
            }
            *best = left[N - 1];
            *down = falling;
        }
        *most = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::align::{self, align};
    use crate::cluster::likeness::needed;
    use crate::record::Molecule;
    use crate::rng::Rng;

    /// The identical letters of the best local alignment over the whole matrix, of the one with each of the others.
    fn identical(one: &[u8], others: &[&[u8]], scores: &Scores) -> Vec<usize> {
        let aligned = |other: &&[u8]| {
            let band = [one.len(), other.len()];
            align(one, other, scores, band, &mut align::Memory::default()).identical as usize
        };
        others.iter().map(aligned).collect()
    }

    fn told(one: &[u8], others: &[&[u8]], identity: f64, scores: &Scores, by: Instructions) -> Vec<bool> {
        let needed: Vec<usize> =
            others.iter().map(|other| needed(one.len().min(other.len()), identity)).collect();
        let question = Question { one, others, needed: &needed, identity };
        reachable(&question, scores, by, &mut Memory::default())[..others.len()].to_vec()
    }

    #[test]
    fn no_pair_that_alignment_finds_alike_is_excluded_by_any_instructions() {
        let mut rng = Rng::new(4);
        for (kind, letters) in [(Molecule::Rna, 5), (Molecule::Protein, 21)] {
            let scores = Scores::of(kind);
            let (mut alike, mut excluded) = (0, 0);
            for _ in 0..40 {
                let one: Vec<u8> = (0..30 + rng.below(200)).map(|_| rng.below(letters) as u8).collect();
                // Pieces of the one in chance letters, the more changed the later; and chance letters alone.
                let others: Vec<Vec<u8>> = (0..=rng.below(LANES))
                    .map(|at| {
                        let mut other: Vec<u8> =
                            (0..rng.below(150)).map(|_| rng.below(letters) as u8).collect();
                        if at % 3 < 2 {
                            let start = rng.below(one.len() / 2);
                            let piece = one[start..start + one.len() / 2].iter();
                            let changed = at as f64 / 60.0;
                            let piece = piece
                                .map(|&x| if rng.uniform() < changed { rng.below(letters) as u8 } else { x });
                            other.splice(0..0, piece.collect::<Vec<_>>());
                        }
                        other
                    })
                    .collect();
                let others: Vec<&[u8]> = others.iter().map(|other| &other[..]).collect();
                let identical = identical(&one, &others, &scores);
                for identity in [0.3, 0.5, 0.8, 0.9, 1.0] {
                    let told = |by| told(&one, &others, identity, &scores, by);
                    let plain = told(Instructions::Portable);
                    for by in Instructions::available() {
                        assert_eq!(told(by), plain, "{by}");
                    }
                    for ((other, reachable), identical) in others.iter().zip(plain).zip(&identical) {
                        let found = *identical >= needed(one.len().min(other.len()), identity).max(1);
                        assert!(reachable || !found, "{identical} of {}", other.len());
                        alike += usize::from(found);
                        excluded += usize::from(!reachable);
                    }
                }
            }
            assert!(alike > 100 && excluded > 1000, "{alike} {excluded}");
        }
    }

    #[test]
    fn chance_pairs_of_short_and_long_that_a_common_subsequence_keeps_are_excluded() {
        let mut rng = Rng::new(5);
        let mut draw = |length: usize| (0..length).map(|_| rng.below(4) as u8).collect::<Vec<u8>>();
        let long = draw(3000);
        let short: Vec<Vec<u8>> = (0..LANES).map(|_| draw(300)).collect();
        let rows = crate::cluster::lcs::Rows::of(&long, LETTERS);
        assert!(short.iter().all(|short| rows.common(short, 270, &mut Vec::new()).is_some()));
        let others: Vec<&[u8]> = short.iter().map(|short| &short[..]).collect();
        let reachable = told(&long, &others, 0.9, &Scores::of(Molecule::Rna), Instructions::Portable);
        assert_eq!(reachable, [false; LANES]);
    }

    #[test]
    fn numbers_that_end_exclude_nothing() {
        // 30 000 letters earn more than 16 bits hold; the sequence and its copy are found all the same.
        let one: Vec<u8> = (0..30_000).map(|at| (at * at / 7 % 4) as u8).collect();
        let told = told(&one, &[&one, &one[..9000]], 1.0, &Scores::of(Molecule::Rna), Instructions::Portable);
        assert_eq!(told, [true, true]);
    }
}
