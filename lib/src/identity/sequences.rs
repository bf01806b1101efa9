//! Holds what sequence each identifier has.

use std::collections::HashMap;

use crate::Result;
use crate::io::{Source, read_digests};
use crate::record::{Digest, RecordId};

/// The sequences of each side as digests, for sides whose sequences are known.
///
/// ```no_run
/// use crossmamba::identity::Sequences;
///
/// let sequences = Sequences::read(Some(&"rna.fa".into()), Some(&"protein.fa".into()))?;
/// assert!(sequences.rna.is_some());
/// # Ok::<(), crossmamba::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sequences {
    /// The RNAs.
    pub rna: Option<HashMap<RecordId, Digest>>,
    /// The partners.
    pub partner: Option<HashMap<RecordId, Digest>>,
}

impl Sequences {
    /// Reads FASTA or SMILES lists; a file that serves both sides is read once.
    ///
    /// # Errors
    /// What [`read_digests`] refuses.
    pub fn read(rna: Option<&Source>, partner: Option<&Source>) -> Result<Self> {
        let digests = |source: Option<&Source>| source.map(read_digests).transpose();
        let first = digests(rna)?;
        let partner = if partner.map(Source::path) == rna.map(Source::path) {
            first.clone()
        } else {
            digests(partner)?
        };
        Ok(Self { rna: first, partner })
    }

    /// Tells whether an identifier has the same sequence on both sides; `None` where either side is not known.
    pub fn agree_on(&self, id: &RecordId) -> Option<bool> {
        let (rna, partner) = (self.rna.as_ref()?, self.partner.as_ref()?);
        Some(rna.get(id).is_some_and(|digest| partner.get(id) == Some(digest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_serves_both_sides_may_be_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rna.fa");
        std::fs::write(&path, ">a\nACGU\n").unwrap();
        let both = Sequences::read(Some(&(&path).into()), Some(&(&path).into())).unwrap();
        let id = RecordId::new("a").unwrap();
        assert_eq!(both.agree_on(&id), Some(true));
        assert_eq!(both.agree_on(&RecordId::new("b").unwrap()), Some(false));
        assert_eq!(Sequences::read(Some(&(&path).into()), None).unwrap().agree_on(&id), None);
    }
}
