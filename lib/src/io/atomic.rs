//! Writes outputs that appear under their names whole or not at all.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use noodles::bgzf;

use super::hidden::{Hidden, Staged};
use super::stream::{followed, is_standard_output, is_stream};
use crate::{Error, Result};

const BUFFER: usize = 1 << 17;

/// Where the bytes go.
enum Target {
    File(Hidden),
    /// A device, a pipe or standard output: what is written is gone.
    Stream(Box<dyn Write + Send>),
}

/// What is done with them before.
enum Form {
    Plain(BufWriter<Target>),
    /// BGZF, which every reader of gzip reads.
    Blocks(bgzf::io::Writer<BufWriter<Target>>),
}

/// An output that appears under its name only when [`AtomicFile::commit`] succeeds; `-` is standard output,
/// and an existing device or pipe is written to directly. A link is followed, and its target replaced. What is named
/// `.gz` or `.bgz` is compressed.
///
/// ```
/// use std::io::Write as _;
///
/// use crossmamba::io::AtomicFile;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("out.tsv");
/// let mut file = AtomicFile::create(&path).unwrap();
/// file.write_all(b"rna_id\n").unwrap();
/// assert!(!path.exists());
/// file.commit().unwrap();
/// assert_eq!(std::fs::read(&path).unwrap(), b"rna_id\n");
/// ```
pub struct AtomicFile {
    path: PathBuf,
    form: Form,
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
        let target = BufWriter::with_capacity(BUFFER, target);
        let compressed = path.extension().is_some_and(|suffix| suffix == "gz" || suffix == "bgz");
        let form = if compressed { Form::Blocks(bgzf::io::Writer::new(target)) } else { Form::Plain(target) };
        Ok(Self { path, form })
    }

    /// Flushes, syncs and renames: from here on the output exists.
    pub fn commit(self) -> Result<()> {
        Self::commit_all([self])
    }

    /// Commits several outputs together: all are brought to the disk before the first appears, so that a full disk leaves
    /// none of them.
    ///
    /// # Errors
    /// The first output that cannot be written.
    pub fn commit_all(files: impl IntoIterator<Item = Self>) -> Result<()> {
        Self::commit_all_after(files, || Ok(()))
    }

    /// Commits several outputs together, as [`AtomicFile::commit_all`] does, after a last step that can still fail: when
    /// everything is on the disk, and nothing has appeared yet.
    ///
    /// # Errors
    /// The first output that cannot be written, and what the step says.
    pub fn commit_all_after(
        files: impl IntoIterator<Item = Self>,
        step: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let (mut streams, mut staged) = (Vec::new(), Vec::new());
        for file in files {
            let path = file.path;
            match file.form.finish().map_err(Error::io("write", &path))? {
                Target::File(hidden) => {
                    staged.push((hidden.stage().map_err(Error::io("write", &path))?, path));
                }
                Target::Stream(stream) => streams.push((stream, path)),
            }
        }
        for (mut stream, path) in streams {
            stream.flush().map_err(Error::io("write", path))?;
        }
        step()?;
        let place = |(file, path): (Staged, PathBuf)| file.place().map_err(Error::io("write", path));
        staged.into_iter().try_for_each(place)
    }

    /// Gives the final name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Form {
    /// Hands everything to the target.
    fn finish(self) -> io::Result<Target> {
        let out = match self {
            Self::Plain(out) => out,
            Self::Blocks(blocks) => blocks.finish()?,
        };
        out.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(out) => out,
            Self::Blocks(blocks) => blocks,
        }
    }
}

fn open_target(path: &Path) -> io::Result<Target> {
    let real = followed(path);
    if is_standard_output(&real) {
        return Ok(Target::Stream(Box::new(io::stdout())));
    }
    if is_stream(&real) {
        // A descriptor may be that of a file with something in it.
        return Ok(Target::Stream(Box::new(OpenOptions::new().append(true).open(real)?)));
    }
    Hidden::create(real).map(Target::File)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.form.as_write().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.form.as_write().flush()
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
    use std::io::Read as _;

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

    #[test]
    fn a_link_stays_and_its_target_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link.tsv"), folder.path().join("target.tsv"));
        std::os::unix::fs::symlink("target.tsv", &link).unwrap();
        for text in ["made", "replaced"] {
            write_atomic(&link, text.as_bytes()).unwrap();
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&target).unwrap(), text);
        }
    }

    #[test]
    fn outputs_that_are_committed_together_appear_together() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        let mut files: Vec<_> = paths.iter().map(|path| AtomicFile::create(path).unwrap()).collect();
        files.push(AtomicFile::create("/dev/full").unwrap());
        files[2].write_all(b"x").unwrap();
        assert!(AtomicFile::commit_all(files).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        AtomicFile::commit_all(paths.iter().map(|path| AtomicFile::create(path).unwrap())).unwrap();
        assert!(paths.iter().all(|path| path.exists()));
    }

    #[test]
    fn what_is_named_gz_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rna.fa.gz");
        let text = ">a\nACGU\n".repeat(20_000);
        write_atomic(&path, text.as_bytes()).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < 10_000);
        let mut back = String::new();
        crate::io::open(&path).unwrap().read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
    }
}
