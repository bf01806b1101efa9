//! What a molecule is compared by.

use crate::alphabet::{UNKNOWN, nucleotide};
use crate::encoder::{Bag, Fingerprints, columns};
use crate::record::Molecule;

/// What a molecule is compared by: counts, and blocks of columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traits {
    /// Counts, one bag for each way of counting.
    pub bags: Vec<Bag>,
    /// Columns, block by block.
    pub blocks: Vec<Vec<f32>>,
}

/// The k-mers of RNA that are counted.
const KS: std::ops::RangeInclusive<usize> = 2..=5;
/// The columns by which RNAs are compared.
const RNA: [&str; 4] = ["2-mers", "3-mers", "content", "length"];
/// The columns by which small molecules are compared.
const SMALL_MOLECULE: [&str; 1] = ["counts"];

impl Traits {
    /// Reads an RNA: counts of 2- to 5-mers; 2- and 3-mer frequencies, content and length as columns.
    pub fn rna(sequence: &[u8]) -> Self {
        let codes: Vec<u8> = sequence.iter().map(|&letter| nucleotide(letter)).collect();
        Self { bags: KS.map(|k| kmers(&codes, k)).collect(), blocks: chosen(Molecule::Rna, sequence, &RNA) }
    }

    /// Reads a SMILES string: its [`Fingerprints`], and counts of atoms, bonds, rings and groups as columns.
    ///
    /// # Errors
    /// A string that cannot be read as a graph, with the reason in a few words.
    pub fn small_molecule(smiles: &str) -> Result<Self, String> {
        let fingerprints = Fingerprints::read(smiles)?;
        let blocks = chosen(Molecule::SmallMolecule, smiles.as_bytes(), &SMALL_MOLECULE);
        Ok(Self { bags: fingerprints.bags().map(Bag::clone).to_vec(), blocks })
    }
}

fn kmers(codes: &[u8], k: usize) -> Bag {
    let known = codes.windows(k).filter(|kmer| !kmer.contains(&UNKNOWN));
    Bag::of(known.map(|kmer| kmer.iter().fold(0, |code, &letter| 4 * code + u64::from(letter))))
}

fn chosen(molecule: Molecule, sequence: &[u8], names: &[&str]) -> Vec<Vec<f32>> {
    let all = columns(molecule, sequence).into_iter();
    all.filter(|(name, _)| names.contains(name)).map(|(_, values)| values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rna_has_its_kmers_and_four_blocks() {
        let traits = Traits::rna(b"ACGUNACGU");
        assert_eq!(traits.bags.iter().map(Bag::total).collect::<Vec<_>>(), [6, 4, 2, 0]);
        assert_eq!(traits.blocks.iter().map(Vec::len).collect::<Vec<_>>(), [16, 64, 1, 10]);
    }

    #[test]
    fn a_molecule_has_three_fingerprints_and_its_counts() {
        let traits = Traits::small_molecule("CCO").unwrap();
        assert_eq!((traits.bags.len(), traits.blocks.len(), traits.blocks[0].len()), (3, 1, 44));
        assert!(Traits::small_molecule("C1CC").is_err());
    }
}
