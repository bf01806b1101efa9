//! Sums the labels of known pairs over homologous molecules.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::numbers::{Asked, PRIOR, Transfer};
use crate::homology::Homologs;
use crate::pair::Sides;

use Kin::{Any, Homolog, Same};

/// How much a molecule of training counts for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kin {
    /// As much as the two are alike; 0 where they are no homologs.
    Homolog,
    /// 1 for itself, 0 for others.
    Same,
    /// 1.
    Any,
}

/// The weights of RNA and partner whose product weights each mean, and such as weight the odds.
const MEANS: [(Kin, Kin); 5] =
    [(Any, Homolog), (Same, Homolog), (Homolog, Any), (Homolog, Homolog), (Homolog, Same)];
const ODDS: [(Kin, Kin); 3] = [(Same, Homolog), (Homolog, Homolog), (Homolog, Same)];

/// The molecules of one side of the pairs that are asked about.
#[derive(Debug, Clone, Copy)]
pub struct Relatives<'a> {
    /// For each its homologs among the molecules of training.
    pub homologs: &'a Homologs,
    /// For each, which molecule of training it is, by its sequence.
    pub same: &'a [Option<u32>],
}

/// The sum of weighted labels, and that of the weights.
type Sum = [f64; 2];

/// Known pairs that some of those that ask are told of.
struct Told {
    /// By RNA.
    pairs: Vec<(u32, u32, f64)>,
    /// For each partner, over all of its RNAs.
    any: Vec<Sum>,
    mean: f64,
}

/// What is told of one RNA: for each partner of training the sums over its homologs, over itself, and over all RNAs.
struct Lines<'a> {
    homologs: Vec<Sum>,
    same: Vec<Sum>,
    any: &'a [Sum],
}

impl Transfer {
    /// Gives how many numbers [`Transfer::numbers_of_kin`] has of a pair: eight, or five where labels are not 0 and 1.
    pub fn width_of_kin(&self) -> usize {
        MEANS.len() + if self.has_odds() { ODDS.len() } else { 0 }
    }

    /// Gives further numbers of pairs, in the order of `pairs`: as [`Transfer::numbers`] does, and weighted by how alike two
    /// homologs are. Those of a pair that no `asked` names are 0.
    ///
    /// For classes the mean label over the known pairs, beyond that of all, of: homologs of the partner with any RNA, and with
    /// the same; of the RNA with any partner, with homologs of the partner, and with the same; then the logarithm of the odds
    /// of all of these but the first and the third.
    pub fn numbers_of_kin(
        &self,
        kin: &Sides<Relatives<'_>>,
        pairs: &[Sides<u32>],
        asked: &[Asked],
    ) -> Vec<f32> {
        let width = self.width_of_kin();
        let mut found = vec![0.0; pairs.len() * width];
        for Asked { known, places } in asked {
            let told = Told::of(self, known);
            let mut wanted: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for &place in places {
                wanted.entry(pairs[place].rna).or_default().push(place);
            }
            let wanted: Vec<_> = wanted.into_iter().collect();
            let of_rna = |(rna, places): &(u32, Vec<usize>)| {
                let lines = told.lines(&kin.rna.homologs[*rna as usize], kin.rna.same[*rna as usize]);
                let number = |&place: &usize| {
                    let partner = pairs[place].partner as usize;
                    let (homologs, same) = (&kin.partner.homologs[partner], kin.partner.same[partner]);
                    let sum = |(rna, partner)| lines.sum(rna, partner, homologs, same);
                    (place, told.numbers(sum))
                };
                places.iter().map(number).collect::<Vec<_>>()
            };
            let numbers: Vec<_> = wanted.par_iter().flat_map_iter(of_rna).collect();
            for (place, numbers) in numbers {
                found[place * width..][..width].copy_from_slice(&numbers[..width]);
            }
        }
        found
    }
}

impl Told {
    fn of(transfer: &Transfer, known: &[u32]) -> Self {
        let pair = |&at: &u32| {
            let pair = transfer.pairs()[at as usize];
            (pair.rna, pair.partner, transfer.labels()[at as usize])
        };
        let mut pairs: Vec<(u32, u32, f64)> = known.iter().map(pair).collect();
        pairs.sort_by_key(|&(rna, ..)| rna);
        let mut any = vec![Sum::default(); transfer.distances().partner.molecules()];
        for &(_, partner, label) in &pairs {
            add(&mut any[partner as usize], 1.0, [label, 1.0]);
        }
        let sum: f64 = pairs.iter().map(|&(.., label)| label).sum();
        Self { any, mean: sum / (pairs.len() as f64).max(1.0), pairs }
    }

    fn lines(&self, homologs: &[(u32, f32)], same: Option<u32>) -> Lines<'_> {
        let over = |some: &mut dyn Iterator<Item = (u32, f32)>| {
            let mut sums = vec![Sum::default(); self.any.len()];
            for (rna, weight) in some {
                let from = self.pairs.partition_point(|&(other, ..)| other < rna);
                for &(_, partner, label) in self.pairs[from..].iter().take_while(|pair| pair.0 == rna) {
                    add(&mut sums[partner as usize], f64::from(weight), [label, 1.0]);
                }
            }
            sums
        };
        Lines {
            homologs: over(&mut homologs.iter().copied()),
            same: over(&mut same.map(|same| (same, 1.0)).into_iter()),
            any: &self.any,
        }
    }

    fn numbers(&self, sum: impl Fn((Kin, Kin)) -> Sum) -> [f32; MEANS.len() + ODDS.len()] {
        let mut numbers = [0.0; MEANS.len() + ODDS.len()];
        for (number, kin) in numbers.iter_mut().zip(MEANS) {
            let [labels, weights] = sum(kin);
            *number = ((labels + self.mean) / (weights + 1.0) - self.mean) as f32;
        }
        for (number, kin) in numbers[MEANS.len()..].iter_mut().zip(ODDS) {
            let [positive, all] = sum(kin);
            *number = ((positive + PRIOR) / ((all - positive).max(0.0) + PRIOR)).ln() as f32;
        }
        numbers
    }
}

