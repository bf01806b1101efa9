//! Measures how good the predictions of pairs are that training knows equally well.

use serde::{Deserialize, Serialize};

use super::Flag;
use crate::calibrate::{Calibrator, probability};
use crate::metrics::{auroc, ece, rmse};
use crate::pair::Task;

/// The certainty with which an affinity lies within its bounds, unless another is asked for.
pub const COVERAGE: f64 = 0.9;

/// A bin has so many pairs at least, and so many of either class.
const PAIRS: usize = 100;
const OF_CLASS: usize = 20;
/// Residuals are kept at so many levels: each half percent.
const LEVELS: usize = 200;

/// Flags that are measured together where each alone has too few pairs.
const FAMILIES: [&[Flag]; 4] = [
    &[Flag::SeenPair, Flag::KnownBoth],
    &[Flag::NearRnaKnownPartner, Flag::KnownPartner],
    &[Flag::KnownRnaNearPartner, Flag::KnownRna],
    &[Flag::NearBoth, Flag::NearRna, Flag::NearPartner, Flag::NewBoth],
];

/// What models that had not seen some pairs said of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The score of each pair: a logit, or an affinity in the unit of the labels.
    pub scores: Vec<f64>,
    /// Its label.
    pub labels: Vec<f64>,
    /// How well their training knew it; empty where nobody can tell.
    pub flags: Vec<Flag>,
}

/// How good the predictions of a model are, by how well its training knows a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// The share of positive pairs in training; of a classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positives: Option<f64>,
    /// All pairs together, where any were held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<Bin>,
    /// Pairs that training knows equally well; no flag is in two bins, and some are in none.
    pub bins: Vec<Bin>,
}

/// Pairs that training knows about equally well, and what was measured on them out of fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// How well.
    pub flags: Vec<Flag>,
    /// The number of pairs.
    pub pairs: usize,
    /// What was measured.
    pub measured: Measured,
}

/// What was measured on the pairs of a bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Measured {
    /// Of classes.
    Classification {
        /// The positive pairs.
        positives: usize,
        /// The area under the ROC curve; `null` with one class only.
        auroc: Option<f64>,
        /// The expected calibration error of pairs that their calibration was not fitted to.
        ece: f64,
        /// How scores become probabilities; without it the model's own calibration holds.
        calibrator: Option<Calibrator>,
    },
    /// Of affinities.
    Affinity {
        /// The root mean squared error.
        rmse: f64,
        /// The least half-widths of intervals that hold a new measurement with each half percent of certainty, as far as so
        /// many pairs can tell: from .5 % on.
        half_widths: Vec<f64>,
    },
}

impl Told {
    fn part(&self, flags: &[Flag]) -> Vec<usize> {
        (0..self.flags.len()).filter(|&at| flags.contains(&self.flags[at])).collect()
    }
}

impl Reliability {
    /// Measures what was told, bin by bin: each flag with enough pairs is a bin; the rest of a family are one together, or join
    /// the smallest of it. `calibrate` is whether probabilities are calibrated at all.
    pub fn measure(task: Task, told: &Told, positives: Option<f64>, calibrate: bool) -> Self {
        let bin = |flags: &[Flag], pairs: &[usize]| Bin::measure(task, told, flags, pairs, calibrate);
        let enough = |pairs: &[usize]| match task {
            Task::Affinity => pairs.len() >= PAIRS,
            Task::Classification => {
                let positive = pairs.iter().filter(|&&at| told.labels[at] > 0.5).count();
                pairs.len() >= PAIRS && positive.min(pairs.len() - positive) >= OF_CLASS
            }
        };
        let mut bins = Vec::new();
        for family in FAMILIES {
            let there = family.iter().copied().filter(|flag| told.flags.contains(flag));
            let (mut own, rest): (Vec<Vec<Flag>>, Vec<Vec<Flag>>) =
                there.map(|flag| vec![flag]).partition(|flags| enough(&told.part(flags)));
            let rest = rest.concat();
            if enough(&told.part(&rest)) {
                own.push(rest);
            } else if let Some(smallest) = own.iter_mut().min_by_key(|flags| told.part(flags).len()) {
                smallest.extend(rest);
                smallest.sort();
            }
            bins.extend(own.iter().map(|flags| bin(flags, &told.part(flags))));
        }
        let all: Vec<usize> = (0..told.scores.len()).collect();
        let overall = enough(&all).then(|| bin(&[], &all));
        Self { positives, overall, bins }
    }

