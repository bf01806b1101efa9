//! Compares all sequences of a kind with one another, or with others.

use rayon::prelude::*;

use super::bits::Statistics;
use super::local::{Group, LANES, Memory};
use crate::cluster::{Scores, codes};
use crate::record::Molecule;

/// Alignments with fewer bits are taken for chance: of two unrelated sequences one in 65 000 has more.
const LEAST_BITS: f64 = 16.0;
/// Sequences that are aligned with a group by one piece of work.
const TOGETHER: usize = 64;

/// For each sequence its homologs, by their numbers, with how alike they are: from 0 to 1.
///
/// That is the bits of their alignment, divided by the geometric mean of what each has with itself: a domain that both
/// share makes long sequences less alike than short ones.
pub type Homologs = Vec<Vec<(u32, f32)>>;

/// Sequences of RNA or protein, as numbers of letters.
///
/// ```
/// use crossmamba::homology::Sequences;
/// use crossmamba::record::Molecule;
///
/// let known = ["MKVLAAGIVGLCAKAWWYHH", "GGSGGSGGSGGSGGSGGSGG"].map(str::as_bytes);
/// let known = Sequences::read(Molecule::Protein, known);
/// let asked = Sequences::read(Molecule::Protein, [&b"MRVLSAGIVGLCAKAWWFHH"[..]]);
/// let homologs = known.homologs_of(&asked);
/// assert!(homologs[0].len() == 1 && homologs[0][0].0 == 0 && homologs[0][0].1 > 0.7);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sequences {
    kind: Molecule,
    coded: Vec<Vec<u8>>,
}

/// Sequences by their lengths, with what each scores against itself.
struct Sorted<'a> {
    sequences: &'a Sequences,
    order: Vec<u32>,
    /// By number, not by order.
    own: Vec<i32>,
}

impl Sequences {
    /// Reads letters; one that is none of the nucleotides or amino acids stands for any.
    pub fn read<'a>(kind: Molecule, sequences: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { kind, coded: sequences.into_iter().map(|letters| codes(kind, letters)).collect() }
    }

    /// Takes the numbers of letters, as [`Sequences::coded`] gives them.
    ///
    /// # Errors
    /// A number that stands for no letter, as a part of a sentence.
    pub fn from_coded(kind: Molecule, coded: Vec<Vec<u8>>) -> Result<Self, String> {
        let most = Scores::of_search(kind).known;
        match coded.iter().flatten().find(|&&code| code > most) {
            Some(code) => Err(format!("{code} stands for no letter of {kind}")),
            None => Ok(Self { kind, coded }),
        }
    }

    /// Gives what the sequences are of.
    pub fn kind(&self) -> Molecule {
        self.kind
    }

    /// Gives the letters of each sequence by their numbers: A, C, G, U or the amino acids by their codes, then one for all others.
    pub fn coded(&self) -> &[Vec<u8>] {
        &self.coded
    }

    /// Takes some of the sequences, in this order.
    #[must_use]
    pub fn some(&self, numbers: &[u32]) -> Self {
        let coded = numbers.iter().map(|&number| self.coded[number as usize].clone()).collect();
        Self { kind: self.kind, coded }
    }

    /// Compares every sequence with all; each is its own homolog, unless it is too short to be any's.
    pub fn homologs(&self) -> Homologs {
        let sorted = Sorted::of(self);
        let mut all: Homologs = vec![Vec::new(); self.coded.len()];
        for (asked, known, alike) in sorted.compared(&sorted, true) {
            all[asked as usize].push((known, alike));
            if asked != known {
                all[known as usize].push((asked, alike));
            }
        }
        in_order(all)
    }

    /// Finds the homologs of other sequences among these.
    pub fn homologs_of(&self, asked: &Self) -> Homologs {
        let mut all: Homologs = vec![Vec::new(); asked.coded.len()];
        for (asked, known, alike) in Sorted::of(asked).compared(&Sorted::of(self), false) {
            all[asked as usize].push((known, alike));
        }
        in_order(all)
    }
}

fn in_order(mut all: Homologs) -> Homologs {
    for some in &mut all {
        some.sort_unstable_by_key(|&(known, _)| known);
    }
    all
}

impl<'a> Sorted<'a> {
    fn of(sequences: &'a Sequences) -> Self {
        let scores = Scores::of_search(sequences.kind);
        let own = |coded: &Vec<u8>| -> i32 {
            let earned = coded.iter().map(|&letter| scores.pair[usize::from(letter)][usize::from(letter)]);
            earned.map(|score| i32::from(score.max(0))).sum()
        };
        let mut order: Vec<u32> = (0..sequences.coded.len() as u32).collect();
        order.sort_by_key(|&number| sequences.coded[number as usize].len());
        Self { sequences, order, own: sequences.coded.iter().map(own).collect() }
    }

