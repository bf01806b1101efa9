//! Finds the encoder behind a digest.

use super::{BUILT_IN, DEFAULT_CAP, Encoder, built_in, default_window};
use crate::record::{Digest, Molecule};
use crate::store::{Dtype, TokenRule};

/// Makes the built-in encoder whose stores have this digest of encoder and settings, where the rows are the usual windows,
/// the residues, or none: what a model was trained on is then known without its stores.
///
/// ```
/// use crossmamba::encoder::{built_in, default_window, recognise, DEFAULT_CAP};
/// use crossmamba::record::Molecule;
/// use crossmamba::store::{Dtype, TokenRule};
///
/// let tokens = TokenRule::Window { size: default_window(Molecule::Protein), cap: DEFAULT_CAP };
/// let made = built_in("kmer2", Molecule::Protein, tokens)?.manifest(Dtype::F16);
/// let found = recognise(Molecule::Protein, &made.digest).expect("a usual encoder");
/// assert!(found.manifest(Dtype::F16).fits(&made));
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub fn recognise(molecule: Molecule, digest: &Digest) -> Option<Box<dyn Encoder>> {
    let window = TokenRule::Window { size: default_window(molecule), cap: DEFAULT_CAP };
    let rules = [window, TokenRule::Residue, TokenRule::Pooled];
    BUILT_IN
        .into_iter()
        .flat_map(|name| rules.map(|tokens| (name, tokens)))
        .filter_map(|(name, tokens)| built_in(name, molecule, tokens).ok())
        .find(|encoder| encoder.manifest(Dtype::F32).digest == *digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoder_is_known_by_its_digest_and_another_is_not() {
        for molecule in [Molecule::Rna, Molecule::Protein, Molecule::SmallMolecule] {
            let window = TokenRule::Window { size: default_window(molecule), cap: DEFAULT_CAP };
            for name in BUILT_IN {
                for tokens in [window, TokenRule::Residue, TokenRule::Pooled] {
                    let made = built_in(name, molecule, tokens);
                    if name == "sequence"
                        && (molecule == Molecule::SmallMolecule || tokens != TokenRule::Residue)
                    {
                        assert!(made.is_err());
                        continue;
                    }
                    let manifest = made.unwrap().manifest(Dtype::F32);
                    let found = recognise(molecule, &manifest.digest).unwrap().manifest(Dtype::F32);
                    assert_eq!(found, manifest);
                }
            }
            let other = TokenRule::Window { size: 77, cap: DEFAULT_CAP };
            let manifest = built_in("kmer", molecule, other).unwrap().manifest(Dtype::F32);
            assert!(recognise(molecule, &manifest.digest).is_none());
        }
    }
}
