//! A file that is written without its final name, and put in place when it is complete.
//!
//! Where the system can, it has no name at all while it is written, and is forgotten if the process dies, however it
//! dies. Elsewhere, and for the moment between linking and renaming, it has a hidden name. The process holds a lock on
//! it, so that the next run that writes the same output knows what was left behind, and removes it.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{FlockOperation, flock};
use tempfile::{TempDir, TempPath};

use super::stream::folder_of;

/// The end of a hidden name.
const UNFINISHED: &str = ".part";
/// The random letters of a hidden name.
const LETTERS: usize = 6;

/// The hidden names of this process: what must go when a signal ends it.
static NAMES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that is being written.
pub(super) struct Hidden {
    file: File,
    target: PathBuf,
    name: Option<Name>,
}

/// A hidden name; the file or folder goes with it, unless it gets another one.
pub(super) struct Name(Option<Held>);

enum Held {
    File(TempPath),
    Folder(TempDir),
}

/// A file that is complete, and on the disk.
pub(super) struct Staged {
    target: PathBuf,
    name: Name,
    /// Holds the lock until the file has its name.
    _file: File,
}

impl Hidden {
    /// Starts a file that will replace `target`.
    pub(super) fn create(target: PathBuf) -> io::Result<Self> {
        clear(&target);
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(folder_of(&target)) {
            return Ok(Self { file, target, name: None });
        }
        Self::named(target)
    }

    /// Starts a file with a hidden name.
    fn named(target: PathBuf) -> io::Result<Self> {
        loop {
            let prefix = prefix(&target);
            let (file, name) = Name::of(|| {
                let made = builder(&prefix)
                    .permissions(fs::Permissions::from_mode(0o666))
                    .tempfile_in(folder_of(&target))?;
                Ok(made.into_parts())
            })?;
            lock(&file);
            // Another run may have taken it for a leftover before it was locked.
            let same = name.path().metadata().is_ok_and(|found| {
                file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
            });
            if same {
                return Ok(Self { file, target, name: Some(name) });
            }
        }
    }

    /// Brings everything to the disk, under a hidden name.
    pub(super) fn stage(self) -> io::Result<Staged> {
        self.file.sync_all()?;
        let name = match self.name {
            Some(name) => name,
            None => link(&self.file, &self.target)?,
        };
        Ok(Staged { target: self.target, name, _file: self.file })
    }
}

impl Staged {
    /// Gives the file its name: from here on the output exists.
    pub(super) fn place(self) -> io::Result<()> {
        self.name.persist(&self.target)
    }
}

impl Name {
    /// Makes a name, which is known from the moment in which it is there.
    fn of<T>(make: impl FnOnce() -> io::Result<(T, TempPath)>) -> io::Result<(T, Self)> {
        let mut names = names();
        let (made, name) = make()?;
        names.insert(name.to_path_buf());
        Ok((made, Self(Some(Held::File(name)))))
    }

    /// Makes a folder with a hidden name beside its target.
    pub(super) fn of_folder(target: &Path) -> io::Result<Self> {
        let mut names = names();
        let folder = builder(&prefix(target)).tempdir_in(folder_of(target))?;
        names.insert(folder.path().to_path_buf());
        Ok(Self(Some(Held::Folder(folder))))
    }

    pub(super) fn path(&self) -> &Path {
        match &self.0 {
            Some(Held::File(name)) => name,
            Some(Held::Folder(folder)) => folder.path(),
            None => Path::new(""),
        }
    }

    /// Gives the file another name.
    fn persist(mut self, target: &Path) -> io::Result<()> {
        let mut names = names();
        names.remove(self.path());
        match self.0.take() {
            Some(Held::File(name)) => Ok(name.persist(target)?),
            _ => Ok(()),
        }
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // Held until the file is gone.
        let mut names = names();
        names.remove(self.path());
        drop(self.0.take());
    }
}

fn names() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every output that this process has begun and not finished, and lets it begin or finish no other: for a process
/// that is about to end without unwinding.
pub fn remove_unfinished() {
    let names = names();
    for name in names.iter() {
        remove(name);
    }
    std::mem::forget(names);
}

impl Write for Hidden {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn prefix(target: &Path) -> String {
    format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy())
}

/// Makes hidden names, which plain listings do not show.
fn builder(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(UNFINISHED).rand_bytes(LETTERS);
    builder
}

/// Opens a file without a name, if this file system has such and there is a way to name it later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    let flags = rustix::fs::OFlags::TMPFILE.bits() as i32;
    let file = OpenOptions::new().write(true).custom_flags(flags).mode(0o666).open(folder).ok()?;
    lock(&file);
    Some(file)
}

/// Gives an unnamed file a hidden name, because a link never replaces a file.
fn link(file: &File, target: &Path) -> io::Result<Name> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD};

    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    let prefix = prefix(target);
    let ((), name) = Name::of(|| {
        let made = builder(&prefix).make_in(folder_of(target), |name| {
            rustix::fs::linkat(CWD, open.as_str(), CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(Into::into)
        })?;
        Ok(((), made.into_temp_path()))
    })?;
    Ok(name)
}

/// Locks a file for as long as it is open. A file system without locks keeps what a killed run leaves.
pub(super) fn lock(file: &File) {
    let _ = flock(file, FlockOperation::LockExclusive);
}

/// Removes a file or a folder.
fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        let _ = fs::remove_dir_all(path);
    }
}

/// Removes what earlier runs that were killed have left of this output.
pub(super) fn clear(target: &Path) {
    let (folder, prefix) = (folder_of(target), prefix(target));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let letters =
            name.to_str().and_then(|name| name.strip_prefix(prefix.as_str())?.strip_suffix(UNFINISHED));
        if !letters.is_some_and(|letters| letters.len() == LETTERS && !letters.contains('.')) {
            continue;
        }
        if let Ok(file) = File::open(entry.path())
            && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_with_a_hidden_name_does_the_same_and_goes_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.tsv");
        let mut file = Hidden::named(target.clone()).unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(file);
        assert!(names(folder.path()).is_empty());
        let mut file = Hidden::named(target.clone()).unwrap();
        file.write_all(b"whole").unwrap();
        file.stage().unwrap().place().unwrap();
        assert_eq!(names(folder.path()), ["out.tsv"]);
        assert_eq!(fs::read(&target).unwrap(), b"whole");
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_another_run_writes_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.tsv");
        let leftover = folder.path().join(".out.tsv.aB3dE9.part");
        fs::write(&leftover, "half").unwrap();
        let alive = Hidden::named(folder.path().join("out.tsv")).unwrap();
        for other in [".out.tsv.mine", ".out.tsv.a.b.c.d.part", ".other.tsv.aB3dE9.part"] {
            fs::write(folder.path().join(other), "x").unwrap();
        }
        drop(Hidden::create(target).unwrap());
        assert!(!leftover.exists());
        let alive = alive.name.as_ref().unwrap().path().file_name().unwrap().to_str().unwrap().to_owned();
        let left = names(folder.path());
        assert!(left.contains(&alive) && left.len() == 4, "{left:?}");
    }
}
