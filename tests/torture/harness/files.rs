//! Folders of files: read, compared and copied.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Everything below a folder: folders end in `/`, files have their bytes, and links their targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Files(pub(crate) BTreeMap<String, Vec<u8>>);

impl Files {
    /// Reads a folder; what is not there is empty.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut found = Self::default();
        found.add(folder, "");
        found
    }

    fn add(&mut self, folder: &Path, prefix: &str) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), format!("{prefix}{}", entry.file_name().to_string_lossy()));
            if path.is_symlink() {
                let target = fs::read_link(&path).unwrap_or_default();
                self.0.insert(name, target.as_os_str().as_encoded_bytes().to_vec());
            } else if path.is_dir() {
                self.0.insert(format!("{name}/"), Vec::new());
                self.add(&path, &format!("{name}/"));
            } else {
                self.0.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }

    /// Says in what these files differ from others; nothing if they are the same.
    pub(crate) fn difference(&self, wanted: &Self) -> Option<String> {
        let mut said: Vec<String> = Vec::new();
        said.extend(wanted.0.keys().filter(|&n| !self.0.contains_key(n)).map(|n| format!("{n} is missing")));
        said.extend(self.0.keys().filter(|&n| !wanted.0.contains_key(n)).map(|n| format!("{n} is too many")));
        let other = self.0.iter().filter(|&(name, bytes)| wanted.0.get(name).is_some_and(|w| w != bytes));
        said.extend(other.map(|(name, _)| format!("{name} differs")));
        let more = said.len().saturating_sub(3);
        said.truncate(3);
        (!said.is_empty())
            .then(|| said.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() })
    }

    /// Keeps the files whose names begin in some way, without that beginning.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let inside = self.0.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(prefix)?, bytes)));
        Self(inside.filter(|(n, _)| !n.is_empty()).map(|(n, b)| (n.to_owned(), b.clone())).collect())
    }
}

/// Copies a file or a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    fs::create_dir_all(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    for entry in fs::read_dir(from).expect("a readable folder").flatten() {
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
