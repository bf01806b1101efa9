//! What `model.json` says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, Prediction, Target};
use crate::encoder::recognise;
use crate::expert::{Choice, Kind};
use crate::nn::data::Widths;
use crate::pair::{Side, Sides};
use crate::record::{Digest, Molecule};
use crate::store::{Manifest, TokenRule};
use crate::trust::{Flag, Reliability};

/// The version of the bundle's format that this program writes; it reads the earlier ones, too.
///
/// 1: the numbers of two sides or two parts are lists of two; 2: they are named; 3: the file names all folds of its run
/// and ends with a `digest` of the text before it; 4: it tells of other experts than the network, and is written only where
/// there are any; 5: it says how stores were made that were not made in a usual way, and is written only for such; 6: it tells how
/// good predictions are by how well training knows a pair, and names sketches of the molecules of training where they are kept;
/// 7: it tells what each of several heads of the network reached, and is written only where they were compared.
pub const FORMAT: u32 = 7;

/// What a trained model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The version of the format: the least that tells all of it ([`FORMAT`]).
    pub format: u32,
    /// The version of the program that trained it.
    pub version: String,
    /// Which fold it was trained for: the part that it has not seen.
    pub fold: String,
    /// Every fold of the run, whose models belong together; not told by the formats 1 and 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<String>,
    /// The seed of the run.
    pub seed: u64,
    /// What it predicts, with the scale of the labels.
    pub target: Target,
    /// The unit of an affinity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it reads.
    pub inputs: Sides<SideInputs>,
    /// Trainable numbers of one member.
    pub parameters: usize,
    /// How its scores become predictions.
    pub calibration: Calibration,
    /// What was chosen among the experts; without it the network alone gives the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experts: Option<Choice<Calibration>>,
    /// How good its predictions are, by how well training knows a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// How it was trained.
    pub training: TrainingSummary,
    /// Every other file of the bundle with its digest.
    pub files: BTreeMap<String, Digest>,
}

/// What the model reads on one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideInputs {
    /// Widths of global vector and rows.
    pub widths: Widths,
    /// The stores, in order.
    pub stores: Vec<StoreInputs>,
}

/// What made the rows of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreInputs {
    /// The kind of the molecules.
    pub molecule: Molecule,
    /// The encoder.
    pub encoder: String,
    /// The digest of encoder and settings.
    pub digest: Digest,
    /// How to make such a store, where that is not one of the usual ways that the digest tells by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// How a store was made, as its manifest says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The rows of a molecule.
    pub tokens: TokenRule,
    /// The encoder's settings.
    pub settings: Value,
}

/// How scores become predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Calibration {
    /// The score is used as it is.
    None,
    /// The logit is divided by a temperature, fitted on the inner validation part.
    Temperature {
        /// The temperature.
        temperature: f64,
        /// The number of pairs it was fitted on.
        pairs: usize,
    },
    /// Affinities are used as they are; their error was measured on the inner validation part.
    Residual {
        /// Standard deviation of measured minus predicted, in the unit of the labels.
        deviation: f64,
        /// The number of pairs it was measured on.
        pairs: usize,
    },
}

/// One thing for each of the parts that a fit sees of its fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts<T> {
    /// What is trained on.
    pub train: T,
    /// The inner part that is watched but never trained on.
    pub validation: T,
}

/// How a model was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSummary {
    /// The pairs of the fold.
    pub pairs: Parts<usize>,
    /// Distinct RNAs and partners trained on.
    pub molecules: Sides<usize>,
    /// The resolved sizes.
    pub plan: Plan,
    /// Epochs that each member was trained for.
    pub epochs: Vec<usize>,
    /// What the run was: the digest of its data, split, settings and seed.
    pub run: String,
}

impl StoreInputs {
    /// Takes what matters from a store's manifest.
    pub fn of(manifest: &Manifest) -> Self {
        let recipe = || Recipe { tokens: manifest.tokens, settings: manifest.settings.clone() };
        Self {
            molecule: manifest.molecule,
            encoder: manifest.encoder.clone(),
            digest: manifest.digest,
            recipe: recognise(manifest.molecule, &manifest.digest).is_none().then(recipe),
        }
    }

    /// Tells whether two stores hold interchangeable embeddings.
    pub fn fits(&self, other: &Self) -> bool {
        (self.molecule, &self.encoder, self.digest) == (other.molecule, &other.encoder, other.digest)
    }
}

impl fmt::Display for StoreInputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest.to_string();
        write!(f, "{} embeddings of `{}` (settings {})", self.molecule, self.encoder, &digest[..12])
    }
}

