//! Digests of published files.

use crate::record::Digest;

/// A published file that is known by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// What it is: model, layout and place of publication.
    pub name: &'static str,
    /// Its SHA-256 digest, 64 hexadecimal digits.
    pub digest: &'static str,
}

/// The table. A digest enters when its publisher states it, or when two independent downloads agree; none has
/// been confirmed so far.
const KNOWN: [KnownFile; 0] = [];

/// Looks a digest up among those of published files.
pub fn known_digest(digest: &Digest) -> Option<&'static KnownFile> {
    let shown = digest.to_string();
    KNOWN.iter().find(|known| known.digest == shown)
}
