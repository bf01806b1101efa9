//! Makes the experts of a fold beside its network, and asks them.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};

use super::distinct::Distinct;
use super::draw::{Draw, Lines};
use super::gaussian::Gaussian;
use super::{Descriptors, Kind};
use crate::homology::{Homologs, Sequences};
use crate::pair::{Side, Sides, Task};
use crate::record::Digest;
use crate::rng::Rng;
use crate::split::{Regime, Together};
use crate::transfer::{Asked, Distances, Query, Relatives, Transfer};
use crate::trees::Trees;
use crate::{Error, Result};

/// The most draws whose trees are averaged, and the pairs of all draws together up to which there are several.
const DRAWS: usize = 5;
const PAIRS_OF_DRAWS: usize = 50_000;

/// Molecules and pairs that experts are asked about.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// What is known of each molecule.
    pub descriptors: &'a Sides<Descriptors>,
    /// The molecules of each pair.
    pub pairs: &'a [Sides<u32>],
    /// Further columns of each pair, and how many; none where there are 0.
    pub own: (&'a [f32], usize),
    /// The homologs of each molecule.
    pub kin: Kin<'a>,
}

/// Among whom the homologs of molecules were looked for.
#[derive(Debug, Clone, Copy)]
pub enum Kin<'a> {
    /// Among nobody: the sequences are not known.
    None,
    /// Among all molecules of either side.
    All(&'a Sides<Homologs>),
    /// Among the molecules that experts were trained on.
    Known(&'a Sides<Homologs>),
}

/// What experts learn from.
#[derive(Debug, Clone, Copy)]
pub struct Learn<'a> {
    /// What the labels are.
    pub task: Task,
    /// The label of each pair of the world.
    pub labels: &'a [f64],
    /// What test pairs are new in.
    pub regime: Regime,
    /// What is held out together, for each pair of the world.
    pub together: &'a Together,
    /// Whether transfer numbers are used.
    pub transfer: bool,
    /// Which experts are made, but for the network.
    pub kinds: &'a [Kind],
}

/// Known pairs, whose molecules are told by the digests of their sequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The molecules of training.
    pub molecules: Sides<Vec<Digest>>,
    /// Their distances, and the pairs with their labels.
    pub transfer: Transfer,
    /// Their sequences, where transfer numbers go by homology, too.
    pub sequences: Option<Sides<Sequences>>,
}

/// The trees of one fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Experts {
    /// The trees of each expert.
    pub trees: BTreeMap<Kind, Trees>,
    /// What transfer numbers are made of, where they are used.
    pub known: Option<Known>,
    /// The Gaussian process, where there is one.
    pub gaussian: Option<Gaussian>,
}

impl Known {
    fn of(world: &World<'_>, train: &[usize], labels: &[f64]) -> Self {
        let pairs: Vec<Sides<u32>> = train.iter().map(|&at| world.pairs[at]).collect();
        let Distinct { molecules: distinct, pairs } = Distinct::of(&pairs);
        let distances = Sides::of(|side| Distances::fit(&world.descriptors[side].blocks(), &distinct[side]));
        let labels = labels_of(labels, train);
        let digests = |side: Side| {
            let all = world.descriptors[side].molecules();
            distinct[side].iter().map(|&molecule| all[molecule as usize]).collect()
        };
        let sequences = match world.kin {
            Kin::None => None,
            _ => sequences(world.descriptors, &distinct),
        };
        let transfer = Transfer::new(distances, pairs, labels);
        Self { molecules: Sides::of(digests), transfer, sequences }
    }

    /// Gives how many transfer numbers a pair has.
    pub(super) fn width(&self) -> usize {
        self.transfer.width() + self.sequences.as_ref().map_or(0, |_| self.transfer.width_of_kin())
    }

    /// Gives the transfer numbers of pairs.
    pub(super) fn numbers(
        &self,
        world: &World<'_>,
        pairs: &[Sides<u32>],
        asked: &[Asked],
    ) -> Result<Vec<f32>> {
        let descriptors = world.descriptors;
        let blocks = Sides::of(|side| descriptors[side].blocks());
        for side in Side::BOTH {
            let known = self.transfer.distances()[side].blocks();
            let fits = known.len() == blocks[side].len()
                && known.iter().zip(&blocks[side]).all(|(known, block)| known.mean.len() == block.width);
            if !fits {
                return Err(strange(side.name()));
            }
        }
        let same = Sides::of(|side| {
            let places: HashMap<&Digest, u32> = self.molecules[side].iter().zip(0..).collect();
            descriptors[side].molecules().iter().map(|digest| places.get(digest).copied()).collect::<Vec<_>>()
        });
        let query = Sides::of(|side| Query { blocks: &blocks[side], same: &same[side] });
        let numbers = self.transfer.numbers(&query, pairs, asked);
        if self.sequences.is_none() {
            return Ok(numbers);
        }
        let homologs = Sides::try_of(|side: Side| among_known(world.kin, side, &same[side]))?;
        let kin = Sides::of(|side| Relatives { homologs: &homologs[side], same: &same[side] });
        let of_kin = self.transfer.numbers_of_kin(&kin, pairs, asked);
        let both = numbers
            .chunks(self.transfer.width())
            .zip(of_kin.chunks(self.transfer.width_of_kin()))
            .flat_map(|(numbers, of_kin)| numbers.iter().chain(of_kin).copied());
        Ok(both.collect())
    }
}

