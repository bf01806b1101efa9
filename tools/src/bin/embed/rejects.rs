//! The table of records that are left out of a store.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crossmamba::io::AtomicFile;
use crossmamba::record::RecordId;
use crossmamba::{Error, Result};

/// Writes STORE.rejects.tsv with the columns `id` and `reason`; it appears whole, also when it is empty.
pub(crate) fn write(store: &Path, left_out: &[(RecordId, String)]) -> Result<()> {
    let mut name = store.as_os_str().to_owned();
    name.push(".rejects.tsv");
    let path = PathBuf::from(name);
    let mut out = AtomicFile::create(&path)?;
    let mut write = || {
        writeln!(out, "id\treason")?;
        left_out
            .iter()
            .try_for_each(|(id, reason)| writeln!(out, "{id}\t{}", reason.replace(['\t', '\n', '\r'], " ")))
    };
    write().map_err(Error::io("write", &path))?;
    out.commit()
}
