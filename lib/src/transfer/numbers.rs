//! Turns sums over known pairs into the numbers of a pair.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::distance::TOGETHER;
use super::sums::{Kernel, Sums, Told, Weights, kernels};
use super::{Block, Distances};
use crate::pair::{Side, Sides};

use Kernel::{Any, Near, Same, Wide};

/// What the numbers of a pair tell, in their order: the mean label of the known pairs, beyond that of all, weighted by how
/// near their molecules are; at last, for labels 0 and 1, the logarithm of the odds. `near` is exp(−8 d), `wide` exp(−3 d).
pub const NAMES: [&str; 13] = [
    "rna near",
    "rna near, partner near",
    "rna near, partner wide",
    "rna wide, partner wide",
    "partner near",
    "partner wide",
    "rna same",
    "partner same",
    "rna same, partner near",
    "rna same, partner wide",
    "rna near, partner same",
    "odds: rna near, partner near",
    "odds: rna near, partner wide",
];

/// The kernels of RNA and partner whose product weights each mean.
const MEANS: [(Kernel, Kernel); 11] = [
    (Near, Any),
    (Near, Near),
    (Near, Wide),
    (Wide, Wide),
    (Any, Near),
    (Any, Wide),
    (Same, Any),
    (Any, Same),
    (Same, Near),
    (Same, Wide),
    (Near, Same),
];
/// Those that weight the odds.
const ODDS: [(Kernel, Kernel); 2] = [(Near, Near), (Near, Wide)];
/// What is added to either class.
pub(super) const PRIOR: f64 = 0.05;
/// Molecules of the second side whose kernels are held at a time.
const HELD: usize = 4096;

/// Known pairs of molecules of training.
///
/// ```
/// use crossmamba::pair::Sides;
/// use crossmamba::transfer::{Asked, Block, Distances, Query, Transfer};
///
/// let values = [0.0, 0.1, 5.0, 5.1];
/// let blocks = [Block { values: &values, width: 1 }];
/// let distances = Sides::of(|_| Distances::fit(&blocks, &[0, 2]));
/// let transfer = Transfer::new(distances, vec![Sides::new(0, 0), Sides::new(1, 1)], vec![1.0, 0.0]);
/// // Molecule 1 is new, and like molecule 0.
/// let same = [Some(0), None, Some(1), None];
/// let query = Sides::of(|_| Query { blocks: &blocks, same: &same });
/// let asked = Asked { known: vec![0, 1], places: vec![0] };
/// let found = transfer.numbers(&query, &[Sides::new(1, 1)], &[asked]);
/// assert!(found.len() == transfer.width() && found[0] > 0.2);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    distances: Sides<Distances>,
    pairs: Vec<Sides<u32>>,
    labels: Vec<f64>,
}

/// The molecules of one side of the pairs that are asked about.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Their columns, in the blocks of the distances.
    pub blocks: &'a [Block<'a>],
    /// For each, which molecule of training it is, by its sequence.
    pub same: &'a [Option<u32>],
}

/// Pairs that are told of the same known pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The known pairs that are told of, by number, each once.
    pub known: Vec<u32>,
    /// The places of the pairs in the list.
    pub places: Vec<usize>,
}

/// The kernels of molecules of the second side, molecule by molecule.
struct Held {
    near: Vec<f32>,
    wide: Vec<f32>,
    /// Molecules of training.
    known: usize,
}

impl Transfer {
    /// Takes the distances to the molecules of training, and pairs of these with their labels: 0 and 1, or numbers.
    ///
    /// # Panics
    /// Not one label per pair, or a pair of molecules that there are not.
    pub fn new(distances: Sides<Distances>, pairs: Vec<Sides<u32>>, labels: Vec<f64>) -> Self {
        assert_eq!(pairs.len(), labels.len(), "a known pair has one label");
        for side in Side::BOTH {
            let count = distances[side].molecules();
            assert!(pairs.iter().all(|pair| (pair[side] as usize) < count), "a pair of no known molecule");
        }
        Self { distances, pairs, labels }
    }