/// Gives the homologs of a side's molecules among those of training.
fn among_known<'a>(kin: Kin<'a>, side: Side, same: &[Option<u32>]) -> Result<Cow<'a, Homologs>> {
    let known = |some: &Vec<(u32, f32)>| {
        some.iter().filter_map(|&(other, alike)| Some((same[other as usize]?, alike))).collect()
    };
    match kin {
        Kin::All(all) => Ok(Cow::Owned(all[side].iter().map(known).collect())),
        Kin::Known(all) => Ok(Cow::Borrowed(&all[side])),
        Kin::None => Err(strange(side.name())),
    }
}

/// Gives the sequences of some molecules, if those of both sides are known.
fn sequences(descriptors: &Sides<Descriptors>, molecules: &Sides<Vec<u32>>) -> Option<Sides<Sequences>> {
    let some = |side: Side| Some(descriptors[side].sequences()?.some(&molecules[side]));
    Some(Sides::new(some(Side::Rna)?, some(Side::Partner)?))
}

impl Experts {
    /// Makes experts from some pairs of the world. Trees are the mean of several draws, of few pairs more than of many.
    ///
    /// # Errors
    /// Labels that a Gaussian process cannot learn from.
    pub fn fit(world: &World<'_>, learn: &Learn<'_>, train: &[usize], rng: &Rng) -> Result<Self> {
        Ok(Self::fit_and_ask(world, learn, train, &[], rng)?.0)
    }

    /// Makes experts from some pairs of the world, and gives what [`Experts::scores`] would of others: the molecules of both
    /// are measured once.
    ///
    /// # Errors
    /// Labels that a Gaussian process cannot learn from.
    pub fn fit_and_ask(
        world: &World<'_>,
        learn: &Learn<'_>,
        train: &[usize],
        asked: &[usize],
        rng: &Rng,
    ) -> Result<(Self, BTreeMap<Kind, Vec<f64>>)> {
        let makes = |kind: Kind| learn.kinds.contains(&kind);
        let mut made = Self { trees: BTreeMap::new(), known: None, gaussian: None };
        let mut numbers = Vec::new();
        if makes(Kind::Trees) || makes(Kind::Transfer) {
            made.known = learn.transfer.then(|| Known::of(world, train, learn.labels));
            let mut grown: BTreeMap<Kind, Vec<Trees>> = BTreeMap::new();
            for draw in 0..draws(train.len()) {
                let rng = rng.fork(&format!("draw {draw}"));
                let asked = if draw == 0 { asked } else { &[] };
                let seen = Draw::of(world, learn, train, asked, made.known.as_ref(), &rng)?;
                for (kind, trees) in seen.grow(world, learn, &rng) {
                    grown.entry(kind).or_default().push(trees);
                }
                if draw == 0 {
                    numbers = seen.asked;
                }
            }
            let mean = |(kind, all)| Trees::mean(all).map(|trees| (kind, trees));
            made.trees = grown.into_iter().filter_map(mean).collect();
        }
        if makes(Kind::Gp) {
            let pairs: Vec<Sides<u32>> = train.iter().map(|&at| world.pairs[at]).collect();
            let labels = labels_of(learn.labels, train);
            made.gaussian = Some(Gaussian::of(world.descriptors, &pairs, labels, learn.regime)?);
        }
        let scores = made.scores_with(world, asked, &numbers, &|_| true)?;
        Ok((made, scores))
    }

    /// Gives the score of every wanted expert for some pairs of the world: a logit, or a number like the labels.
    ///
    /// # Errors
    /// Descriptors of other widths than those learnt from.
    pub fn scores(
        &self,
        world: &World<'_>,
        pairs: &[usize],
        wanted: &dyn Fn(Kind) -> bool,
    ) -> Result<BTreeMap<Kind, Vec<f64>>> {
        let numbers = match &self.known {
            Some(known) if self.trees.keys().any(|&kind| wanted(kind)) => {
                let molecules: Vec<Sides<u32>> = pairs.iter().map(|&at| world.pairs[at]).collect();
                let asked = Asked { known: known.transfer.all(), places: (0..pairs.len()).collect() };
                known.numbers(world, &molecules, &[asked])?
            }
            _ => Vec::new(),
        };
        self.scores_with(world, pairs, &numbers, wanted)
    }

