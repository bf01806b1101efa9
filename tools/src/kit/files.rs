//! Every path that a run reads or writes, checked in one place before anything is created.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crossmamba::io::{AtomicFile, followed, is_stream};
use crossmamba::provenance::beside;
use crossmamba::{Error, Place, Result};

/// The files of a run.
#[derive(Debug, Clone, Default)]
pub struct Files {
    read: Vec<PathBuf>,
    read_anywhere: Vec<PathBuf>,
    written: Vec<PathBuf>,
    filled: Vec<PathBuf>,
    owned: Vec<PathBuf>,
}

/// Which file a path is: by device and inode, or, before it exists, by its folder and name.
#[derive(PartialEq, Eq)]
enum Identity {
    Known(u64, u64),
    New(PathBuf),
}

impl Files {
    /// Starts without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds files that are read from front to back: they may be pipes.
    #[must_use]
    pub fn reads(mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Self {
        self.read.extend(paths.into_iter().map(|path| path.as_ref().to_path_buf()));
        self
    }

    /// Adds folders, and files that are read in any order: nothing may be written into such a folder.
    #[must_use]
    pub fn reads_anywhere(mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Self {
        self.read_anywhere.extend(paths.into_iter().map(|path| path.as_ref().to_path_buf()));
        self
    }

    /// Adds files that are written.
    #[must_use]
    pub fn writes(mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Self {
        self.written.extend(paths.into_iter().map(|path| path.as_ref().to_path_buf()));
        self
    }

    /// Adds a file that is written with its provenance beside it.
    #[must_use]
    pub fn writes_with_record(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let record = (!is_stream(path)).then(|| beside(path));
        self.writes([path]).writes(record)
    }

    /// Adds files that are written into a folder which the run makes if it is not there.
    #[must_use]
    pub fn fills(mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Self {
        self.filled.extend(paths.into_iter().map(|path| path.as_ref().to_path_buf()));
        self
    }

    /// Adds a folder that the run fills, and into which it puts nothing else.
    #[must_use]
    pub fn owns(mut self, folder: impl AsRef<Path>) -> Self {
        self.owned.push(folder.as_ref().to_path_buf());
        self
    }

    /// Checks that inputs can be opened, that no output is an input, another output, or inside a folder that is read or
    /// filled, and that every output can be written.
    ///
    /// # Errors
    /// The first path that fails, with a sentence.
    pub fn check(&self) -> Result<()> {
        self.check_inputs()?;
        let inputs: Vec<Identity> = self
            .read
            .iter()
            .chain(&self.read_anywhere)
            .filter(|path| !is_stream(path))
            .map(|path| Identity::of(path))
            .collect();
        let mut outputs: Vec<Identity> = Vec::new();
        for path in self.written.iter().chain(&self.filled).chain(&self.owned) {
            let wrong = |problem: String| Place::file(path).error(problem, "name another output");
            // What is written to a device is gone: several outputs may go there.
            if path.as_os_str() != "-" && is_stream(path) {
                // A descriptor that nobody opened would soon be one of our own.
                if Path::new("/proc/self/fd").exists() {
                    path.metadata().map_err(Error::io("write", path))?;
                }
                continue;
            }
            let own = Identity::of(path);
            if inputs.contains(&own) {
                return Err(wrong("is an input, too".into()));
            }
            if outputs.contains(&own) {
                return Err(wrong("is another output, too".into()));
            }
            outputs.push(own);
            if let Some(folder) = self.read_anywhere.iter().find(|folder| lies_inside(path, folder)) {
                return Err(wrong(format!("lies inside {}, which is read", folder.display())));
            }
        }
        for path in self.written.iter().chain(&self.filled) {
            let above = |filled: &&PathBuf| *filled != path && lies_inside(filled, path);
            if !is_stream(path) && self.filled.iter().any(|filled| above(&filled)) {
                let problem = "is the folder of another output, too";
                return Err(Place::file(path).error(problem, "name another output"));
            }
        }
        for path in &self.written {
            if let Some(folder) = self.owned.iter().find(|folder| lies_inside(path, folder)) {
                let problem = format!("lies inside {}, which is an output of its own", folder.display());
                return Err(Place::file(path).error(problem, "name another output"));
            }
            if !is_stream(path) {
                drop(AtomicFile::create(path)?);
            }
        }
        Ok(())
    }

    fn check_inputs(&self) -> Result<()> {
        let mut pipes: Vec<Identity> = Vec::new();
        for path in &self.read {
            if path.is_dir() {
                return Err(Place::file(path).error("is a folder, not a file", "name the file inside it"));
            }
            // Opening a pipe and closing it again would break it.
            if !is_stream(path) {
                File::open(path).map_err(Error::io("read", path))?;
                continue;
            }
            let own = Identity::of(path);
            if pipes.contains(&own) {
                return Err(Place::file(path).error("is named twice", "it can be read once only"));
            }
            pipes.push(own);
        }
        match self.read_anywhere.iter().find(|path| is_stream(path)) {
            Some(path) => Err(Place::file(path).error(
                "is a pipe or a device, and must be read in any order",
                "write it into a file before",
            )),
            None => Ok(()),
        }
    }
}

impl Identity {
    fn of(path: &Path) -> Self {
        if path.as_os_str() == "-" {
            return Self::New(path.into());
        }
        match path.metadata() {
            Ok(found) => Self::Known(found.dev(), found.ino()),
            Err(_) => Self::New(resolved(path)),
        }
    }
}

/// Tells whether a path, which need not exist, lies somewhere below a folder.
fn lies_inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.metadata() else {
        let (path, folder) = (resolved(path), resolved(folder));
        return path != folder && path.starts_with(folder);
    };
    folder.is_dir()
        && resolved(path).ancestors().skip(1).any(|above| {
            above.metadata().is_ok_and(|above| (above.dev(), above.ino()) == (folder.dev(), folder.ino()))
        })
}

/// Resolves links and relative parts, also of what does not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let path = followed(path);
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder, path.file_name()) {
        (folder, Some(name)) if folder != path => resolved(folder).join(name),
        _ => path,
    }
}
