//! Reads SMILES strings: as tokens, always; as a graph of atoms, where the string allows it.
//!
//! No molecule is refused: what cannot be read as a graph still has its tokens.

mod atom;
mod counts;
mod environment;
mod fingerprint;
mod graph;
mod molecule;
mod token;

pub(super) use atom::{ATOM, push_atom};
pub(super) use counts::{COUNTS, push_counts};
pub(super) use environment::{environments, hash};
pub use fingerprint::Fingerprints;
pub(super) use molecule::Molecule;
pub(super) use token::{CLASSES, Token, tokens};

/// Counts what rows are made of: the residues of a sequence, the tokens of a SMILES string.
pub(crate) fn length(kind: crate::record::Molecule, sequence: &[u8]) -> usize {
    if kind == crate::record::Molecule::SmallMolecule { tokens(sequence).len() } else { sequence.len() }
}