    /// Gives the scores of pairs with these transfer numbers.
    fn scores_with(
        &self,
        world: &World<'_>,
        pairs: &[usize],
        numbers: &[f32],
        wanted: &dyn Fn(Kind) -> bool,
    ) -> Result<BTreeMap<Kind, Vec<f64>>> {
        // The columns of trees, if one is asked.
        let lines = LazyCell::new(|| Lines::of(world, pairs, numbers));
        let gaussian = self.gaussian.as_ref().filter(|_| wanted(Kind::Gp)).map(|gaussian| {
            let molecules: Vec<Sides<u32>> = pairs.iter().map(|&at| world.pairs[at]).collect();
            gaussian.scores(world.descriptors, &molecules).map(|scores| (Kind::Gp, scores))
        });
        let scored = self.trees.iter().filter(|(kind, _)| wanted(**kind)).map(|(&kind, trees)| {
            let columns = lines.columns(kind);
            if columns.rows() > 0 && columns.width() != trees.columns {
                return Err(strange("trees"));
            }
            Ok((kind, if pairs.is_empty() { Vec::new() } else { trees.scores(&columns) }))
        });
        scored.chain(gaussian).collect()
    }
}

/// Takes the labels of some pairs, as they come back from a file.
fn labels_of(labels: &[f64], pairs: &[usize]) -> Vec<f64> {
    pairs.iter().map(|&at| f64::from(labels[at] as f32)).collect()
}

/// Counts the draws of inner folds, rows and columns whose trees are averaged.
fn draws(pairs: usize) -> usize {
    (PAIRS_OF_DRAWS / pairs.max(1)).clamp(1, DRAWS)
}

fn strange(what: &str) -> Error {
    Error::defect("experts", format!("the descriptors are not those that the model's {what} were fitted to"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::Block;
    use crate::expert::descriptors::Named;
    use crate::record::Molecule;

    const MOLECULES: usize = 12;

    fn descriptors(rng: &mut Rng, side: Side) -> Descriptors {
        let vector = |_| -> Vec<f32> { (0..4).map(|_| rng.uniform() as f32).collect() };
        let vectors: Vec<Vec<f32>> = (0..MOLECULES).map(vector).collect();
        let digests =
            (0..MOLECULES).map(|at| Digest::of(format!("{}{at}", side.name()).as_bytes())).collect();
        let blocks = [Named { block: Block { name: "rows".into(), columns: 0..4 }, built_in: false }];
        Descriptors::new(Molecule::Rna, digests, &vectors, &blocks)
    }

    #[test]
    fn only_the_experts_that_are_wanted_are_asked_and_say_the_same() {
        let mut rng = Rng::new(3);
        let descriptors = Sides::of(|side| descriptors(&mut rng, side));
        let count = MOLECULES * MOLECULES;
        let pairs: Vec<Sides<u32>> =
            (0..count as u32).map(|at| Sides::new(at / MOLECULES as u32, at % MOLECULES as u32)).collect();
        let world = World { descriptors: &descriptors, pairs: &pairs, own: (&[], 0), kin: Kin::None };
        let labels: Vec<f64> =
            pairs.iter().map(|pair| f64::from((pair.rna * 3 + pair.partner) % 5)).collect();
        let pair: Vec<u32> = (0..count as u32).collect();
        let together = Together {
            rna: pairs.iter().map(|pair| pair.rna).collect(),
            partner: pairs.iter().map(|pair| pair.partner).collect(),
            pair,
        };
        let learn = Learn {
            task: Task::Affinity,
            labels: &labels,
            regime: Regime::Pairs,
            together: &together,
            transfer: true,
            kinds: &[Kind::Trees, Kind::Transfer, Kind::Gp],
        };
        let (train, asked): (Vec<usize>, Vec<usize>) = (0..count).partition(|at| at % 4 != 0);
        let (experts, said) = Experts::fit_and_ask(&world, &learn, &train, &asked, &Rng::new(1)).unwrap();
        assert_eq!(experts.scores(&world, &asked, &|_| true).unwrap(), said);
        assert_eq!(said.len(), 3);
        for kind in [Kind::Trees, Kind::Transfer, Kind::Gp] {
            let one = experts.scores(&world, &asked, &|other| other == kind).unwrap();
            assert_eq!(one, BTreeMap::from([(kind, said[&kind].clone())]));
        }
        assert!(experts.scores(&world, &asked, &|kind| kind == Kind::Relay).unwrap().is_empty());
    }
}