impl Lines<'_> {
    fn sum(&self, rna: Kin, partner: Kin, homologs: &[(u32, f32)], same: Option<u32>) -> Sum {
        let line = match rna {
            Homolog => &self.homologs[..],
            Same => &self.same,
            Any => self.any,
        };
        let mut sum = Sum::default();
        match partner {
            Homolog => homologs.iter().for_each(|&(at, w)| add(&mut sum, f64::from(w), line[at as usize])),
            Same => same.iter().for_each(|&at| sum = line[at as usize]),
            Any => line.iter().for_each(|&more| add(&mut sum, 1.0, more)),
        }
        sum
    }
}

fn add(sum: &mut Sum, weight: f64, more: Sum) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += weight * more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::Side;
    use crate::rng::Rng;
    use crate::transfer::Distances;

    const MOLECULES: u32 = 9;

    /// Known pairs of molecules, of which each has some homologs.
    fn set(labels: fn(Sides<u32>) -> f64) -> (Transfer, Sides<Homologs>, Sides<Vec<Option<u32>>>) {
        let mut rng = Rng::new(4);
        let pair = |_| Sides::of(|_| rng.below(MOLECULES as usize) as u32);
        let pairs: Vec<Sides<u32>> = (0..50).map(pair).collect();
        let labels = pairs.iter().map(|&pair| labels(pair)).collect();
        let all: Vec<u32> = (0..MOLECULES).collect();
        let transfer = Transfer::new(Sides::of(|_| Distances::fit(&[], &all)), pairs, labels);
        let homologs = Sides::of(|_| {
            let of = |at: u32| {
                let some = (0..MOLECULES).filter(|other| (at * 5 + other).is_multiple_of(3));
                some.map(|other| (other, rng.uniform() as f32)).collect()
            };
            (0..=MOLECULES).map(of).collect()
        });
        // The last is new.
        let same = Sides::of(|_| (0..=MOLECULES).map(|at| (at < MOLECULES).then_some(at)).collect());
        (transfer, homologs, same)
    }

    #[test]
    fn the_numbers_are_those_of_their_definition() {
        let (transfer, homologs, same) = set(|pair| f64::from((pair.rna * 7 + pair.partner) % 2));
        let kin = Sides::of(|side| Relatives { homologs: &homologs[side], same: &same[side] });
        let asked_about = [Sides::new(2, 9), Sides::new(9, 4), Sides::new(3, 3), Sides::new(0, 0)];
        let known: Vec<u32> = (5..45).collect();
        let asked = Asked { known: known.clone(), places: vec![0, 1, 2] };
        let found = transfer.numbers_of_kin(&kin, &asked_about, &[asked]);
        assert_eq!((transfer.width_of_kin(), found.len()), (8, 32));
        assert!(found[24..].iter().all(|&number| number == 0.0));
        let base = known.iter().map(|&at| transfer.labels()[at as usize]).sum::<f64>() / 40.0;
        for (pair, found) in asked_about.iter().zip(found.chunks(8)).take(3) {
            let weight = |kin: Kin, side: Side, other: u32| match kin {
                Homolog => {
                    let of = homologs[side][pair[side] as usize].iter();
                    of.filter(|one| one.0 == other).map(|one| f64::from(one.1)).sum()
                }
                Same => f64::from(u8::from(pair[side] == other)),
                Any => 1.0,
            };
            let sum = |(rna, partner): (Kin, Kin), class: fn(f64) -> f64| -> f64 {
                let each = known.iter().map(|&at| {
                    let other = transfer.pairs()[at as usize];
                    let weight =
                        weight(rna, Side::Rna, other.rna) * weight(partner, Side::Partner, other.partner);
                    weight * class(transfer.labels()[at as usize])
                });
                each.sum()
            };
            let mean = |kin| (sum(kin, |y| y) + base) / (sum(kin, |_| 1.0) + 1.0) - base;
            let odds = |kin| ((sum(kin, |y| y) + 0.05) / (sum(kin, |y| 1.0 - y) + 0.05)).ln();
            for (found, wanted) in found.iter().zip(MEANS.map(mean).into_iter().chain(ODDS.map(odds))) {
                assert!((f64::from(*found) - wanted).abs() < 1e-5, "{pair:?} {found} {wanted}");
            }
        }
    }

    #[test]
    fn affinities_have_no_odds_and_nothing_known_says_nothing() {
        let (transfer, homologs, same) = set(|pair| f64::from(pair.rna) / 3.0);
        let kin = Sides::of(|side| Relatives { homologs: &homologs[side], same: &same[side] });
        let asked = Asked { known: Vec::new(), places: vec![0] };
        assert_eq!(transfer.numbers_of_kin(&kin, &[Sides::new(2, 2)], &[asked]), [0.0; 5]);
    }
}
