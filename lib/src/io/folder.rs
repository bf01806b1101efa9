//! A folder that appears under its name with all of its files, or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::hidden::{self, Name};
use crate::{Error, Result};

/// A folder that is filled beside the place where it will stand.
///
/// ```
/// use crossmamba::io::AtomicFolder;
///
/// let place = tempfile::tempdir().unwrap();
/// let path = place.path().join("export");
/// let folder = AtomicFolder::create(&path).unwrap();
/// std::fs::write(folder.path().join("a.txt"), "whole").unwrap();
/// assert!(!path.exists());
/// folder.commit().unwrap();
/// assert_eq!(std::fs::read_to_string(path.join("a.txt")).unwrap(), "whole");
/// ```
pub struct AtomicFolder {
    target: PathBuf,
    whole: PathBuf,
    beside: Name,
    /// Tells other runs that this one is alive.
    _lock: Option<File>,
}

impl AtomicFolder {
    /// Starts the folder, and removes what a run that was killed has left of it.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let target = path.as_ref().to_path_buf();
        hidden::clear(&target);
        let beside = Name::of_folder(&target).map_err(Error::io("write", &target))?;
        let lock = File::open(beside.path()).ok();
        lock.as_ref().inspect(|folder| hidden::lock(folder));
        let whole = beside.path().join("whole");
        fs::create_dir(&whole).map_err(Error::io("write", &target))?;
        Ok(Self { target, whole, beside, _lock: lock })
    }

    /// Gives the path into which its files are written.
    pub fn path(&self) -> &Path {
        &self.whole
    }

    /// Puts the folder where it belongs, in the place of an earlier one.
    ///
    /// Gives the hidden folder beside it if that could not be removed; the next run that writes the folder tries again.
    ///
    /// # Errors
    /// A folder that cannot be renamed; then an earlier one stands where it stood.
    pub fn commit(self) -> Result<Option<PathBuf>> {
        let (target, before) = (&self.target, self.beside.path().join("before"));
        let replaced = target.exists();
        if replaced {
            fs::rename(target, &before).map_err(Error::io("replace", target))?;
        }
        if let Err(error) = fs::rename(&self.whole, target) {
            if replaced {
                fs::rename(&before, target).map_err(Error::io("replace", target))?;
            }
            return Err(Error::io("write", target)(error));
        }
        let hidden = self.beside.path().to_path_buf();
        drop(self);
        Ok(hidden.exists().then_some(hidden))
    }
}
