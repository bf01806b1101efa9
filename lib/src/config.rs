//! Reads the configuration of a training run: every key has a documented default, unknown keys are refused.
//!
//! This is the only module that knows YAML.

mod auto;
mod inputs;
mod key;
mod loss;
mod model;
mod print;
mod training;

use std::io::Read as _;
use std::num::NonZero;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use auto::{AutoCount, AutoFraction};
pub use inputs::{InputsConfig, WindowConfig};
pub use loss::{AffinityLoss, ClassificationLoss, LossConfig};
pub(crate) use model::FEATURE_DROPOUT;
pub use model::{Crosstalk, DuplexInput, Fusion, Head, ModelConfig, Reading, Selectivity};
pub use training::{
    Batches, CalibrationConfig, Negatives, Stop, TaskChoice, TrainingConfig, ValidationConfig,
};

use crate::io::Source;
use crate::record::Molecule;
use crate::{Error, Place, Result};

/// Beyond any configuration, in bytes: with every key and its description it has 7 000.
const LONGEST: u64 = 1 << 16;

/// Beyond any configuration, in brackets within brackets.
const DEEPEST: usize = 64;

/// What to do about a configuration that cannot be read.
const KEYS: &str = "`crossmamba-fuse-train --print-config` shows every key with its default";

/// Pairs per step between RNAs.
const BATCH_BETWEEN_RNAS: NonZero<usize> = NonZero::new(64).unwrap();

/// Everything that decides what a training run computes, besides its data and its seed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The network.
    pub model: ModelConfig,
    /// What the labels are.
    pub task: TaskChoice,
    /// How rows of the embedding stores become tokens.
    pub inputs: InputsConfig,
    /// How the weights are found.
    pub training: TrainingConfig,
    /// What is minimised.
    pub loss: LossConfig,
    /// The inner part of the training pairs that is watched but never trained on.
    pub validation: ValidationConfig,
    /// How scores become probabilities.
    pub calibration: CalibrationConfig,
}

impl Config {
    /// Reads a YAML file; keys that are left out keep their defaults.
    ///
    /// # Errors
    /// A file that cannot be read, is not YAML, has an unknown key, or a value out of range.
    pub fn read(source: impl Into<Source>) -> Result<Self> {
        let source = source.into();
        let path = source.path();
        let mut text = String::new();
        source.open()?.take(LONGEST + 1).read_to_string(&mut text).map_err(Error::io("read", path))?;
        if text.len() as u64 > LONGEST {
            let problem = format!("is longer than {LONGEST} bytes, and no configuration is");
            return Err(Place::file(path).error(problem, KEYS));
        }
        Self::parse(&text, path)
    }

    /// Reads YAML text; `path` is only for the words of an error.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use crossmamba::config::Config;
    ///
    /// let config = Config::parse("training: {epochs: 7}", Path::new("config.yaml"))?;
    /// assert_eq!(config.training.epochs.or(15), 7);
    /// assert!(Config::parse("training: {epoch: 7}", Path::new("config.yaml")).is_err());
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        if let Some(line) = too_deep(text) {
            let problem = format!("brackets stand in each other {DEEPEST} times");
            return Err(Place::file(path).line(line).error(problem, KEYS));
        }
        // An empty document is `null` to YAML, and means "all defaults" to a person.
        let config: Option<Self> = serde_yaml::from_str(text).map_err(|error| {
            let place = Place::file(path);
            let place = match error.location() {
                Some(at) => place.line(at.line() as u64),
                None => place,
            };
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or(&words).to_owned();
            place.error(words, KEYS)
        })?;
        let config = config.unwrap_or_default();
        config.check().map_err(|error| match error {
            Error::Setting { name, problem, remedy } => {
                Place::file(path).error(format!("setting `{name}`: {problem}"), remedy)
            }
            other => other,
        })?;
        Ok(config)
    }

    /// Replaces what is left open by what the rules give for RNAs and such partners: between RNAs, half of the features
    /// are dropped in training, a step takes 64 pairs, and the head sees the duplex when the nucleotides are known.
    ///
    /// The rules were found by cross-validation inside the training pairs of public sets, see the benchmarks' text.
    #[must_use]
    pub fn resolved(mut self, partner: Molecule, nucleotides: bool) -> Self {
        self.model = self.model.resolved(partner, nucleotides);
        if partner == Molecule::Rna && self.training.batch == AutoCount::Auto {
            self.training.batch = AutoCount::Of(BATCH_BETWEEN_RNAS);
        }
        self
    }

    /// Checks every number's range.
    ///
    /// # Errors
    /// The first setting that cannot be used, by its full key.
    pub fn check(&self) -> Result<()> {
        self.model.validate()?;
        self.inputs.check()?;
        self.training.check()?;
        self.loss.check()?;
        self.validation.check()
    }

    /// Gives the configuration as YAML, without comments.
    ///
    /// # Errors
    /// [`Error::Defect`]: a configuration can be written.
    pub fn to_yaml(&self) -> Result<String> {
        serde_yaml::to_string(self).map_err(unwritten)
    }

    /// Gives the configuration as YAML with each key's description above it.
    ///
    /// # Errors
    /// As [`Config::to_yaml`].
    pub fn to_documented_yaml(&self) -> Result<String> {
        let value = serde_json::to_value(self).map_err(unwritten)?;
        Ok(print::documented(&value, schemars::schema_for!(Self).as_value()))
    }

    /// Gives the JSON schema of the configuration file, indented, with a final newline.
    ///
    /// # Errors
    /// [`Error::Defect`]: the schema can be written.
    pub fn schema() -> Result<String> {
        let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Self)).map_err(unwritten)?;
        text.push('\n');
        Ok(text)
    }
}

