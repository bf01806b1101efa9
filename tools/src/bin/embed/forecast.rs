//! Says before the work how large it will be.

use std::ffi::CString;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crossmamba::store::Manifest;
use crossmamba::words::Size;
use crossmamba::{Place, Result};

/// What a list of molecules will need.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Forecast {
    pub(crate) sequences: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl Forecast {
    /// Adds a molecule of this many rows.
    pub(crate) fn add(&mut self, rows: usize, manifest: &Manifest) {
        self.sequences += 1;
        self.rows += rows as u64;
        self.bytes += manifest.entry_bytes(rows);
    }

    /// Refuses to start what will not fit on the disk.
    pub(crate) fn check_space(&self, folder: &Path) -> Result<()> {
        match free_bytes(folder) {
            Some(free) if self.bytes > free => Err(Place::file(folder).error(
                format!("the disk has {} free and the store needs {}", Size(free), Size(self.bytes)),
                "free some space, or choose `--dtype f16` or fewer rows",
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sequences, {} rows, {}", self.sequences, self.rows, Size(self.bytes))
    }
}

/// A time in seconds for people.
pub(crate) struct Duration(pub(crate) f64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("days", 86_400.0), ("h", 3600.0), ("min", 60.0)];
        match units.iter().find(|(_, size)| self.0 >= 2.0 * size) {
            Some((unit, size)) => write!(f, "{:.1} {unit}", self.0 / size),
            None => write!(f, "{:.0} s", self.0.max(1.0)),
        }
    }
}

/// Asks how many bytes this user may still write; nothing when the system does not say.
#[expect(unsafe_code, reason = "statvfs is a C function")]
fn free_bytes(folder: &Path) -> Option<u64> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    let mut found = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends in a zero byte and the buffer has the size of the structure; it is read only after the
    // call says that it was filled.
    let found = unsafe {
        if libc::statvfs(path.as_ptr(), found.as_mut_ptr()) != 0 {
            return None;
        }
        found.assume_init()
    };
    Some(found.f_bavail as u64 * found.f_frsize as u64)
}