    /// Gives the bin of a flag. A pair that was trained on is judged as one of known molecules, which is no better known.
    pub fn bin(&self, flag: Flag) -> Option<&Bin> {
        let of = |flag: Flag| self.bins.iter().find(|bin| bin.flags.contains(&flag));
        of(flag).or_else(|| of(Flag::KnownBoth).filter(|_| flag == Flag::SeenPair))
    }

    /// Gives the calibrated logit of a score, where the pair's bin has a calibration.
    pub fn logit(&self, flag: Flag, score: f64) -> Option<f64> {
        match &self.bin(flag)?.measured {
            Measured::Classification { calibrator: Some(calibrator), .. } => Some(calibrator.logit(score)),
            _ => None,
        }
    }

    /// Gives the half-width of an interval around an affinity that holds the measured one with this certainty: that of the
    /// pair's bin; of a pair that no bin speaks of the widest of all. `None` of a classification, or where nothing was held
    /// out.
    ///
    /// This is split conformal prediction (Papadopoulos et al. 2002) bin by bin (Mondrian: Vovk et al. 2005) on residuals of
    /// models that had not seen the pairs.
    pub fn half_width(&self, flag: Option<Flag>, coverage: f64) -> Option<f64> {
        if let Some(bin) = flag.and_then(|flag| self.bin(flag)) {
            return bin.half_width(coverage);
        }
        let all = self.bins.iter().chain(&self.overall);
        all.filter_map(|bin| bin.half_width(coverage)).max_by(f64::total_cmp)
    }

    /// Refuses numbers that no training gives.
    ///
    /// # Errors
    /// A share, a calibrator or an error that is out of its range, as a part of a sentence.
    pub fn check(&self) -> Result<(), String> {
        let share = self.positives.is_none_or(|share| (0.0..=1.0).contains(&share));
        let sound = |bin: &Bin| match &bin.measured {
            Measured::Classification { calibrator, ece, .. } => {
                ece.is_finite() && calibrator.as_ref().is_none_or(Calibrator::is_sound)
            }
            Measured::Affinity { rmse, half_widths } => {
                rmse.is_finite() && half_widths.iter().all(|width| width.is_finite() && *width >= 0.0)
            }
        };
        if share && self.bins.iter().chain(&self.overall).all(sound) {
            Ok(())
        } else {
            Err("its reliability has numbers that are none".into())
        }
    }
}

impl Bin {
    fn measure(task: Task, told: &Told, flags: &[Flag], pairs: &[usize], calibrate: bool) -> Self {
        let take = |values: &[f64]| pairs.iter().map(|&at| values[at]).collect::<Vec<f64>>();
        let (scores, labels) = (take(&told.scores), take(&told.labels));
        let measured = match task {
            Task::Affinity => Measured::Affinity {
                rmse: rmse(&scores, &labels),
                half_widths: half_widths(&scores, &labels),
            },
            Task::Classification => {
                let labels: Vec<bool> = labels.iter().map(|&label| label > 0.5).collect();
                let (calibrator, logits) = if calibrate {
                    let (calibrator, logits) = Calibrator::fit(&scores, &labels);
                    (Some(calibrator), logits)
                } else {
                    (None, scores.clone())
                };
                let probabilities: Vec<f64> = logits.iter().map(|&logit| probability(logit, 1.0)).collect();
                let auroc = auroc(&scores, &labels);
                Measured::Classification {
                    positives: labels.iter().filter(|label| **label).count(),
                    auroc: auroc.is_finite().then_some(auroc),
                    ece: ece(&probabilities, &labels),
                    calibrator,
                }
            }
        };
        Self { flags: flags.to_vec(), pairs: pairs.len(), measured }
    }

    fn half_width(&self, coverage: f64) -> Option<f64> {
        let Measured::Affinity { half_widths, .. } = &self.measured else { return None };
        let level = (coverage * LEVELS as f64 - 1e-9).ceil().max(1.0) as usize;
        // Of a level that so few pairs cannot tell, the widest is the best guess.
        half_widths.get(level - 1).or_else(|| half_widths.last()).copied()
    }
}

