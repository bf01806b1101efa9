//! An input that is read once, and digested while it is read.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::gzip::{self, Members};
use super::kind;
use super::stream::is_stream;
use crate::record::Digest;
use crate::{Error, Place, Result};

const BUFFER: usize = 1 << 17;

/// A buffered, decompressed input that can move between threads.
pub type Input = Box<dyn BufRead + Send>;

/// A file, a pipe or standard input (`-`) as an input: opened once, decompressed, and digested while it is read.
///
/// Every reader of the library takes a path or a `&Source`; with the latter, [`Source::digest`] afterwards gives the
/// digest of the bytes that were read, also of a pipe, which nobody can read a second time.
///
/// ```
/// use crossmamba::io::{Source, read_sequences};
/// use crossmamba::record::{Digest, Molecule};
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rna.fa");
/// std::fs::write(&path, ">r1\nACGU\n").unwrap();
/// let source = Source::new(&path);
/// assert_eq!(read_sequences(&source, Molecule::Rna).unwrap().len(), 1);
/// assert_eq!(source.digest().unwrap(), Digest::of(b">r1\nACGU\n"));
/// ```
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    state: Arc<Mutex<State>>,
}

/// How far an input was read.
enum State {
    Unread,
    Reading {
        raw: Box<dyn Read + Send>,
        hasher: Box<Sha256>,
    },
    Digested(Digest),
    /// What is read is not digested.
    Plain,
}

impl Source {
    /// Names an input; nothing is opened yet.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_path_buf(), state: Arc::new(Mutex::new(State::Unread)) }
    }

    /// Names an input whose digest nobody will ask for.
    fn plain(path: &Path) -> Self {
        Self { path: path.to_path_buf(), state: Arc::new(Mutex::new(State::Plain)) }
    }

    /// Gives the path, which is the input's name in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the input; gzip and BGZF are told by their bytes, never by a suffix.
    ///
    /// # Errors
    /// A missing file, a folder, a file that may not be read or that is no text but another kind of file, a pipe that was
    /// opened before. Damaged compressed data are an error here or of a later read.
    pub fn open(&self) -> Result<Input> {
        let read = |error| Error::io("read", &self.path)(error);
        let mut raw = BufReader::with_capacity(BUFFER, self.start()?);
        let mut start = Vec::with_capacity(2);
        raw.by_ref().take(2).read_to_end(&mut start).map_err(read)?;
        let compressed = start == gzip::MAGIC;
        let raw = Cursor::new(start).chain(raw);
        let mut text: Input = if compressed {
            Box::new(BufReader::with_capacity(BUFFER, Members::new(raw)))
        } else {
            Box::new(raw)
        };
        let mut head = Vec::with_capacity(kind::HEAD);
        text.by_ref().take(kind::HEAD as u64).read_to_end(&mut head).map_err(read)?;
        match kind::foreign(&head) {
            Some((name, remedy)) => {
                Err(Place::file(&self.path).error(format!("is {name}, not plain text"), remedy))
            }
            None => Ok(Box::new(Cursor::new(head).chain(text))),
        }
    }

    /// Gives the digest of the bytes as they lie on disk or came through the pipe; what was not read yet is read now.
    ///
    /// # Errors
    /// An input that cannot be read.
    pub fn digest(&self) -> Result<Digest> {
        let read = |error| Error::io("read", &self.path)(error);
        let unread = matches!(*self.lock(), State::Unread | State::Plain);
        if unread {
            *self.lock() = State::Unread;
            drop(self.start()?);
        }
        io::copy(&mut Tap(Arc::clone(&self.state)), &mut io::sink()).map_err(read)?;
        let mut state = self.lock();
        if let State::Reading { hasher, .. } = &*state {
            let digest = Digest::from_bytes(hasher.as_ref().clone().finalize().into());
            *state = State::Digested(digest);
        }
        match *state {
            State::Digested(digest) => Ok(digest),
            _ => Err(read(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Opens the raw bytes.
    fn start(&self) -> Result<Box<dyn Read + Send>> {
        let once = self.path.as_os_str() == "-" || is_stream(&self.path);
        if once && matches!(*self.lock(), State::Reading { .. } | State::Digested(_)) {
            return Err(Place::file(&self.path).error("is read already", "a pipe can be read once only"));
        }
        let raw: Box<dyn Read + Send> = if self.path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            if self.path.is_dir() {
                return Err(
                    Place::file(&self.path).error("is a folder, not a file", "name the file inside it")
                );
            }
            Box::new(File::open(&self.path).map_err(Error::io("read", &self.path))?)
        };
        let mut state = self.lock();
        match *state {
            // A file may be read again; its digest is known.
            State::Plain | State::Digested(_) => return Ok(raw),
            State::Unread | State::Reading { .. } => {
                *state = State::Reading { raw, hasher: Box::new(Sha256::new()) };
            }
        }
        Ok(Box::new(Tap(Arc::clone(&self.state))))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the raw bytes and digests them.
struct Tap(Arc<Mutex<State>>);

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Reading { raw, hasher } = &mut *state else { return Ok(0) };
        let count = raw.read(buffer)?;
        hasher.update(&buffer[..count]);
        Ok(count)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

impl Deref for Source {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// As typed on a command line.
impl From<OsString> for Source {
    fn from(path: OsString) -> Self {
        Self::new(PathBuf::from(path))
    }
}

impl AsRef<Path> for Source {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl From<&Self> for Source {
    fn from(source: &Self) -> Self {
        source.clone()
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::plain(path)
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Self::plain(path)
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::plain(&path)
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self::plain(Path::new(path))
    }
}
