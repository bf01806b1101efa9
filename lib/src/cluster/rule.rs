//! Clusters molecules: every two that are alike end in one cluster.

use std::collections::HashMap;

use rayon::prelude::*;

use super::components::{Sets, join_alike};
use super::molecules::join_molecules;
use super::sketch::Sketch;
use super::{Clusters, Compared, Likeness};
use crate::Result;
use crate::record::{Molecule, Record};
use crate::rng::Rng;

/// Pairs that are held in memory at a time.
const PORTION: usize = 1 << 22;
/// Pairs of distinct sequences up to which all are compared.
const ALL: u64 = 50_000_000;
/// Comparisons that are spent on finding out what the words miss.
const SPENT: usize = 2_000_000;
/// Sequences that are compared with all others at least, and at most.
const SAMPLE: [usize; 2] = [20, 200];

/// Which pairs of sequences are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Candidates {
    /// All where they are few enough, those that share a word otherwise
    #[default]
    Auto,
    /// All
    All,
    /// Those that share a word
    Words,
}

/// How sequences are clustered.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct ClusterRule {
    /// From when on two sequences belong together.
    pub likeness: Likeness,
    /// Which pairs are compared.
    pub candidates: Candidates,
}

/// What was compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Sequences that differ.
    pub distinct: usize,
    /// The length of the words by which pairs were found; `None` where all pairs were compared.
    pub word: Option<usize>,
    /// Alignments that were made; of small molecules, pairs of fingerprints that were compared.
    pub alignments: u64,
    /// Small molecules that could not be read, and are like no other.
    pub unread: usize,
    /// What the words missed in a sample.
    pub missed: Option<Missed>,
}

/// Some sequences were compared with all others, beyond those that share a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// How many sequences were drawn.
    pub drawn: usize,
    /// How many pairs of theirs are alike.
    pub alike: usize,
    /// Those that no chain of words had joined; now they are joined.
    pub apart: Vec<Apart>,
}

/// Two sequences that are alike, and that no chain of words had joined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// Their places among the records: the first ones with these sequences.
    pub records: [usize; 2],
    /// The identity.
    pub identity: f64,
}

impl Missed {
    /// Estimates how many pairs of the whole set are alike, and how many of them are still in two clusters, from what the
    /// sample says; `distinct` is the number of sequences. Where the sample missed none, the second is the number that it
    /// would have missed with a chance of 95 % (the rule of three); where it was the whole set, none is left.
    ///
    /// ```
    /// use crossmamba::cluster::Missed;
    ///
    /// // A hundred of ten thousand sequences have 300 relatives: all have 15 000 pairs, of which 1 % or fewer are apart.
    /// let missed = Missed { drawn: 100, alike: 300, apart: Vec::new() };
    /// assert_eq!(missed.left(10_000), (15_000.0, 150.0));
    /// ```
    pub fn left(&self, distinct: usize) -> (f64, f64) {
        // Every pair has two ends, from either of which a sample finds it.
        let each = distinct as f64 / (2 * self.drawn.max(1)) as f64;
        let apart = match self.apart.len() {
            _ if self.drawn >= distinct => 0,
            0 => self.alike.min(3),
            found => found,
        };
        (each * self.alike as f64, each * apart as f64)
    }
}

impl ClusterRule {
    /// Clusters sequences: the clusters are the connected parts of all pairs that are alike (single linkage), so that no two
    /// compared sequences of two clusters are alike. They are numbered by first appearance, and depend neither on threads nor
    /// on the order of comparison.
    ///
    /// The identity of two small molecules is the Tanimoto coefficient of the counts of their circular fingerprints; there the
    /// guarantee is always whole. So it is for sequences where all pairs are compared. Where only those are that share a word, [`Missed`] says what a
    /// sample of sequences, compared with all others, had lost.
    ///
    /// ```
    /// use crossmamba::cluster::{Candidates, ClusterRule, Likeness};
    /// use crossmamba::record::{Molecule, Record, RecordId};
    ///
    /// let record = |id, letters: &str| Ok::<_, &str>(Record { id: RecordId::new(id)?, sequence: letters.into() });
    /// let records = [record("a", "GGCAUCGGAUUACGCAUGCC")?, record("b", "CAAGUUUAAC")?, record("c", "GGCAUCGGAUCACGCAUGCC")?];
    /// let likeness = Likeness { identity: 0.9, coverage: 0.0 };
    /// let rule = ClusterRule { likeness, candidates: Candidates::All };
    /// let (clusters, _) = rule.cluster(Molecule::Rna, &records).map_err(|_| "not clustered")?;
    /// assert_eq!(clusters.numbers(), [0, 1, 0]);
    /// # Ok::<(), &str>(())
    /// ```
    ///
    /// # Errors
    /// Thresholds that cannot be used, and sequences that are too long to be aligned.
    pub fn cluster(&self, kind: Molecule, records: &[Record]) -> Result<(Clusters, Comparison)> {
        self.likeness.check()?;
        let (own, distinct) = distinct(records);
        let mut sets = Sets::new(distinct.len());
        let comparison = if kind == Molecule::SmallMolecule {
            let (alignments, unread) = join_molecules(&distinct, &mut sets, self.likeness.identity);
            Comparison { distinct: distinct.len(), word: None, alignments, unread, missed: None }
        } else {
            let mut first = vec![0; distinct.len()];
            own.iter().enumerate().rev().for_each(|(record, &at)| first[at as usize] = record);
            self.align(kind, &distinct, &first, &mut sets)?
        };
        let numbers: Vec<u32> = own.iter().map(|&at| sets.root(at)).collect();
        let ids = records.iter().map(|record| record.id.clone()).collect();
        Ok((Clusters::new(ids, &numbers), comparison))
    }