    fn letters(&self, number: u32) -> &'a [u8] {
        &self.sequences.coded[number as usize]
    }

    /// Gives the homologous pairs: asked, known, and how alike they are. Of sequences with themselves each pair is given once.
    fn compared(&self, known: &Sorted<'_>, themselves: bool) -> Vec<(u32, u32, f32)> {
        let scores = Scores::of_search(self.sequences.kind);
        let pieces: Vec<(usize, usize)> = (0..known.order.len())
            .step_by(LANES)
            .flat_map(|group| {
                let from = if themselves { group } else { 0 };
                (from..self.order.len()).step_by(TOGETHER).map(move |first| (group, first))
            })
            .collect();
        let piece = |&(group, first): &(usize, usize)| {
            let members = &known.order[group..known.order.len().min(group + LANES)];
            let asked = &self.order[first..self.order.len().min(first + TOGETHER)];
            let targets: Vec<&[u8]> = members.iter().map(|&number| known.letters(number)).collect();
            let most = |numbers: &[u32], of: &Sorted<'_>| {
                numbers.iter().map(|&number| of.own[number as usize]).max().unwrap_or(0)
            };
            // No alignment scores more than either sequence does with itself.
            let group_of = Group::new(&targets, &scores, most(members, known).min(most(asked, self)));
            let mut memory = Memory::default();
            let mut found = Vec::new();
            for (place, &number) in (first..).zip(asked) {
                let scored = group_of.scores(self.letters(number), &mut memory);
                for ((&member, score), at) in members.iter().zip(scored).zip(group..) {
                    if !themselves || at <= place {
                        let alike = self.alike(number, known, member, score);
                        found.extend(alike.map(|alike| (number, member, alike)));
                    }
                }
            }
            found
        };
        pieces.par_iter().flat_map_iter(piece).collect()
    }

    /// Tells how alike two sequences are that score so much; nothing where that may be chance.
    fn alike(&self, number: u32, known: &Sorted<'_>, member: u32, score: i32) -> Option<f32> {
        let statistics = Statistics::of(self.sequences.kind);
        let lengths = [self.letters(number).len(), known.letters(member).len()];
        let bits = statistics.bits(score, lengths);
        let own = [(self.own[number as usize], lengths[0]), (known.own[member as usize], lengths[1])]
            .map(|(own, length)| statistics.bits(own, [length; 2]).max(1.0));
        (bits >= LEAST_BITS).then(|| (bits / (own[0] * own[1]).sqrt()).min(1.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn random(kind: Molecule, count: usize) -> Sequences {
        let mut rng = Rng::new(9);
        let letters = usize::from(Scores::of_search(kind).known);
        let mut coded: Vec<Vec<u8>> = Vec::new();
        for number in 0..count {
            let mut one: Vec<u8> = (0..30 + rng.below(150)).map(|_| rng.below(letters) as u8).collect();
            // Every third has a part of an earlier one.
            if number % 3 == 2 {
                let other = coded[rng.below(number)].clone();
                one.extend(&other[..other.len() * 2 / 3]);
            }
            coded.push(one);
        }
        Sequences { kind, coded }
    }

    #[test]
    fn kin_is_found_by_whoever_asks_and_by_any_number_of_threads() {
        for kind in [Molecule::Rna, Molecule::Protein] {
            let all = random(kind, 150);
            let found = all.homologs();
            assert_eq!(found, all.homologs_of(&all));
            assert!((0..150).all(|at| found[at].contains(&(at as u32, 1.0))));
            // Half have no kin, and nothing is alike by chance but what was made so.
            let kin: usize = found.iter().map(|some| some.len() - 1).sum();
            assert!((100..800).contains(&kin), "{kin}");
            let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            assert_eq!(one.install(|| all.homologs()), found);
            // A sequence's homologs do not depend on which others are asked about.
            let some = [140, 3, 77];
            let wanted: Homologs = some.iter().map(|&at| found[at as usize].clone()).collect();
            assert_eq!(all.homologs_of(&all.some(&some)), wanted);
        }
    }

    #[test]
    fn likeness_is_the_share_of_the_bits_that_either_has_with_itself() {
        let read = |letters: &[&str]| {
            Sequences::read(Molecule::Protein, letters.iter().map(|letters| letters.as_bytes()))
        };
        let domain = "MKVLAAGIVGLCAKAWWYHHRKDEC";
        let longer = format!("{domain}{}", "GSTPNQ".repeat(10));
        let found = read(&[domain, &longer, "GPGPGPGPGPGPGPGPGPGPGPGPG"]).homologs();
        assert_eq!(found[0].len(), 2);
        let own = |letters: &str| -> i32 {
            let all = read(&[letters]);
            Sorted::of(&all).own[0]
        };
        let statistics = Statistics::of(Molecule::Protein);
        let bits = |score, lengths| statistics.bits(score, lengths);
        let (a, b) = (own(domain), own(&longer));
        let wanted = bits(a, [25, 85]) / (bits(a, [25; 2]) * bits(b, [85; 2])).sqrt();
        assert!((f64::from(found[0][1].1) - wanted).abs() < 1e-6, "{found:?} {wanted}");
        assert!(Sequences::from_coded(Molecule::Rna, vec![vec![4]]).is_ok());
        assert!(Sequences::from_coded(Molecule::Rna, vec![vec![5]]).unwrap_err().contains("no letter"));
        assert!(read(&[]).homologs().is_empty() && read(&[""]).homologs()[0].is_empty());
    }
}