impl Model {
    /// Gives the least version of the format that tells all of a model with these inputs, with such a choice among experts
    /// or without, and with its reliability or without.
    pub fn format_of(
        inputs: &Sides<SideInputs>,
        experts: Option<&Choice<Calibration>>,
        neighbours: bool,
    ) -> u32 {
        let of_side = |side: Side| inputs[side].stores.iter().any(|store| store.recipe.is_some());
        match (experts, neighbours, Side::BOTH.into_iter().any(of_side)) {
            (Some(choice), ..) if !choice.heads.is_empty() => FORMAT,
            (_, true, _) => 6,
            (_, false, true) => 5,
            (Some(_), false, false) => 4,
            (None, false, false) => 3,
        }
    }

    /// Turns a mean score into a prediction.
    pub fn prediction(&self, score: f64) -> Prediction {
        self.calibrated(score, self.calibration)
    }

    /// Turns a mean score into a prediction by a calibration.
    pub fn calibrated(&self, score: f64, calibration: Calibration) -> Prediction {
        if let Calibration::Temperature { temperature, .. } = calibration {
            Prediction::new(score, score / temperature)
        } else {
            let value = self.target.unscaled(score);
            Prediction::new(value, value)
        }
    }

    /// Turns a mean score into a prediction of a pair that training knows so well.
    pub fn prediction_of(&self, score: f64, flag: Option<Flag>) -> Prediction {
        let logit =
            self.reliability.as_ref().zip(flag).and_then(|(measured, flag)| measured.logit(flag, score));
        logit.map_or_else(|| self.prediction(score), |logit| Prediction::new(score, logit))
    }

    /// Tells whether the prediction needs the score of an expert.
    pub fn needs(&self, kind: Kind) -> bool {
        match &self.experts {
            Some(choice) => {
                choice.candidates.get(choice.chosen).is_some_and(|c| c.weights.contains_key(&kind))
            }
            None => kind == Kind::Relay,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::encoder::{Encoder as _, Kmer};
    use crate::expert::{Inner, choose};
    use crate::pair::Task;
    use crate::split::Regime;
    use crate::store::Dtype;

    /// What format 1 wrote.
    pub(in super::super) const FIRST: &str = r#"{
        "format": 1, "version": "0.1.0", "fold": "fold-2", "seed": 7,
        "target": {"task": "classification", "mean": 0.0, "deviation": 1.0},
        "inputs": [
            {"widths": {"global": 3, "rows": 2}, "stores": []},
            {"widths": {"global": 0, "rows": 5}, "stores": []}
        ],
        "parameters": 10, "calibration": {"method": "none"},
        "training": {
            "pairs": [90, 10], "molecules": [8, 9],
            "plan": {"epochs": 1, "steps_per_epoch": 2, "batch": 45}, "epochs": [1], "run": "r"
        },
        "files": {}
    }"#;

    #[test]
    fn a_store_is_told_by_its_digest_alone_where_it_was_made_in_a_usual_way() {
        let manifest = |tokens| Kmer::new(Molecule::Rna, tokens).manifest(Dtype::F32);
        let usual = StoreInputs::of(&manifest(TokenRule::Pooled));
        assert_eq!(usual.recipe, None);
        let tokens = TokenRule::Window { size: 50, cap: 7 };
        let other = StoreInputs::of(&manifest(tokens));
        assert_eq!(other.recipe.as_ref().map(|recipe| recipe.tokens), Some(tokens));
        let format = |inputs: &StoreInputs, experts: Option<&Choice<Calibration>>, neighbours| {
            let side = SideInputs { widths: Widths { global: 1, rows: 1 }, stores: vec![inputs.clone()] };
            Model::format_of(&Sides::new(side.clone(), side), experts, neighbours)
        };
        let mut choice =
            choose(&[], &Inner::default(), Regime::Pairs, Task::Classification, |_, _| Calibration::None);
        let formats = [
            format(&usual, None, false),
            format(&usual, Some(&choice), false),
            format(&other, None, false),
            format(&usual, None, true),
        ];
        assert_eq!(formats, [3, 4, 5, 6]);
        choice.heads.insert("concat".into(), None);
        assert_eq!(format(&usual, Some(&choice), true), FORMAT);
        // As an earlier version wrote it.
        let earlier = StoreInputs { recipe: None, ..other.clone() };
        assert!(earlier.fits(&other) && !earlier.fits(&usual));
    }

    #[test]
    fn lists_of_two_as_the_first_format_wrote_them_are_read_as_named_sides_and_parts() {
        let model: Model = serde_json::from_str(FIRST).unwrap();
        assert_eq!(model.inputs.partner.widths, Widths { global: 0, rows: 5 });
        assert_eq!(model.training.pairs, Parts { train: 90, validation: 10 });
        assert_eq!(model.training.molecules, Sides::new(8, 9));
        let text = serde_json::to_string(&model).unwrap();
        assert!(text.contains(r#""pairs":{"train":90,"validation":10},"molecules":{"rna":8,"partner":9}"#));
        assert_eq!(serde_json::from_str::<Model>(&text).unwrap(), model);
        let value = serde_json::from_str::<serde_json::Value>(FIRST).unwrap();
        assert_eq!(serde_json::from_value::<Model>(value).unwrap(), model);
    }
}