/// Finds the line on which brackets are nested too deep: the reader's time grows with the square of the depth.
fn too_deep(text: &str) -> Option<u64> {
    let (mut depth, mut line) = (0_usize, 1);
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth >= DEEPEST {
            return Some(line);
        }
    }
    None
}

fn unwritten(error: impl std::fmt::Display) -> Error {
    Error::defect("configuration", format!("it cannot be written: {error}"))
}

/// Refuses a number outside a range, by its full key.
pub(crate) fn within(name: &str, value: f64, range: std::ops::RangeInclusive<f64>) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (low, high) = (range.start(), range.end());
    Err(Error::setting(
        name,
        format!("{value} is out of range"),
        format!("give a number from {low} to {high}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_configuration_holds_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        let refused = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::read(&path).unwrap_err().to_string()
        };
        let deep = refused(&format!("task: auto\nmodel: {}", "[".repeat(60_000)));
        assert!(deep.contains("line 2: brackets stand in each other 64 times"), "{deep}");
        let long = refused(&format!("# {}", "a".repeat(70_000)));
        assert!(long.contains("is longer than 65536 bytes"), "{long}");
        // Sixty-seven million blanks in some 65 000 bytes.
        let file = std::fs::File::create(&path).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        std::io::copy(&mut std::io::repeat(b' ').take(1 << 26), &mut packed).unwrap();
        packed.finish().unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("is longer than"));
    }

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text, Path::new("config.yaml"))
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(parse("").unwrap(), Config::default());
        assert_eq!(parse("{}").unwrap(), Config::default());
        assert_eq!(parse("training: {}\n").unwrap(), Config::default());
    }

    #[test]
    fn between_rnas_other_rules_hold_unless_something_else_was_asked_for() {
        let resolved = |text: &str, partner| {
            let config = parse(text).unwrap().resolved(partner, false);
            (config.model.feature_dropout.or(9.0), config.training.batch.or(9))
        };
        assert_eq!(resolved("", Molecule::Rna), (0.5, 64));
        assert_eq!(resolved("", Molecule::Protein), (0.1, 9));
        assert_eq!(resolved("model: {feature-dropout: 0.2}\ntraining: {batch: 7}", Molecule::Rna), (0.2, 7));
    }

    #[test]
    fn the_duplex_is_looked_at_between_rnas_whose_nucleotides_are_known() {
        let resolved = |text: &str, partner, known| {
            parse(text).unwrap().resolved(partner, known).model.duplex == DuplexInput::Energy
        };
        assert!(resolved("", Molecule::Rna, true));
        assert!(!resolved("", Molecule::Rna, false));
        assert!(!resolved("", Molecule::Protein, true));
        assert!(!resolved("model: {duplex: none}", Molecule::Rna, true));
        assert!(resolved("model: {duplex: energy}", Molecule::Protein, false));
    }

    #[test]
    fn the_defaults_survive_their_own_yaml_with_and_without_comments() {
        let config = Config::default();
        config.check().unwrap();
        assert_eq!(parse(&config.to_yaml().unwrap()).unwrap(), config);
        let documented = config.to_documented_yaml().unwrap();
        assert_eq!(parse(&documented).unwrap(), config, "{documented}");
        let mut keys =
            documented.lines().filter(|l| !l.trim_start().starts_with('#') && l.contains(':')).peekable();
        assert!(keys.peek().is_some());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file_and_line() {
        let words = parse("training:\n  epochs: 3\n  speed: 3\n").unwrap_err().to_string();
        assert!(words.starts_with("config.yaml, line 3: "), "{words}");
        assert!(words.contains("unknown field `speed`") && words.contains("--print-config"), "{words}");
    }

    #[test]
    fn wrong_values_are_named() {
        for (text, part) in [
            ("training: {learning-rate: -1}", "training.learning-rate"),
            ("training: {learning-rate: .nan}", "training.learning-rate"),
            ("training: {epochs: 0}", "at least 1"),
            ("training: {epochs: many}", "`auto`"),
            ("training: {batch: 1.5}", "`auto`"),
            ("validation: {fraction: 0.9}", "validation.fraction"),
            ("loss: {classification: hinge}", "hinge"),
            ("- a\n- b\n", "invalid type"),
            ("training: {epochs: 3, epochs: 4}", "duplicate"),
            ("training: [", "config.yaml"),
        ] {
            let words = parse(text).unwrap_err().to_string();
            assert!(words.contains(part) && words.starts_with("config.yaml"), "{text}: {words}");
        }
    }
}