    /// Joins sequences that are alike; `first` are the first records that have them.
    fn align(
        &self,
        kind: Molecule,
        distinct: &[&[u8]],
        first: &[usize],
        sets: &mut Sets,
    ) -> Result<Comparison> {
        let compared = Compared::new(kind, distinct.iter().copied())?;
        let all = match self.candidates {
            Candidates::All => true,
            Candidates::Words => false,
            Candidates::Auto => {
                let count = distinct.len() as u64;
                count * count / 2 <= ALL && compared.is_short()
            }
        };
        let (mut alignments, mut word, mut missed) = (0, None, None);
        if all {
            let mut pairs = Vec::new();
            for a in 0..distinct.len() as u32 {
                pairs.extend((a + 1..distinct.len() as u32).map(|b| (a, b)));
                if pairs.len() >= PORTION || a as usize + 1 == distinct.len() {
                    alignments += join_alike(std::mem::take(&mut pairs), sets, &compared, self.likeness);
                }
            }
        } else {
            let sketch = Sketch::of(&compared, self.likeness.identity);
            word = Some(sketch.length());
            sketch.pairs(&compared, |pairs| {
                alignments += join_alike(pairs, sets, &compared, self.likeness);
            });
            missed = Some(self.missed(&compared, first, sets));
        }
        Ok(Comparison { distinct: distinct.len(), word, alignments, unread: 0, missed })
    }

    /// Compares some sequences with all others, and joins what the words had missed.
    fn missed(&self, compared: &Compared, first: &[usize], sets: &mut Sets) -> Missed {
        let count = compared.len();
        let drawn = (SPENT / count.max(1)).clamp(SAMPLE[0], SAMPLE[1]).min(count);
        let mut order = Rng::new(1).fork("missed pairs").permutation(count);
        order.truncate(drawn);
        let likeness = self.likeness;
        let mut alike: Vec<(u32, u32)> = order
            .iter()
            .flat_map(|&a| {
                let rows = compared.rows(a);
                let may = |&b: &usize| {
                    b != a
                        && compared.may_cover(a, b, likeness.coverage)
                        && compared.bound(&rows, b, likeness.identity).is_some()
                };
                let pairs = (0..count).into_par_iter().filter(may).map(|b| (a as u32, b as u32)).collect();
                let pairs: Vec<_> = compared.keep_reachable(pairs, likeness.identity);
                let alike = |&(a, b): &(u32, u32)| compared.alike(a as usize, b as usize, likeness);
                let sorted = |(a, b): (u32, u32)| (a.min(b), a.max(b));
                pairs.into_par_iter().filter(alike).map(sorted).collect::<Vec<_>>()
            })
            .collect();
        let found = alike.len();
        // A pair of two that were drawn is found twice.
        alike.sort_unstable();
        alike.dedup();
        alike.retain(|&pair| !sets.together(pair));
        let apart = alike.into_iter().map(|(a, b)| {
            sets.join((a, b));
            let (a, b) = (a as usize, b as usize);
            let mut records = [first[a], first[b]];
            records.sort_unstable();
            Apart { records, identity: compared.identity(a, b, likeness.identity).unwrap_or(f64::NAN) }
        });
        Missed { drawn, alike: found, apart: apart.collect() }
    }
}

