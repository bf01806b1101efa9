//! Digests the inputs while they are read.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossmamba::provenance::Provenance;
use crossmamba::record::Digest;
use crossmamba::{Error, Result, io};

/// The digests of some inputs, being computed.
pub(crate) struct Digests(Vec<Digesting>);

/// One input: its role, its path, and the thread that digests it.
type Digesting = (String, PathBuf, JoinHandle<Result<Option<Digest>>>);

impl Digests {
    /// Starts to digest the inputs, each under its role; a pipe can be read once only and gets no digest.
    pub(crate) fn start<'a>(inputs: impl IntoIterator<Item = (String, &'a Path)>) -> Self {
        Self(
            inputs
                .into_iter()
                .map(|(role, path)| {
                    let path = path.to_path_buf();
                    let file = path.clone();
                    (role, path, std::thread::spawn(move || digest(&file)))
                })
                .collect(),
        )
    }

    /// Waits for the digests and adds them to the record.
    pub(crate) fn add_to(self, provenance: &mut Provenance) -> Result<()> {
        for (role, path, thread) in self.0 {
            let digest = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            provenance.input_digest(&role, &path, digest);
        }
        Ok(())
    }
}

fn digest(path: &Path) -> Result<Option<Digest>> {
    if io::is_stream(path) {
        return Ok(None);
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    Digest::of_reader(file).map(Some).map_err(Error::io("read", path))
}