/// Gives for each level the ⌈(n + 1) level⌉-th smallest absolute residual, up to the last level that has one.
fn half_widths(predicted: &[f64], measured: &[f64]) -> Vec<f64> {
    let mut residuals: Vec<f64> = predicted.iter().zip(measured).map(|(p, y)| (p - y).abs()).collect();
    residuals.sort_by(f64::total_cmp);
    let rank = |level: usize| ((residuals.len() + 1) * level).div_ceil(LEVELS).max(1);
    (1..LEVELS)
        .map(rank)
        .take_while(|&rank| rank <= residuals.len())
        .map(|rank| residuals[rank - 1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn told(parts: &[(Flag, usize, f64)]) -> Told {
        let mut rng = Rng::new(2);
        let mut told = Told::default();
        for &(flag, pairs, noise) in parts {
            for at in 0..pairs {
                let label = f64::from(u8::from(at % 2 == 0));
                told.scores.push(label + noise * f64::from(rng.normal()));
                told.labels.push(label);
                told.flags.push(flag);
            }
        }
        told
    }

    #[test]
    fn flags_with_few_pairs_are_measured_with_their_like_or_not_at_all() {
        let told = told(&[
            (Flag::KnownBoth, 300, 1.0),
            (Flag::NearRna, 60, 1.0),
            (Flag::NearPartner, 70, 1.0),
            (Flag::NewBoth, 400, 3.0),
            (Flag::KnownRna, 20, 1.0),
        ]);
        let found = Reliability::measure(Task::Classification, &told, Some(0.5), true);
        let flags: Vec<&[Flag]> = found.bins.iter().map(|bin| &bin.flags[..]).collect();
        assert_eq!(flags, [&[Flag::KnownBoth][..], &[Flag::NewBoth], &[Flag::NearRna, Flag::NearPartner]]);
        assert_eq!(found.bin(Flag::SeenPair), found.bin(Flag::KnownBoth));
        assert_eq!(found.bin(Flag::KnownRna), None);
        let [known, new] = [Flag::KnownBoth, Flag::NewBoth].map(|flag| found.logit(flag, 2.0).unwrap());
        assert!(known > new, "{known} {new}");
        assert_eq!(found.overall.as_ref().map(|bin| bin.pairs), Some(850));
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Reliability>(&text).unwrap(), found);
        found.check().unwrap();
    }

    #[test]
    fn intervals_hold_as_many_new_measurements_as_they_say_in_every_bin() {
        let parts = [(Flag::KnownBoth, 10_000, 0.3), (Flag::NewBoth, 10_000, 1.5)];
        let mut all = told(&parts);
        let later = all.scores.iter().zip(&all.labels).map(|(s, y)| (s - y).abs()).collect::<Vec<_>>();
        // Every second pair is measured, the others are new.
        let keep = |values: &[f64]| values.iter().copied().step_by(2).collect::<Vec<f64>>();
        let flags = all.flags.clone();
        all = Told {
            scores: keep(&all.scores),
            labels: keep(&all.labels),
            flags: flags.iter().copied().step_by(2).collect(),
        };
        let found = Reliability::measure(Task::Affinity, &all, None, true);
        for coverage in [0.5, 0.8, 0.9] {
            for flag in [Flag::KnownBoth, Flag::NewBoth] {
                let width = found.half_width(Some(flag), coverage).unwrap();
                let new: Vec<usize> = (1..20_000).step_by(2).filter(|&at| flags[at] == flag).collect();
                let held = new.iter().filter(|&&at| later[at] <= width).count() as f64 / new.len() as f64;
                assert!((held - coverage).abs() < 0.04, "{coverage} {flag:?} {held}");
            }
        }
        // Of what no bin speaks of, the widest is said.
        assert_eq!(found.half_width(None, 0.9), found.half_width(Some(Flag::NewBoth), 0.9));
        assert!(found.half_width(Some(Flag::KnownBoth), 0.9) < found.half_width(None, 0.9));
    }

    #[test]
    fn the_half_width_is_the_residual_that_the_rule_names() {
        let predicted: Vec<f64> = (1..=199).map(f64::from).collect();
        let widths = half_widths(&predicted, &[0.0; 199]);
        assert_eq!((widths.len(), widths[179], widths[198]), (199, 180.0, 199.0));
    }
}
