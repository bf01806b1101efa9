//! Holds what trees, distances and likenesses read of whole molecules.

use std::ops::Range;

use super::traits::traits_of;
use crate::encoder::Block as Stretch;
use crate::gp::Traits;
use crate::homology::Sequences;
use crate::record::{Digest, Molecule};
use crate::transfer::Block;

/// Blocks of the built-in encoder that the trees read, and that distances are measured by; the others add nothing that
/// could be told from noise in cross-validation inside training parts.
const OF_RNA: (&[&str], &[&str]) = (&["3-mers", "length", "content"], &["3-mers", "4-mers", "gapped"]);
const OF_PROTEIN: (&[&str], &[&str]) = (
    &["composition", "triads", "length", "autocovariance", "place", "physico", "motif"],
    &["composition", "triads", "autocovariance", "physico", "place"],
);
const OF_MOLECULE: (&[&str], &[&str]) = (
    &[
        "tokens",
        "token pairs",
        "token triples",
        "counts",
        "atoms",
        "environments of radius 1",
        "environments of radius 2",
        "length",
    ],
    &[
        "tokens",
        "token pairs",
        "token triples",
        "counts",
        "environments of radius 1",
        "environments of radius 2",
    ],
);

/// A block of the joined vectors of a side, and whether the built-in encoder made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The block.
    pub block: Stretch,
    /// Whether its name is one of the built-in encoder's.
    pub built_in: bool,
}

/// The descriptors of all molecules of one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptors {
    molecules: Vec<Digest>,
    columns: Vec<f32>,
    width: usize,
    blocks: Vec<(usize, Vec<f32>)>,
    /// What a Gaussian process compares, where it is more than the blocks.
    traits: Option<(Vec<Traits>, f64)>,
    sequences: Option<Sequences>,
}

impl Descriptors {
    /// Takes the vectors of molecules, one after the other, and what their blocks are called. Of the built-in encoder the
    /// blocks of the recipe are read, or all where a store has none of these; of any other store all.
    pub fn new(kind: Molecule, molecules: Vec<Digest>, vectors: &[Vec<f32>], blocks: &[Named]) -> Self {
        let (columns, distances) = match kind {
            Molecule::Rna => OF_RNA,
            Molecule::Protein => OF_PROTEIN,
            Molecule::SmallMolecule => OF_MOLECULE,
        };
        let some = |wanted: &[&str]| -> Vec<Range<usize>> {
            let is_wanted = |named: &&Named| !named.built_in || wanted.contains(&named.block.name.as_str());
            let found: Vec<_> =
                blocks.iter().filter(is_wanted).map(|named| named.block.columns.clone()).collect();
            if found.is_empty() {
                blocks.iter().map(|named| named.block.columns.clone()).collect()
            } else {
                found
            }
        };
        let take = |ranges: &[Range<usize>]| {
            vectors
                .iter()
                .flat_map(|vector| ranges.iter().flat_map(|range| vector[range.clone()].to_vec()))
                .collect()
        };
        let columns = some(columns);
        Self {
            width: columns.iter().map(Range::len).sum(),
            columns: take(&columns),
            blocks: some(distances).into_iter().map(|range| (range.len(), take(&[range]))).collect(),
            traits: traits_of(kind, vectors, blocks),
            sequences: None,
            molecules,
        }
    }

    /// Adds the sequences, where they are known.
    #[must_use]
    pub fn with_sequences(mut self, sequences: Option<Sequences>) -> Self {
        self.sequences = sequences;
        self
    }

    /// Gives the sequences, where they are known.
    pub const fn sequences(&self) -> Option<&Sequences> {
        self.sequences.as_ref()
    }

    /// Gives the digests of the molecules' sequences.
    pub fn molecules(&self) -> &[Digest] {
        &self.molecules
    }

    /// Gives the columns of the trees, molecule by molecule, and how many there are.
    pub fn columns(&self) -> (&[f32], usize) {
        (&self.columns, self.width)
    }

    /// Gives what a Gaussian process compares a molecule by: counts and columns of RNA and of small molecules, and the
    /// blocks of distances of others.
    pub fn traits(&self, molecule: u32) -> Traits {
        let at = molecule as usize;
        if let Some((traits, _)) = &self.traits {
            return traits[at].clone();
        }
        let row = |(width, values): &(usize, Vec<f32>)| values[at * width..][..*width].to_vec();
        Traits { bags: Vec::new(), blocks: self.blocks.iter().map(row).collect() }
    }

    /// Gives the part of columns in the likeness of two molecules; the rest is of counts.
    pub fn weight_of_columns(&self) -> f64 {
        self.traits.as_ref().map_or(1.0, |(_, part)| *part)
    }

    /// Gives the blocks by which distances are measured.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        self.blocks.iter().map(|(width, values)| Block { values, width: *width }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, columns: Range<usize>, built_in: bool) -> Named {
        Named { block: Stretch { name: name.into(), columns }, built_in }
    }

    #[test]
    fn the_recipe_reads_its_blocks_and_everything_of_other_stores() {
        let vectors = vec![vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![6.0, 7.0, 8.0, 9.0, 10.0]];
        let digests = vec![Digest::of(b"A"), Digest::of(b"C")];
        let blocks = [
            named("3-mers", 0..1, true),
            named("length", 1..2, true),
            named("4-mers", 2..3, true),
            named("esm2", 3..5, false),
        ];
        let found = Descriptors::new(Molecule::Rna, digests.clone(), &vectors, &blocks);
        assert_eq!(found.columns(), (&[1.0, 2.0, 4.0, 5.0, 6.0, 7.0, 9.0, 10.0][..], 4));
        let widths: Vec<usize> = found.blocks().iter().map(|block| block.width).collect();
        assert_eq!(widths, [1, 1, 2]);
        // A store that knows none of these names is read whole.
        let other = Descriptors::new(Molecule::Rna, digests, &vectors, &[named("kmer", 0..5, true)]);
        assert_eq!((other.columns().1, other.blocks().len()), (5, 1));
    }
}
