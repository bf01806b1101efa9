//! Sets single keys of a configuration, as the cells of a table do.

use super::{Config, KEYS};
use crate::{Error, Result};

impl Config {
    /// Gives the same configuration with one key, named with what it stands in, set to a value in YAML.
    ///
    /// ```
    /// use crossmamba::config::{Config, Crosstalk};
    ///
    /// let config = Config::default().with("model.crosstalk", "none")?;
    /// assert_eq!(config.model.crosstalk, Crosstalk::None);
    /// assert!(config.with("model.crosstalks", "none").is_err());
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    ///
    /// # Errors
    /// An unknown key, and a value that it cannot have.
    pub fn with(&self, key: &str, value: &str) -> Result<Self> {
        let wrong = |problem: String| Error::setting(key, problem, KEYS);
        let mut whole = serde_json::to_value(self).map_err(super::unwritten)?;
        let mut place = &mut whole;
        for part in key.split('.') {
            place = place
                .as_object_mut()
                .and_then(|object| object.get_mut(part))
                .ok_or_else(|| wrong("is no key of a configuration".into()))?;
        }
        if place.is_object() {
            return Err(wrong("holds keys, and has no value itself".into()));
        }
        *place = serde_yaml::from_str(value).map_err(|error| wrong(error.to_string()))?;
        let config: Self = serde_json::from_value(whole).map_err(|error| wrong(error.to_string()))?;
        config.check()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_in_a_file() {
        let config = Config::default();
        let same = |key: &str, value: &str, yaml: &str| {
            let file = Config::parse(yaml, std::path::Path::new("config.yaml")).unwrap();
            assert_eq!(config.with(key, value).unwrap(), file, "{key}");
        };
        same("model.noise", "0", "model: {noise: 0}");
        same("loss.alpha", "0.25", "loss: {alpha: 0.25}");
        same("training.epochs", "7", "training: {epochs: 7}");
        same("model.feature-dropout", "auto", "");
        for (key, value, words) in [
            ("noise", "0", "is no key"),
            ("model", "{}", "holds keys"),
            ("model.noise", "-1", "model.noise"),
            ("model.head", "both", "unknown variant `both`"),
            ("training.epochs", "[", "training.epochs"),
        ] {
            let error = config.with(key, value).unwrap_err().to_string();
            assert!(error.contains(words), "{key}: {error}");
        }
    }
}
