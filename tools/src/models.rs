//! Finds models by their names, without a network.
//!
//! Some models travel in the program ([`SHIPPED`]). Any other is a folder, as `crossmamba-fuse-train` writes it, with a card `model-card.md` beside its files. Its name is that
//! of the folder. Folders of models are, in this order: those that `CROSSMAMBA_MODELS` lists (divided by `:`),
//! `../share/crossmamba/models` and `models` beside the program, and `crossmamba/models` in the user's data folder
//! (`XDG_DATA_HOME`, else `~/.local/share`).

mod card;
mod shipped;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use crossmamba::nn::bundle::MODEL;
use crossmamba::split::FoldName;
use crossmamba::{Place, Result};

pub use card::Card;
pub use shipped::{SHIPPED, Shipped};

/// The variable that lists folders of models.
const VARIABLE: &str = "CROSSMAMBA_MODELS";

/// Models that can be named.
#[derive(Debug, Default)]
pub struct Models {
    /// Each name with its folder, the first that has it.
    found: BTreeMap<String, PathBuf>,
}

impl Models {
    /// Looks into the folders of this machine.
    pub fn of_this_machine() -> Self {
        Self::of(&folders())
    }

    /// Looks into some folders; those that are not there hold nothing.
    pub fn of(folders: &[PathBuf]) -> Self {
        let mut found = BTreeMap::new();
        let models = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
        for path in models.map(|entry| entry.path()).filter(|path| is_model(path)) {
            if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                found.entry(name.to_owned()).or_insert(path);
            }
        }
        Self { found }
    }

    /// Gives every model's name and card.
    ///
    /// # Errors
    /// A card that cannot be read.
    pub fn cards(&self) -> Result<Vec<(&str, Card)>> {
        self.found.iter().map(|(name, path)| Ok((name.as_str(), Card::read(path)?))).collect()
    }

    /// Gives the folder of a model: what is typed is one, or its name.
    ///
    /// # Errors
    /// A name that no model has; `others` are named with those that are there.
    pub fn find(&self, typed: &Path, others: &[&str]) -> Result<PathBuf> {
        let name = typed.to_str().filter(|name| !name.contains(std::path::MAIN_SEPARATOR));
        let Some(name) = name.filter(|_| !typed.exists()) else { return Ok(typed.to_path_buf()) };
        if let Some(path) = self.found.get(name) {
            return Ok(path.clone());
        }
        let known: Vec<&str> = others.iter().copied().chain(self.found.keys().map(String::as_str)).collect();
        let there =
            if known.is_empty() { "none is".into() } else { format!("there are {}", known.join(", ")) };
        Err(Place::file(typed).error(
            format!("is no folder here, and no model has this name ({there})"),
            "name the folder of a model, or a model that --list-models names",
        ))
    }
}

/// Tells whether a folder holds a trained model, or the models of all folds.
fn is_model(path: &Path) -> bool {
    let has_fold = |folds: Vec<PathBuf>| folds.iter().any(|fold| fold.join(MODEL).exists());
    path.join(MODEL).exists() || FoldName::folders_in(path).is_ok_and(has_fold)
}

/// Lists the folders of models of this machine.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os(VARIABLE).iter().flat_map(env::split_paths).collect();
    if let Some(program) = env::current_exe().ok().and_then(|path| path.parent().map(Path::to_path_buf)) {
        folders.push(program.join("../share/crossmamba/models"));
        folders.push(program.join("models"));
    }
    let home = |below: &str| env::var_os("HOME").map(|home| Path::new(&home).join(below));
    let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    folders.extend(data.or_else(|| home(".local/share")).map(|data| data.join("crossmamba/models")));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_that_has_a_name_gives_it_and_an_unknown_name_is_told_the_others() {
        let place = tempfile::tempdir().unwrap();
        for model in ["one/a", "one/b/fold-0", "two/a", "two/c"] {
            std::fs::create_dir_all(place.path().join(model)).unwrap();
            std::fs::write(place.path().join(model).join(MODEL), "{}").unwrap();
        }
        std::fs::create_dir_all(place.path().join("two/empty")).unwrap();
        let models = Models::of(&["none", "one", "two"].map(|name| place.path().join(name)));
        let find = |name: &str| models.find(Path::new(name), &["built-in"]);
        assert_eq!(find("a").unwrap(), place.path().join("one/a"));
        assert_eq!(find("b").unwrap(), place.path().join("one/b"));
        assert_eq!(find("some/where").unwrap(), Path::new("some/where"));
        let message = find("empty").unwrap_err().to_string();
        assert!(message.contains("no model has this name (there are built-in, a, b, c)"), "{message}");
    }
}
