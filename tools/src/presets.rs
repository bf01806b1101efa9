//! Finds the configurations that travel in the program by their names.

use std::ffi::OsString;
use std::path::Path;

use crossmamba::config::Config;
use crossmamba::io::Source;
use crossmamba::{Error, Result};

/// What a name begins with where a file could stand.
const PREFIX: &str = "preset:";

/// A configuration of a common case. Its first line is a comment: a sentence on when to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    text: &'static str,
}

/// All of them.
pub const PRESETS: [Preset; 5] = [
    Preset { name: "few-pairs", text: include_str!("../presets/few-pairs.yaml") },
    Preset { name: "many-pairs", text: include_str!("../presets/many-pairs.yaml") },
    Preset { name: "affinity", text: include_str!("../presets/affinity.yaml") },
    Preset { name: "screening-hits", text: include_str!("../presets/screening-hits.yaml") },
    Preset { name: "language-model-rows", text: include_str!("../presets/language-model-rows.yaml") },
];

/// A configuration as typed: `preset:NAME`, or a file.
#[derive(Debug, Clone)]
pub enum Configuration {
    /// One that travels in the program.
    Preset(String),
    /// A file.
    File(Source),
}

impl Preset {
    /// Finds a preset by its name.
    ///
    /// ```
    /// use crossmamba_tools::presets::Preset;
    ///
    /// let config = Preset::find("affinity")?.config()?;
    /// assert_eq!(config.training.epochs.or(0), 15);
    /// let message = Preset::find("afinity").unwrap_err().to_string();
    /// assert!(message.contains("few-pairs, many-pairs, affinity"));
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that none has; the names are told.
    pub fn find(name: &str) -> Result<&'static Self> {
        const ALL: &[Preset] = &PRESETS;
        ALL.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|preset| preset.name).collect();
            let problem = format!("there is no preset `{name}`");
            Error::setting("--config", problem, format!("name one of {}, or a file", names.join(", ")))
        })
    }

    /// Gives the sentence on when to use it.
    pub fn when(&self) -> &'static str {
        self.text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default()
    }

    /// Gives the configuration; what the preset leaves out has its default.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn config(&self) -> Result<Config> {
        Config::parse(self.text, Path::new(self.name))
    }
}

impl Configuration {
    /// Reads it.
    ///
    /// # Errors
    /// A name that no preset has, and what [`Config::read`] refuses.
    pub fn read(&self) -> Result<Config> {
        match self {
            Self::Preset(name) => Preset::find(name)?.config(),
            Self::File(file) => Config::read(file),
        }
    }

    /// Gives the file, if it is one.
    pub const fn file(&self) -> Option<&Source> {
        match self {
            Self::Preset(_) => None,
            Self::File(file) => Some(file),
        }
    }
}

/// As typed on a command line.
impl From<OsString> for Configuration {
    fn from(typed: OsString) -> Self {
        match typed.to_str().and_then(|typed| typed.strip_prefix(PREFIX)) {
            Some(name) => Self::Preset(name.to_owned()),
            None => Self::File(typed.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_says_when_to_use_it_and_changes_something_that_is_allowed() {
        for preset in PRESETS {
            assert!(preset.when().starts_with("For ") && preset.when().ends_with('.'), "{}", preset.name);
            let config = preset.config().unwrap();
            config.check().unwrap();
            assert_ne!(config, Config::default(), "{}", preset.name);
        }
    }

    #[test]
    fn what_is_typed_is_a_preset_by_its_prefix_and_else_a_file() {
        let typed = |text: &str| Configuration::from(OsString::from(text));
        assert_eq!(
            typed("preset:affinity").read().unwrap(),
            Preset::find("affinity").unwrap().config().unwrap()
        );
        assert!(typed("preset:affinity").file().is_none());
        assert!(typed("affinity").file().is_some());
        assert!(typed("preset:none").read().is_err());
    }
}
