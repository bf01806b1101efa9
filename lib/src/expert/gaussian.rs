//! Predicts affinities by a Gaussian process over what the molecules of pairs have in common.

use super::Descriptors;
use super::distinct::Distinct;
use crate::gp::{GaussianProcess, Likeness, Traits, Weights};
use crate::pair::{Side, Sides};
use crate::split::Regime;
use crate::{Error, Result};

/// The most pairs that a Gaussian process learns from here: a model that is read solves for them again.
pub const MOST: usize = 4096;

/// What a Gaussian process knows, and the process.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// The molecules of training.
    pub traits: Sides<Vec<Traits>>,
    /// The part of columns in the likeness of two molecules.
    pub of_columns: Sides<f64>,
    /// The known pairs, as places among these molecules.
    pub pairs: Vec<Sides<u32>>,
    /// Their labels.
    pub labels: Vec<f64>,
    /// The variance of a label around its pair's value, where a pair's own likeness is 2.
    pub noise: f64,
    likeness: Sides<Likeness>,
    process: GaussianProcess,
}

impl Gaussian {
    /// Learns from known pairs.
    ///
    /// # Errors
    /// Pairs without molecules or finite labels, and likenesses that contradict each other.
    pub fn new(
        traits: Sides<Vec<Traits>>,
        of_columns: Sides<f64>,
        pairs: Vec<Sides<u32>>,
        labels: Vec<f64>,
        noise: f64,
    ) -> Result<Self> {
        let likeness = Sides::of(|side: Side| Likeness::fit(&traits[side], of_columns[side]));
        let known = Sides::of(|side: Side| likeness[side].matrix(&traits[side], &traits[side]));
        let weights = Weights { noise, ..Weights::default() };
        let process = GaussianProcess::fit([&known.rna, &known.partner], &places(&pairs), &labels, weights)?;
        Ok(Self { traits, of_columns, pairs, labels, noise, likeness, process })
    }

    /// Learns from the pairs of a training part.
    pub(super) fn of(
        descriptors: &Sides<Descriptors>,
        pairs: &[Sides<u32>],
        labels: Vec<f64>,
        regime: Regime,
    ) -> Result<Self> {
        let distinct = Distinct::of(pairs);
        let traits = Sides::of(|side: Side| {
            distinct.molecules[side].iter().map(|&molecule| descriptors[side].traits(molecule)).collect()
        });
        let of_columns = Sides::of(|side: Side| descriptors[side].weight_of_columns());
        // Of molecules that are both new likenesses tell less.
        let noise = if regime == Regime::Both { 1.0 } else { Weights::default().noise };
        Self::new(traits, of_columns, distinct.pairs, labels, noise)
    }

    /// Gives the score of each pair: a number like the labels.
    ///
    /// # Errors
    /// Molecules described by other columns than those learnt from.
    pub fn scores(&self, descriptors: &Sides<Descriptors>, pairs: &[Sides<u32>]) -> Result<Vec<f64>> {
        let distinct = Distinct::of(pairs);
        let asked: Sides<Vec<Traits>> = Sides::of(|side: Side| {
            distinct.molecules[side].iter().map(|&molecule| descriptors[side].traits(molecule)).collect()
        });
        for side in Side::BOTH {
            let shape =
                |traits: &Traits| (traits.bags.len(), traits.blocks.iter().map(Vec::len).collect::<Vec<_>>());
            let known = self.traits[side].first().map(shape);
            if asked[side].first().is_some_and(|one| Some(shape(one)) != known) {
                let problem =
                    format!("the descriptors of the {} side are not those learnt from", side.name());
                return Err(Error::defect("experts", problem));
            }
        }
        let near = Sides::of(|side: Side| self.likeness[side].matrix(&asked[side], &self.traits[side]));
        self.process.means([&near.rna, &near.partner], &places(&distinct.pairs))
    }
}

fn places(pairs: &[Sides<u32>]) -> Vec<[usize; 2]> {
    pairs.iter().map(|pair| [pair.rna as usize, pair.partner as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::Block;
    use crate::expert::Named;
    use crate::record::{Digest, Molecule};

    fn descriptors(values: &[f32]) -> Descriptors {
        let digests = values.iter().map(|value| Digest::of(&value.to_le_bytes())).collect();
        let vectors: Vec<Vec<f32>> = values.iter().map(|&value| vec![value]).collect();
        let block = Named { block: Block { name: "physico".into(), columns: 0..1 }, built_in: true };
        Descriptors::new(Molecule::Protein, digests, &vectors, &[block])
    }

    #[test]
    fn near_pairs_tell_what_a_new_one_is_and_a_lone_one_hears_the_mean() {
        let all = Sides::of(|_| descriptors(&[0.0, 0.1, 1.0, 1.1, 30.0]));
        let train: Vec<Sides<u32>> = [0, 1, 2, 3].map(|m| Sides::new(m, m)).to_vec();
        let labels = vec![5.0, 5.2, 8.8, 9.0];
        let known = Gaussian::of(&all, &train, labels.clone(), Regime::Partner).unwrap();
        let found = known.scores(&all, &[Sides::new(0, 1), Sides::new(3, 2), Sides::new(4, 4)]).unwrap();
        assert!(found[0] < 6.5 && found[1] > 7.5, "{found:?}");
        assert!((found[2] - 7.0).abs() < 0.2, "{found:?}");
        let both = Gaussian::of(&all, &train, labels, Regime::Both).unwrap();
        assert_eq!((known.noise, both.noise), (0.3, 1.0));
        assert!(both.scores(&all, &[Sides::new(0, 1)]).unwrap()[0] > found[0]);
    }
}