    /// Gives how many numbers a pair has: all [`NAMES`], or, where labels are not 0 and 1, those that are no odds.
    pub fn width(&self) -> usize {
        if self.has_odds() { NAMES.len() } else { MEANS.len() }
    }

    pub(super) fn has_odds(&self) -> bool {
        self.labels.iter().all(|&label| label == 0.0 || label == 1.0)
    }

    /// Gives the distances of either side.
    pub const fn distances(&self) -> &Sides<Distances> {
        &self.distances
    }

    /// Gives the known pairs.
    pub fn pairs(&self) -> &[Sides<u32>] {
        &self.pairs
    }

    /// Gives the labels of the known pairs.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// Lists all known pairs.
    pub fn all(&self) -> Vec<u32> {
        (0..self.pairs.len() as u32).collect()
    }

    /// Gives the numbers of pairs, [`width`](Self::width) of each, in the order of `pairs`; those of a pair that no
    /// `asked` names are 0. The numbers of a pair depend on it and the known pairs alone.
    ///
    /// Memory grows with the known molecules of one side, not with pairs known or asked about.
    pub fn numbers(&self, query: &Sides<Query<'_>>, pairs: &[Sides<u32>], asked: &[Asked]) -> Vec<f32> {
        // The side of fewer known molecules comes second, as every pair costs a sum over these.
        let first = if self.distances.rna.molecules() >= self.distances.partner.molecules() {
            Side::Rna
        } else {
            Side::Partner
        };
        let told = self.told(asked, first);
        let mut seconds: Vec<u32> = pairs.iter().map(|pair| pair[first.other()]).collect();
        seconds.sort_unstable();
        seconds.dedup();
        let width = self.width();
        let mut found = vec![0.0; pairs.len() * width];
        for held in seconds.chunks(HELD) {
            let kernels = self.held(query, first.other(), held);
            // By molecule of the first side and by what is known: the pair's place, and its second molecule's.
            let mut wanted: BTreeMap<u32, Vec<(usize, usize, usize)>> = BTreeMap::new();
            for (number, asked) in asked.iter().enumerate() {
                for &place in &asked.places {
                    if let Ok(at) = held.binary_search(&pairs[place][first.other()]) {
                        wanted.entry(pairs[place][first]).or_default().push((number, place, at));
                    }
                }
            }
            let wanted: Vec<_> = wanted.into_iter().collect();
            let same = &query[first.other()].same;
            let second = |at: usize| kernels.of(at, same[held[at] as usize]);
            let count = self.distances[first].molecules();
            let lines: Vec<Vec<(usize, [f32; 13])>> = wanted
                .par_chunks(TOGETHER)
                .flat_map_iter(|some| {
                    let molecules: Vec<u32> = some.iter().map(|(molecule, _)| *molecule).collect();
                    let distances = self.distances[first].rows(query[first].blocks, &molecules);
                    let each = |(number, (molecule, wanted)): (usize, &(u32, Vec<_>))| {
                        let distances = &distances[number * count..][..count];
                        let same = query[first].same[*molecule as usize];
                        of_molecule(distances, same, first, wanted, &told, second)
                    };
                    some.iter().enumerate().map(each).collect::<Vec<_>>()
                })
                .collect();
            for (place, numbers) in lines.into_iter().flatten() {
                found[place * width..][..width].copy_from_slice(&numbers[..width]);
            }
        }
        found
    }

    fn told(&self, asked: &[Asked], first: Side) -> Told {
        let pairs = self.pairs.iter().zip(&self.labels);
        let pairs: Vec<_> = pairs.map(|(pair, &label)| (pair[first], pair[first.other()], label)).collect();
        let asked: Vec<&[u32]> = asked.iter().map(|asked| &asked.known[..]).collect();
        Told::new(&pairs, &asked, self.distances[first.other()].molecules())
    }

    fn held(&self, query: &Sides<Query<'_>>, side: Side, molecules: &[u32]) -> Held {
        let distances = self.distances[side].rows(query[side].blocks, molecules);
        let (near, wide) = distances.into_par_iter().map(kernels).map(|[n, w]| (n as f32, w as f32)).unzip();
        Held { near, wide, known: self.distances[side].molecules() }
    }
}

