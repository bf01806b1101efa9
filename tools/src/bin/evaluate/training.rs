//! Reads what training wrote beside its models.

use std::path::{Path, PathBuf};

use crossmamba::expert::BLEND;
use crossmamba::io::Source;
use crossmamba::report::Course;
use crossmamba::{Error, Place, Result};

/// What is said of a folder that training did not write.
const REMEDY: &str = "name the folder that crossmamba-fuse-train wrote";

/// Gives the predictions in a folder that training wrote, each with its name: what was chosen, then each expert by itself
/// where there are several. Their best mean is not one of them; where it is not what was chosen, it was the lesser choice.
pub(super) fn predictions(folder: &Path) -> Result<Vec<(String, Source)>> {
    let mut experts = Vec::new();
    for path in listed(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let expert = name.strip_prefix("predictions.").and_then(|name| name.strip_suffix(".tsv"));
        if let Some(expert) = expert.filter(|&expert| expert != BLEND) {
            experts.push((expert.to_owned(), Source::from(&path)));
        }
    }
    let all = folder.join("predictions.tsv");
    if !all.exists() {
        let remedy = "train every fold of a split with test pairs, or name --predictions";
        return Err(Place::file(folder).error("holds no predictions.tsv", remedy));
    }
    let name = if experts.is_empty() { "crossmamba" } else { "chosen" };
    Ok(std::iter::once((name.to_owned(), Source::from(all))).chain(experts).collect())
}

/// Gives what lies in a folder, by name.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.is_file() {
        return Err(Place::file(folder).error("is a file, not the folder of a training", REMEDY));
    }
    let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(Error::io("read", folder)))
        .collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

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
        let log = "training.tsv";
        let mut found = Vec::new();
        if folder.join(log).exists() {
            found.push((0, String::new(), folder.join(log)));
        }
        for path in listed(folder)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let number = name.strip_prefix("fold-").and_then(|number| number.parse::<u64>().ok());
            if let Some(number) = number.filter(|_| path.join(log).exists()) {
                found.push((number, number.to_string(), path.join(log)));
            }
        }
        found.sort();
        if found.is_empty() {
            return Err(Place::file(folder).error("holds no training.tsv", REMEDY));
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
