//! Writes a file without a name, or beside its final name, and puts it in place when it is complete.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

const BUFFER: usize = 1 << 17;

enum Target {
    /// A file that has no name yet: the system forgets it if the process dies, however it dies.
    #[cfg(target_os = "linux")]
    Unnamed(BufWriter<File>),
    /// A file beside the final one, for file systems that cannot do without a name.
    Named(BufWriter<NamedTempFile>),
    /// A device, a pipe or standard output: what is written is gone.
    Stream(BufWriter<Box<dyn Write + Send>>),
}

/// An output that appears under its name only when [`AtomicFile::commit`] succeeds; `-` is standard output,
/// and an existing device or pipe is written to directly.
pub struct AtomicFile {
    path: PathBuf,
    target: Target,
}

impl AtomicFile {
    /// Starts the output; fails at once when the folder is missing or not writable.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        if path.is_dir() {
            let source = io::Error::new(io::ErrorKind::IsADirectory, "a folder has this name");
            return Err(Error::Io { action: "write", path, source });
        }
        let target = open_target(&path).map_err(Error::io("write", &path))?;
        Ok(Self { path, target })
    }

    /// Flushes, syncs and renames: from here on the output exists.
    pub fn commit(self) -> Result<()> {
        let path = self.path;
        match self.target {
            Target::Stream(mut out) => out.flush(),
            #[cfg(target_os = "linux")]
            Target::Unnamed(out) => {
                out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| link(&file, &path))
            }
            Target::Named(out) => out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
                file.as_file().sync_all()?;
                file.persist(&path)?;
                Ok(())
            }),
        }
        .map_err(Error::io("write", &path))
    }

    /// Gives the final name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Tells whether a path is standard output, a device or a pipe: something that cannot be replaced as a whole,
/// and that has no place beside it for a second file.
pub fn is_stream(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    path.as_os_str() == "-" || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn open_target(path: &Path) -> io::Result<Target> {
    if path.as_os_str() == "-" {
        return Ok(Target::Stream(BufWriter::with_capacity(BUFFER, Box::new(io::stdout()))));
    }
    if is_stream(path) {
        let file = OpenOptions::new().write(true).open(path)?;
        return Ok(Target::Stream(BufWriter::with_capacity(BUFFER, Box::new(file))));
    }
    let folder = folder_of(path);
    #[cfg(target_os = "linux")]
    if let Some(file) = unnamed(folder) {
        return Ok(Target::Unnamed(BufWriter::with_capacity(BUFFER, file)));
    }
    let file =
        tempfile::Builder::new().prefix(&hidden(path)).permissions(permissions()).tempfile_in(folder)?;
    Ok(Target::Named(BufWriter::with_capacity(BUFFER, file)))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Gives the start of a temporary name, which plain listings do not show.
fn hidden(path: &Path) -> String {
    format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy())
}

#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::TMPFILE.bits() as i32;
    OpenOptions::new().write(true).custom_flags(flags).mode(0o666).open(folder).ok()
}

/// Gives an unnamed file a temporary name, because a link never replaces a file, and renames it.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD};

    file.sync_all()?;
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    let named = tempfile::Builder::new().prefix(&hidden(path)).make_in(folder_of(path), |name| {
        rustix::fs::linkat(CWD, open.as_str(), CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(Into::into)
    })?;
    named.into_temp_path().persist(path)?;
    Ok(())
}

/// Lets the process's umask decide, as for any file that a program creates.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o666)
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            #[cfg(target_os = "linux")]
            Target::Unnamed(out) => out.write(bytes),
            Target::Named(out) => out.write(bytes),
            Target::Stream(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            #[cfg(target_os = "linux")]
            Target::Unnamed(out) => out.flush(),
            Target::Named(out) => out.flush(),
            Target::Stream(out) => out.flush(),
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
        for text in ["whole", "replaced"] {
            write_atomic(&path, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        write_atomic("/dev/null", b"gone").unwrap();
        assert!(is_stream("/dev/null"));
        let message = write_atomic("/dev/full", b"x").unwrap_err().to_string();
        assert!(message.starts_with("/dev/full: cannot write: No space left"), "{message}");
    }
}