impl Held {
    fn of(&self, at: usize, same: Option<u32>) -> Weights<'_> {
        let range = at * self.known..(at + 1) * self.known;
        Weights { near: &self.near[range.clone()], wide: &self.wide[range], same }
    }
}

/// Gives the numbers of the pairs of one molecule at these distances, with their places.
fn of_molecule<'a>(
    distances: &[f32],
    same: Option<u32>,
    first: Side,
    wanted: &[(usize, usize, usize)],
    told: &Told,
    second: impl Fn(usize) -> Weights<'a>,
) -> Vec<(usize, [f32; 13])> {
    let kernels: Vec<[f64; 2]> = distances.iter().copied().map(kernels).collect();
    let mut found = Vec::with_capacity(wanted.len());
    let mut made = told.none_made();
    for wanted in wanted.chunk_by(|a, b| a.0 == b.0) {
        let by = wanted[0].0;
        let lines = told.lines(by, &kernels, same, &mut made);
        for &(_, place, at) in wanted {
            found.push((place, numbers(&lines.sums(second(at)), first, told.mean(by))));
        }
    }
    found
}

fn numbers(sums: &Sums, first: Side, base: f64) -> [f32; 13] {
    let sum = |(rna, partner): (Kernel, Kernel)| match first {
        Side::Rna => sums.of(rna, partner),
        Side::Partner => sums.of(partner, rna),
    };
    let mut numbers = [0.0; 13];
    for (number, kernels) in numbers.iter_mut().zip(MEANS) {
        let [labels, weights] = sum(kernels);
        *number = ((labels + base) / (weights + 1.0) - base) as f32;
    }
    for (number, kernels) in numbers[MEANS.len()..].iter_mut().zip(ODDS) {
        let [positive, all] = sum(kernels);
        *number = ((positive + PRIOR) / ((all - positive).max(0.0) + PRIOR)).ln() as f32;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    struct Set {
        values: Sides<Vec<f32>>,
        pairs: Vec<Sides<u32>>,
        labels: Vec<f64>,
    }

    fn set(rnas: usize, partners: usize, pairs: usize) -> Set {
        let mut rng = Rng::new(2);
        let mut values = Sides::new(vec![0.0; rnas * 3], vec![0.0; partners * 3]);
        for side in Side::BOTH {
            rng.fill_normal(&mut values[side]);
        }
        let mut draw = |count: usize| rng.below(count) as u32;
        let pairs: Vec<_> = (0..pairs).map(|_| Sides::new(draw(rnas), draw(partners))).collect();
        let labels = pairs.iter().map(|pair| f64::from((pair.rna * 7 + pair.partner) % 2)).collect();
        Set { values, pairs, labels }
    }

    fn ask(set: &Set, transfer: &Transfer, known: &[u32], places: &[usize]) -> Vec<f32> {
        ask_all(set, transfer, &[Asked { known: known.to_vec(), places: places.to_vec() }])
    }

    fn ask_all(set: &Set, transfer: &Transfer, asked: &[Asked]) -> Vec<f32> {
        let blocks = set.values.as_ref().map(|values| [Block { values, width: 3 }]);
        let same = blocks.map(|[block]| (0..block.values.len() as u32 / 3).map(Some).collect::<Vec<_>>());
        let query = Sides::of(|side| Query { blocks: &blocks[side], same: &same[side] });
        transfer.numbers(&query, &set.pairs, asked)
    }

    fn transfer(set: &Set, labels: Vec<f64>) -> Transfer {
        let distances = Sides::of(|side| {
            let values = &set.values[side];
            let all: Vec<u32> = (0..values.len() as u32 / 3).collect();
            Distances::fit(&[Block { values, width: 3 }], &all)
        });
        Transfer::new(distances, set.pairs.clone(), labels)
    }

    /// Sums over pairs one by one, as the numbers are defined.
    fn defined(set: &Set, transfer: &Transfer, known: &[u32], place: usize) -> Vec<f64> {
        let pair = set.pairs[place];
        let weight = |kernel: Kernel, side: Side, other: u32| {
            let blocks = [Block { values: &set.values[side], width: 3 }];
            let distance = f64::from(transfer.distances()[side].rows(&blocks, &[pair[side]])[other as usize]);
            match kernel {
                Near => (-8.0 * distance).exp(),
                Wide => (-3.0 * distance).exp(),
                Same => f64::from(u8::from(pair[side] == other)),
                Any => 1.0,
            }
        };
        let sum = |(rna, partner): (Kernel, Kernel), class: fn(f64) -> f64| -> f64 {
            let each = known.iter().map(|&at| {
                let other = set.pairs[at as usize];
                let weight =
                    weight(rna, Side::Rna, other.rna) * weight(partner, Side::Partner, other.partner);
                weight * class(transfer.labels()[at as usize])
            });
            each.sum()
        };
        let base = known.iter().map(|&at| transfer.labels()[at as usize]).sum::<f64>() / known.len() as f64;
        let mean = |kernels| (sum(kernels, |y| y) + base) / (sum(kernels, |_| 1.0) + 1.0) - base;
        let odds = |kernels| ((sum(kernels, |y| y) + 0.05) / (sum(kernels, |y| 1.0 - y) + 0.05)).ln();
        MEANS.map(mean).into_iter().chain(ODDS.map(odds)).collect()
    }

    #[test]
    fn the_numbers_are_those_of_their_definition_whichever_side_is_larger() {
        for (rnas, partners) in [(9, 14), (14, 9)] {
            let set = set(rnas, partners, 60);
            let transfer = transfer(&set, set.labels.clone());
            let known: Vec<u32> = (0..40).collect();
            let places: Vec<usize> = (35..60).collect();
            let found = ask(&set, &transfer, &known, &places);
            assert!(found[..35 * 13].iter().all(|&number| number == 0.0));
            for &place in &places {
                let numbers = &found[place * 13..][..13];
                for (number, defined) in numbers.iter().zip(defined(&set, &transfer, &known, place)) {
                    assert!((f64::from(*number) - defined).abs() < 1e-5, "{numbers:?} {defined}");
                }
            }
        }
    }

    #[test]
    fn who_is_told_of_other_pairs_gets_other_numbers_of_the_same_molecules() {
        let set = set(9, 14, 60);
        let transfer = transfer(&set, set.labels.clone());
        // Overlapping, one within another, one of nothing; pair 59 is told to nobody.
        let asked = [(0..40, 40..48), (20..59, 0..8), (25..30, 8..16), (0..0, 16..20)].map(
            |(known, places): (std::ops::Range<u32>, std::ops::Range<usize>)| Asked {
                known: known.collect(),
                places: places.collect(),
            },
        );
        let found = ask_all(&set, &transfer, &asked);
        for Asked { known, places } in &asked {
            for &place in places {
                let numbers = &found[place * 13..][..13];
                for (number, alone) in
                    numbers.iter().zip(ask(&set, &transfer, known, &[place])[place * 13..].iter())
                {
                    assert!((number - alone).abs() < 1e-6, "{place}: {number} {alone}");
                }
            }
        }
    }

    #[test]
    fn numbers_depend_on_neither_the_other_pairs_asked_about_nor_the_number_of_threads() {
        let set = set(30, 20, 300);
        let transfer = transfer(&set, set.labels.clone());
        let known: Vec<u32> = (0..200).collect();
        let places: Vec<usize> = (200..300).collect();
        let all = ask(&set, &transfer, &known, &places);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| ask(&set, &transfer, &known, &places)), all);
        let alone = ask(&set, &transfer, &known, &[250]);
        assert_eq!(alone[250 * 13..251 * 13], all[250 * 13..251 * 13]);
    }

    #[test]
    fn affinities_have_no_odds_and_nothing_known_says_nothing() {
        let set = set(5, 5, 20);
        let transfer = transfer(&set, (0..20).map(|i| 4.0 + 0.1 * f64::from(i)).collect());
        assert_eq!(transfer.width(), 11);
        assert_eq!(ask(&set, &transfer, &[], &[3]), [0.0; 20 * 11]);
        assert!(ask(&set, &transfer, &[0, 1, 2], &[3]).iter().all(|number| number.is_finite()));
    }
}
