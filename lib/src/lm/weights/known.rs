//! Digests of published files.

use crate::record::Digest;

/// A published file that is known by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// What it is: model, and the file's name where it is published.
    pub name: &'static str,
    /// Its SHA-256 digest, 64 hexadecimal digits.
    pub digest: &'static str,
}

/// The table. A digest stands here when several independent downloads of the published file gave it; the table is
/// not complete, and a file that is missing from it may be as good.
const KNOWN: [KnownFile; 5] = [
    KnownFile {
        name: "ESM-2 8M (esm2_t6_8M_UR50D, model.safetensors)",
        digest: "24c5fa474c48f3b754b86efe752d5f189d2bcd88190fa2270fc92b2ef3034189",
    },
    KnownFile {
        name: "ESM-2 35M (esm2_t12_35M_UR50D, model.safetensors)",
        digest: "e35647818e0e064351d4531ed480d225a002567b4b2b93ad3a9246d753150fc0",
    },
    KnownFile {
        name: "ESM-2 150M (esm2_t30_150M_UR50D, model.safetensors)",
        digest: "c3f1da8aea53bddd32c246c86168c23b9fd72341fb9db9a94436f855f5053566",
    },
    KnownFile {
        name: "ESM-2 650M (esm2_t33_650M_UR50D, model.safetensors)",
        digest: "a08adabb949fa67ad3c14b509d04fd60368b35007b0095e3358f81200c4f4db0",
    },
    KnownFile {
        name: "RiNALMo giga (rinalmo_giga_pretrained.pt)",
        digest: "cd93c3f21eb3e767373c9491192686b5846247bd1110693e453c1dd0f321c0db",
    },
];

/// Lists the published files whose digests are known.
pub fn known_files() -> &'static [KnownFile] {
    &KNOWN
}

/// Looks a digest up among those of published files.
///
/// ```
/// use crossmamba::lm::{known_digest, known_files};
///
/// let first = known_files()[0];
/// assert_eq!(known_digest(&first.digest.parse().unwrap()), Some(&first));
/// ```
pub fn known_digest(digest: &Digest) -> Option<&'static KnownFile> {
    KNOWN.iter().find(|known| known.digest.parse() == Ok(*digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digest_is_found() {
        for known in known_files() {
            assert_eq!(known_digest(&known.digest.parse().unwrap()), Some(known));
        }
        assert_eq!(known_digest(&Digest::of(b"")), None);
    }
}