/// Gives for each record its sequence's place among the distinct ones, which stand by descending length.
fn distinct(records: &[Record]) -> (Vec<u32>, Vec<&[u8]>) {
    let mut known: HashMap<&[u8], u32> = HashMap::with_capacity(records.len());
    let mut letters: Vec<&[u8]> = Vec::new();
    let first: Vec<u32> = records
        .iter()
        .map(|record| {
            *known.entry(&record.sequence).or_insert_with(|| {
                letters.push(&record.sequence);
                letters.len() as u32 - 1
            })
        })
        .collect();
    let mut order: Vec<u32> = (0..letters.len() as u32).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(letters[at as usize].len()));
    let mut place = vec![0; letters.len()];
    for (new, &old) in (0..).zip(&order) {
        place[old as usize] = new;
    }
    let sorted = order.iter().map(|&at| letters[at as usize]).collect();
    (first.into_iter().map(|at| place[at as usize]).collect(), sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::align::{Memory, align};
    use crate::cluster::scores::Scores;
    use crate::record::RecordId;

    /// Families of sequences: each member has so many of its ancestor's letters changed, and lacks a piece now and then.
    fn families(kind: Molecule, count: usize, members: usize, changed: f64, seed: u64) -> Vec<Record> {
        let letters: &[u8] = if kind == Molecule::Rna { b"ACGU" } else { b"ACDEFGHIKLMNPQRSTVWY" };
        let mut rng = Rng::new(seed);
        let mut records = Vec::new();
        for family in 0..count {
            let length = 80 + rng.below(160);
            let ancestor: Vec<u8> = (0..length).map(|_| letters[rng.below(letters.len())]).collect();
            for member in 0..members {
                let mut one = ancestor.clone();
                for letter in &mut one {
                    if rng.uniform() < changed {
                        *letter = letters[rng.below(letters.len())];
                    }
                }
                if rng.below(3) == 0 {
                    let at = rng.below(length - 10);
                    one.drain(at..at + 1 + rng.below(5));
                }
                let id = RecordId::new(format!("{family}-{member}")).unwrap();
                records.push(Record { id, sequence: one });
            }
        }
        rng.shuffle(&mut records);
        records
    }

    fn clustered(
        kind: Molecule,
        records: &[Record],
        identity: f64,
        candidates: Candidates,
    ) -> (Vec<u32>, Comparison) {
        let rule = ClusterRule { likeness: Likeness { identity, coverage: 0.0 }, candidates };
        let (clusters, comparison) = rule.cluster(kind, records).unwrap();
        (clusters.numbers().to_vec(), comparison)
    }

    #[test]
    fn no_two_clusters_hold_sequences_that_are_alike() {
        for (kind, identity, changed) in [(Molecule::Rna, 0.8, 0.15), (Molecule::Protein, 0.5, 0.3)] {
            let records = families(kind, 25, 4, changed, 7);
            let (numbers, comparison) = clustered(kind, &records, identity, Candidates::All);
            assert_eq!(comparison.missed, None);
            let compared = Compared::new(kind, records.iter().map(|record| &record.sequence[..])).unwrap();
            let mut alike = 0;
            for a in 0..records.len() {
                for b in 0..a {
                    // Over whole matrices: without the bound, and without the band, that the rule uses.
                    let (a, b) =
                        if compared.codes(a).len() <= compared.codes(b).len() { (a, b) } else { (b, a) };
                    let [short, long] = [compared.codes(a), compared.codes(b)];
                    let wide = [short.len(), long.len()];
                    let best = align(short, long, &Scores::of(kind), wide, &mut Memory::default());
                    let found = f64::from(best.identical) >= identity * short.len() as f64;
                    assert!(!found || numbers[a] == numbers[b], "{} {}", records[a].id, records[b].id);
                    alike += usize::from(found);
                }
            }
            assert!(alike > 50, "{alike}");
            assert!(numbers.iter().max().unwrap() > &20);
        }
    }

    #[test]
    fn words_find_the_families_that_comparing_all_finds() {
        for (kind, identity, changed) in [(Molecule::Rna, 0.8, 0.12), (Molecule::Protein, 0.5, 0.25)] {
            let records = families(kind, 120, 4, changed, 9);
            let (all, _) = clustered(kind, &records, identity, Candidates::All);
            let (words, comparison) = clustered(kind, &records, identity, Candidates::Words);
            let missed = comparison.missed.unwrap();
            assert!(missed.alike > 100 && missed.apart.len() * 20 <= missed.alike, "{missed:?}");
            let differ = all.iter().zip(&words).filter(|(a, b)| a != b).count();
            assert!(differ * 20 < records.len(), "{differ} of {}", records.len());
        }
    }

    #[test]
    fn clusters_do_not_depend_on_the_number_of_threads() {
        let records = families(Molecule::Rna, 60, 5, 0.15, 11);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| clustered(Molecule::Rna, &records, 0.8, Candidates::Words))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn equal_sequences_are_one_and_an_odd_threshold_is_refused() {
        let id = |text: &str| RecordId::new(text).unwrap();
        let twins = ["a", "b"].map(|name| Record { id: id(name), sequence: b"NNNN".to_vec() });
        assert_eq!(clustered(Molecule::Rna, &twins, 1.0, Candidates::Auto).0, [0, 0]);
        let rule = ClusterRule {
            likeness: Likeness { identity: 80.0, coverage: 0.0 },
            candidates: Candidates::Auto,
        };
        let message = rule.cluster(Molecule::Rna, &twins).unwrap_err().to_string();
        assert!(message.contains("80 is not between 0.3 and 1"), "{message}");
    }
}
