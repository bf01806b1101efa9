//! Tells files from streams: devices, pipes, and the descriptors that a process was given.

use std::fs;
use std::path::{Path, PathBuf};

/// More links than the system follows.
const MOST_LINKS: usize = 40;

/// Tells whether a path is standard input or output, a device, a pipe or an open descriptor: something that cannot be
/// replaced as a whole, and that has no place beside it for a second file.
///
/// ```
/// use crossmamba::io::is_stream;
///
/// assert!(is_stream("-") && is_stream("/dev/stdout") && is_stream("/dev/null"));
/// assert!(!is_stream("no/such.tsv"));
/// ```
pub fn is_stream(path: impl AsRef<Path>) -> bool {
    let path = followed(path.as_ref());
    path.as_os_str() == "-"
        || is_descriptor(&path)
        || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Tells whether a path is standard output: `-`, or a name that the system has for it.
pub(super) fn is_standard_output(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path.as_os_str() == *name)
}

/// Tells whether a path names a descriptor. What it points to may be a file, but the name is not the file's: as a
/// folder's entry it must not be replaced.
fn is_descriptor(path: &Path) -> bool {
    let standard = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
    let folder = path.parent().unwrap_or(path);
    standard.iter().any(|name| path.as_os_str() == *name)
        || folder == Path::new("/dev/fd")
        || (path.starts_with("/proc") && folder.file_name().is_some_and(|name| name == "fd"))
}

/// Follows links to what they mean, whether it exists or not, but no further than to a descriptor.
pub fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if is_descriptor(&path) {
            break;
        }
        match fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => break,
        }
    }
    path
}

/// Gives the folder that a path's file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_their_target_even_before_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("target", &link).unwrap();
        assert_eq!(followed(&link), folder.path().join("target"));
        assert!(!is_stream(&link));
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
        assert_eq!(followed(&link), Path::new("/dev/stdout"));
        assert!(is_stream(&link));
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("link", &link).unwrap();
        assert!(!is_stream(&link));
    }
}
