//! Checks a run's files before anything is created.

use std::fs::File;
use std::path::{Path, PathBuf};

use crossmamba::{Error, Place, Result, io};

/// Checks that the inputs can be opened, and that no output is an input or another output.
///
/// # Errors
/// The first file that fails, with a sentence.
pub fn check_paths(inputs: &[&Path], outputs: &[&Path]) -> Result<()> {
    let mut taken = Vec::new();
    for &path in inputs {
        if path.is_dir() {
            return Err(Place::file(path).error("is a folder, not a file", "name the file inside it"));
        }
        // Opening a pipe and closing it again would break it.
        if !io::is_stream(path) {
            File::open(path).map_err(Error::io("read", path))?;
            taken.push((resolved(path), "an input"));
        } else if path.as_os_str() == "-" && inputs.iter().filter(|other| **other == path).count() > 1 {
            return Err(Place::file(path).error("is named twice", "it can be read once only"));
        }
    }
    for &path in outputs {
        let real = resolved(path);
        if let Some((_, what)) = taken.iter().find(|(other, _)| *other == real) {
            return Err(Place::file(path).error(format!("is {what}, too"), "name another output"));
        }
        // What is written to a device is gone: several outputs may go there.
        if path.as_os_str() == "-" || !io::is_stream(path) {
            taken.push((real, "another output"));
        }
    }
    Ok(())
}

/// Resolves links and relative parts, also for a file that does not exist yet.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}
