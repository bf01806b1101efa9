//! Scores the best local alignments of one sequence with several others at once.

use std::ops::{Add, Sub};

use crate::cluster::Scores;
use crate::simd::simd;

/// Sequences that are aligned with another at once, one in each lane.
pub(super) const LANES: usize = 32;
/// The score of a letter against what follows the end of a sequence.
const END: i8 = -100;
/// Scores up to this fit into 16 bits with all that is added to them on the way.
const MOST_OF_16: i32 = 32_000;

/// A score: of 16 bits where that is enough.
trait Score: Copy + Ord + Default + Add<Output = Self> + Sub<Output = Self> + From<i8> {}

impl Score for i16 {}
impl Score for i32 {}

type Lanes<T> = [T; LANES];

/// Up to [`LANES`] sequences side by side, as what each letter scores against each of their columns.
pub(super) struct Group<'a> {
    scores: &'a Scores,
    length: usize,
    profile: Profile,
}

enum Profile {
    Of16(Vec<Lanes<i16>>),
    Of32(Vec<Lanes<i32>>),
}

/// Working memory that is used again.
#[derive(Default)]
pub(super) struct Memory {
    of_16: Rows<i16>,
    of_32: Rows<i32>,
}

/// Of each column the best alignments that end there, and of these such as end in a gap.
#[derive(Default)]
struct Rows<T> {
    best: Vec<Lanes<T>>,
    gap: Vec<Lanes<T>>,
}

impl<'a> Group<'a> {
    /// Puts sequences side by side; `most` is the most that one of them can score.
    pub(super) fn new(sequences: &[&[u8]], scores: &'a Scores, most: i32) -> Self {
        let length = sequences.iter().map(|sequence| sequence.len()).max().unwrap_or(0);
        let profile = if most <= MOST_OF_16 {
            Profile::Of16(profile(sequences, scores, length))
        } else {
            Profile::Of32(profile(sequences, scores, length))
        };
        Self { scores, length, profile }
    }

    /// Gives the score of the best local alignment with each, gaps after Gotoh (1982).
    pub(super) fn scores(&self, query: &[u8], memory: &mut Memory) -> Lanes<i32> {
        match &self.profile {
            Profile::Of16(profile) => self.scan(query, profile, &mut memory.of_16).map(i32::from),
            Profile::Of32(profile) => self.scan(query, profile, &mut memory.of_32),
        }
    }

    fn scan<T: Score>(&self, query: &[u8], profile: &[Lanes<T>], rows: &mut Rows<T>) -> Lanes<T> {
        let costs = [self.scores.open, self.scores.extend].map(|cost| T::from(cost as i8));
        let Rows { best, gap } = rows;
        for row in [&mut *best, &mut *gap] {
            row.clear();
            row.resize(self.length, Lanes::default());
        }
        simd!(|| fill(query, profile, costs, best, gap))
    }
}

fn profile<T: Score>(sequences: &[&[u8]], scores: &Scores, length: usize) -> Vec<Lanes<T>> {
    let of = |letter: usize, column: usize| {
        std::array::from_fn(|lane| {
            let met = sequences.get(lane).and_then(|sequence| sequence.get(column));
            T::from(met.map_or(END, |&other| scores.pair[letter][usize::from(other)]))
        })
    };
    (0..=usize::from(scores.known))
        .flat_map(|letter| (0..length).map(move |column| (letter, column)))
        .map(|(letter, column)| of(letter, column))
        .collect()
}

/// Fills the matrices row by row. A gap costs `open` for its first letter, `extend` for each further one; an alignment that
/// would begin with one is never the best, so that gaps start at 0.
#[inline(always)]
fn fill<T: Score>(
    query: &[u8],
    profile: &[Lanes<T>],
    [open, extend]: [T; 2],
    best: &mut [Lanes<T>],
    gap: &mut [Lanes<T>],
) -> Lanes<T> {
    let nothing = T::default();
    let mut most = [nothing; LANES];
    for &letter in query {
        let row = &profile[usize::from(letter) * best.len()..][..best.len()];
        let (mut corner, mut across) = ([nothing; LANES], [nothing; LANES]);
        for ((earned, best), down) in row.iter().zip(&mut *best).zip(&mut *gap) {
            for lane in 0..LANES {
                let ends = (corner[lane] + earned[lane]).max(nothing).max(down[lane]).max(across[lane]);
                most[lane] = most[lane].max(ends);
                corner[lane] = best[lane];
                best[lane] = ends;
                let opened = ends - open;
                down[lane] = (down[lane] - extend).max(opened);
                across[lane] = (across[lane] - extend).max(opened);
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::{AMINO_ACIDS, NUCLEOTIDES};
    use crate::cluster::{aligned, codes};
    use crate::record::Molecule;
    use crate::rng::Rng;

    /// Random sequences, of which some have a stretch of the first, with changes.
    fn sequences(kind: Molecule, count: usize, longest: usize) -> Vec<Vec<u8>> {
        let letters: &[u8] = if kind == Molecule::Rna { NUCLEOTIDES } else { AMINO_ACIDS };
        let mut rng = Rng::new(5);
        let mut all: Vec<Vec<u8>> = Vec::new();
        for number in 0..count {
            let length = 1 + rng.below(longest);
            let mut one: Vec<u8> = (0..length).map(|_| letters[rng.below(letters.len())]).collect();
            if number > 0 && number % 2 == 0 {
                let first = &all[0];
                let from = rng.below(first.len());
                one.extend(first[from..].iter().enumerate().filter(|(at, _)| at % 7 != 3).map(|(_, &l)| l));
            }
            if number % 5 == 4 {
                one.push(b'X');
            }
            all.push(one);
        }
        all
    }

    #[test]
    fn scores_are_those_of_one_alignment_at_a_time() {
        for kind in [Molecule::Rna, Molecule::Protein] {
            let scores = Scores::of_search(kind);
            let coded: Vec<Vec<u8>> =
                sequences(kind, 40, 90).iter().map(|sequence| codes(kind, sequence)).collect();
            let targets: Vec<&[u8]> = coded.iter().take(LANES - 3).map(Vec::as_slice).collect();
            let mut memory = Memory::default();
            for most in [100, MOST_OF_16 + 1] {
                let group = Group::new(&targets, &scores, most);
                for query in &coded {
                    let found = group.scores(query, &mut memory).map(i64::from);
                    let wanted: Vec<i64> =
                        targets.iter().map(|target| aligned(query, target, &scores)).collect();
                    assert_eq!(found[..targets.len()], wanted);
                    assert!(found[targets.len()..].iter().all(|&score| score == 0));
                }
            }
        }
    }
}
