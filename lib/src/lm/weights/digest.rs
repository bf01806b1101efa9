//! Digests the files of a checkpoint.

use sha2::{Digest as _, Sha256};

use crate::record::Digest;

/// Digests pieces of bytes as if they were one file.
pub(super) fn of<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Digest {
    let mut hasher = Sha256::new();
    pieces.for_each(|piece| hasher.update(piece));
    Digest::from_bytes(hasher.finalize().into())
}
