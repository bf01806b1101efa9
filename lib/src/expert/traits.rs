//! Finds in the vectors of the built-in encoder what molecules are compared by.

use std::ops::Range;

use super::Named;
use crate::encoder::Bag;
use crate::gp::{Likeness, Traits};
use crate::record::Molecule;

/// The k-mers of RNA that are counted; [`Traits::rna`] counts 5-mers, too, which no store has.
const KMERS: [(&str, usize); 3] = [("2-mers", 2), ("3-mers", 3), ("4-mers", 4)];
const RNA: [&str; 4] = ["2-mers", "3-mers", "content", "length"];
/// Fingerprints; stores of the first version have environments alone.
const FINGERPRINTS: [&str; 3] = ["circular", "functional", "atom pairs"];
const ENVIRONMENTS: [&str; 3] = ["atoms", "environments of radius 1", "environments of radius 2"];
const SMALL_MOLECULE: [&str; 1] = ["counts"];

/// Gives the traits of molecules from their vectors, and the part of columns in their likeness; nothing of proteins, and of
/// stores that do not know the blocks.
pub(super) fn traits_of(
    kind: Molecule,
    vectors: &[Vec<f32>],
    blocks: &[Named],
) -> Option<(Vec<Traits>, f64)> {
    let find = |name: &str| -> Option<Range<usize>> {
        let built_in = blocks.iter().find(|named| named.built_in && named.block.name == name);
        built_in.map(|named| named.block.columns.clone())
    };
    let all = |names: &[&str]| -> Vec<Range<usize>> { names.iter().filter_map(|name| find(name)).collect() };
    let (part, columns) = match kind {
        Molecule::Rna => (Likeness::RNA_COLUMNS, all(&RNA)),
        Molecule::SmallMolecule => (Likeness::MOLECULE_COLUMNS, all(&SMALL_MOLECULE)),
        Molecule::Protein => return None,
    };
    let length = find("length")?;
    let fingerprints = all(&FINGERPRINTS);
    let bags = |vector: &[f32]| -> Vec<Bag> {
        if kind == Molecule::Rna {
            let length = (f64::from(vector[length.start]) * 4.0).exp();
            let bag = |(name, k): (&str, usize)| {
                // The number of places where a k-mer can stand.
                let places = (length - k as f64 + 1.0).max(0.0);
                Some(counts(&vector[find(name)?], |share| share * places))
            };
            KMERS.into_iter().filter_map(bag).collect()
        } else if fingerprints.is_empty() {
            let joined: Vec<f32> =
                all(&ENVIRONMENTS).into_iter().flat_map(|range| vector[range].to_vec()).collect();
            vec![counts(&joined, f64::exp_m1)]
        } else {
            fingerprints.iter().map(|range| counts(&vector[range.clone()], f64::exp_m1)).collect()
        }
    };
    let of = |vector: &Vec<f32>| Traits {
        bags: bags(vector),
        blocks: columns.iter().map(|range| vector[range.clone()].to_vec()).collect(),
    };
    Some((vectors.iter().map(of).collect(), part))
}

/// Takes back how often things occur from the values that a store holds.
fn counts(values: &[f32], count: impl Fn(f64) -> f64) -> Bag {
    Bag::from_counts((0..).zip(values.iter().map(|&value| count(f64::from(value)).round().max(0.0) as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::{Encoder as _, Fingerprints, Kmer, blocks};
    use crate::record::{Record, RecordId};
    use crate::store::{Dtype, TokenRule};

    fn read(encoder: &Kmer, kind: Molecule, sequence: &str) -> Traits {
        let record = Record { id: RecordId::new("x").unwrap(), sequence: sequence.into() };
        let vector = encoder.encode(&[&record]).unwrap().remove(0).embedding.global;
        let blocks = blocks(&encoder.manifest(Dtype::F32)).into_iter();
        let blocks: Vec<Named> = blocks.map(|block| Named { block, built_in: true }).collect();
        traits_of(kind, &[vector], &blocks).unwrap().0.remove(0)
    }

    #[test]
    fn counts_come_back_from_a_store() {
        let sequence = "GGCACUUCGGUGCCAUCGNAUGG";
        let (kind, rule) = (Molecule::Rna, TokenRule::Pooled);
        let (found, wanted) =
            (read(&Kmer::new(kind, rule), kind, sequence), Traits::rna(sequence.as_bytes()));
        assert_eq!(found.bags, wanted.bags[..3]);
        let columns = |traits: Traits| {
            let mut blocks = traits.blocks;
            blocks.sort_by_key(Vec::len);
            blocks
        };
        assert_eq!(columns(found), columns(wanted.clone()));
        // The first version counts no 4-mers.
        assert_eq!(read(&Kmer::first(kind, rule), kind, sequence).bags, wanted.bags[..2]);
    }

    #[test]
    fn fingerprints_come_back_in_buckets() {
        let smiles = "CC(=O)Oc1ccccc1C(=O)O";
        let (kind, rule) = (Molecule::SmallMolecule, TokenRule::Pooled);
        let found = read(&Kmer::new(kind, rule), kind, smiles);
        let all = Fingerprints::read(smiles).unwrap();
        let totals = |bags: &[Bag]| bags.iter().map(Bag::total).collect::<Vec<_>>();
        assert_eq!(totals(&found.bags), all.bags().map(Bag::total));
        assert_eq!(
            found.bags[0].counts().len(),
            all.circular.folded(1024).iter().filter(|&&n| n > 0).count()
        );
        let first = read(&Kmer::first(kind, rule), kind, smiles);
        // Three environments of each of 13 atoms, less those that nothing surrounds.
        assert_eq!((first.bags.len(), first.blocks.len()), (1, 1));
        assert!(first.bags[0].total() > 26);
    }
}
