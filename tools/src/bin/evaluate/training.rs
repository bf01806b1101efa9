//! Reads what training wrote beside its models.

use std::path::{Path, PathBuf};

use crossmamba::report::Course;
use crossmamba::{Error, Place, Result};

/// How the models came about, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Training {
    /// How the training of each fold went.
    pub(super) courses: Vec<Course>,
    /// The card.
    pub(super) card: Option<String>,
    /// The files that say so, each with its role.
    pub(super) files: Vec<(String, PathBuf)>,
}

impl Training {
    /// Reads the logs and the card in a folder that training wrote.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let (log, remedy) = ("training.tsv", "name the folder that crossmamba-fuse-train wrote");
        if folder.is_file() {
            return Err(Place::file(folder).error("is a file, not the folder of a training", remedy));
        }
        let mut found = Vec::new();
        if folder.join(log).exists() {
            found.push((0, String::new(), folder.join(log)));
        }
        for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let path = entry.map_err(Error::io("read", folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let number = name.strip_prefix("fold-").and_then(|number| number.parse::<u64>().ok());
            if let Some(number) = number.filter(|_| path.join(log).exists()) {
                found.push((number, number.to_string(), path.join(log)));
            }
        }
        found.sort();
        if found.is_empty() {
            return Err(Place::file(folder).error("holds no training.tsv", remedy));
        }
        let courses = found.iter().map(|(_, fold, path)| Course::read(fold, path)).collect::<Result<_>>()?;
        let named = |(_, fold, path): (u64, String, PathBuf)| {
            let role =
                if fold.is_empty() { "training".to_owned() } else { format!("training of fold {fold}") };
            (role, path)
        };
        let mut files: Vec<(String, PathBuf)> = found.into_iter().map(named).collect();
        let path = folder.join("model-card.md");
        if !path.exists() {
            return Ok(Self { courses, card: None, files });
        }
        let card = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        files.push(("model card".to_owned(), path));
        Ok(Self { courses, card: Some(card), files })
    }
}
