//! Reads and writes `model.json`, which ends with the digest of its own text.

use std::fs;
use std::path::Path;

use super::{Calibration, FORMAT, MODEL, Model};
use crate::calibrate::RANGE;
use crate::record::Digest;
use crate::{Error, Place, Result, io};

/// What stands between the text and its digest.
const MARK: &str = ",\n  \"digest\": \"";

/// The first version of the format whose text is sealed.
const SEALED: u64 = 3;

pub(super) const AGAIN: &str = "restore the file, or train the model again";

impl Model {
    /// Reads the `model.json` of a folder, and gives its bytes beside it.
    ///
    /// Files of the formats 1 and 2 are read although they carry no digest of themselves: see [`Model::is_sealed`].
    ///
    /// # Errors
    /// A missing file, another format version, text that does not fit its digest, a scale that no training gives.
    pub fn read(folder: &Path) -> Result<(Self, Vec<u8>)> {
        let path = folder.join(MODEL);
        let bytes = fs::read(&path).map_err(Error::io("read the model", &path))?;
        Self::parse(&bytes, &path).map(|model| (model, bytes))
    }

    /// Checks that every file which the model names is there, and as it was written.
    ///
    /// # Errors
    /// The first file that is missing or another.
    pub fn check_files(&self, folder: &Path) -> Result<()> {
        super::read::check_files(folder, self)
    }

    /// Tells whether the file carries a digest of itself, so that damage to it is noticed.
    pub fn is_sealed(&self) -> bool {
        u64::from(self.format) >= SEALED
    }

    /// Gives the text of the file.
    pub(super) fn to_text(&self, path: &Path) -> Result<String> {
        let text = io::to_json(path, self)?;
        let body = text.trim_end().trim_end_matches('}').trim_end();
        Ok(sealed(body))
    }

    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let damaged = |why: String| Place::file(path).error(format!("is not a model ({why})"), AGAIN);
        let mut value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
        let format = value["format"].as_u64().ok_or_else(|| damaged("it has no `format`".into()))?;
        if format == 0 || format > u64::from(FORMAT) {
            return Err(Place::file(path).error(
                format!("has format version {format}, and this program reads the versions 1 to {FORMAT}"),
                "use the version of CrossMamba that trained it",
            ));
        }
        let has_digest = value.as_object_mut().is_some_and(|fields| fields.shift_remove("digest").is_some());
        if (has_digest || format >= SEALED) && !is_whole(bytes) {
            return Err(Place::file(path)
                .error("is damaged or was changed: its text does not fit the digest at its end", AGAIN));
        }
        let model: Self = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        model.check_scales().map_err(damaged)?;
        Ok(model)
    }

    /// Refuses numbers by which no prediction can be scaled.
    fn check_scales(&self) -> std::result::Result<(), String> {
        let (cold, hot) = RANGE;
        let of_experts =
            self.experts.iter().flat_map(|choice| choice.candidates.iter().map(|one| one.calibration));
        for calibration in of_experts.chain([self.calibration]) {
            match calibration {
                Calibration::Temperature { temperature, .. } if !(cold..=hot).contains(&temperature) => {
                    return Err(format!("its temperature is {temperature:e}, not between {cold} and {hot}"));
                }
                Calibration::Residual { deviation, .. } if !(deviation.is_finite() && deviation >= 0.0) => {
                    return Err(format!("its residual deviation is {deviation:e}"));
                }
                _ => {}
            }
        }
        if let Some(reliability) = &self.reliability {
            reliability.check()?;
        }
        if let Some(choice) = &self.experts {
            if choice.chosen >= choice.candidates.len() {
                return Err(format!("it chose expert {} of {}", choice.chosen, choice.candidates.len()));
            }
            if let Some(one) =
                choice.candidates.iter().find(|one| one.weights.values().any(|w| !w.is_finite()))
            {
                return Err(format!("its expert {} has weights that are no numbers", one.name));
            }
        }
        let (mean, deviation) = (self.target.mean, self.target.deviation);
        if !mean.is_finite() || !deviation.is_normal() || deviation < 0.0 {
            return Err(format!("its labels have the mean {mean:e} and the deviation {deviation:e}"));
        }
        Ok(())
    }
}

fn sealed(body: &str) -> String {
    format!("{body}{MARK}{}\"\n}}\n", Digest::of(body.as_bytes()))
}

fn is_whole(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.rfind(MARK).is_some_and(|at| sealed(&text[..at]) == text)
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::FIRST;
    use super::*;

    fn model() -> Model {
        let mut model: Model = serde_json::from_str(FIRST).unwrap();
        model.format = FORMAT;
        model.folds = vec!["fold-1".into(), "fold-2".into()];
        model.calibration = Calibration::Temperature { temperature: 1.25, pairs: 10 };
        model
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let text = model().to_text(Path::new("m")).unwrap();
        assert_eq!(Model::parse(text.as_bytes(), Path::new("m")).unwrap(), model());
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Model::parse(&bytes, Path::new("m")).is_err(), "bit {} of byte {}", bit % 8, bit / 8);
        }
        for cut in 0..text.len() {
            assert!(Model::parse(&text.as_bytes()[..cut], Path::new("m")).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn the_first_format_is_read_without_a_digest() {
        let model = Model::parse(FIRST.as_bytes(), Path::new("m")).unwrap();
        assert!(!model.is_sealed());
    }

    #[test]
    fn a_temperature_that_no_training_gives_is_refused() {
        for temperature in [0.0, -1.0, 1e-320, f64::NAN, f64::INFINITY, 1e9] {
            let mut model = model();
            model.calibration = Calibration::Temperature { temperature, pairs: 10 };
            let text = model.to_text(Path::new("m")).unwrap();
            assert!(Model::parse(text.as_bytes(), Path::new("m")).is_err(), "{temperature:e}");
        }
    }
}
