//! Writes a file beside its final name and renames it when it is complete.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

enum Target {
    File(BufWriter<NamedTempFile>),
    Stdout(BufWriter<io::Stdout>),
}

/// An output that appears under its name only when [`AtomicFile::commit`] succeeds; `-` is standard output.
pub struct AtomicFile {
    path: PathBuf,
    target: Target,
}

impl AtomicFile {
    /// Starts the output; fails at once when the folder is missing or not writable.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        if path.as_os_str() == "-" {
            return Ok(Self { path, target: Target::Stdout(BufWriter::new(io::stdout())) });
        }
        if path.is_dir() {
            let source = io::Error::new(io::ErrorKind::IsADirectory, "a folder has this name");
            return Err(Error::Io { action: "write", path, source });
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .permissions(permissions())
            .tempfile_in(folder)
            .map_err(Error::io("write", &path))?;
        Ok(Self { path, target: Target::File(BufWriter::with_capacity(1 << 16, file)) })
    }

    /// Flushes, syncs and renames: from here on the output exists.
    pub fn commit(self) -> Result<()> {
        let path = self.path;
        match self.target {
            Target::Stdout(mut out) => out.flush().map_err(Error::io("write", &path)),
            Target::File(out) => {
                let file = out.into_inner().map_err(|e| Error::io("write", &path)(e.into_error()))?;
                file.as_file().sync_all().map_err(Error::io("write", &path))?;
                file.persist(&path).map_err(|e| Error::io("write", &path)(e.error))?;
                Ok(())
            }
        }
    }

    /// Gives the final name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Lets the process's umask decide, as for any file that a program creates.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o666)
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::File(out) => out.write(bytes),
            Target::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::File(out) => out.flush(),
            Target::Stdout(out) => out.flush(),
        }
    }
}

/// Writes a whole output at once, atomically.
pub fn write_atomic(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(&path)?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncommitted_output_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        write_atomic(&path, b"whole").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
    }
}
