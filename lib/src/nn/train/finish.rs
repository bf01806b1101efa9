//! Makes a fold's bundle when its members are trained.

use std::collections::BTreeMap;

use super::fit::{Fitted, Watch};
use super::jobs::Pieces;
use super::log::log_table;
use super::run::{FoldRun, Run, remove_checkpoints};
use crate::Result;
use crate::calibrate::fit_temperature;
use crate::config::{CalibrationConfig, Config};
use crate::expert::Choice;
use crate::nn::bundle::{
    self, Calibration, Member, Model, Parts, SideInputs, StoreInputs, Target, TrainingSummary,
};
use crate::nn::predict::mean_scores;
use crate::pair::{Sides, Task};
use crate::trust::{Neighbours, Reliability, Told};

impl Run<'_> {
    /// Writes a fold's bundle: members first, then the calibration of their mean on the inner part.
    ///
    /// Where there are other experts, what is best on the inner folds is chosen, and calibrated there.
    pub(super) fn finish(
        &self,
        fold: &FoldRun,
        mut pieces: Pieces,
        key: &str,
        watch: &dyn Watch,
    ) -> Result<()> {
        let known = self.neighbours(fold)?;
        let (head, heads) = self.best_head(fold, &pieces.networks);
        let experts = match (&self.experts, pieces.experts.take()) {
            (Some(experts), Some(made)) => {
                match self.compare(experts, fold, &pieces, head, known.as_ref(), watch)? {
                    Some((choice, told)) => Some((made, Choice { heads, ..choice }, told)),
                    // Asked to stop: the fits are saved, and the rest is made again.
                    None => return Ok(()),
                }
            }
            _ => None,
        };
        let fitted: Vec<Fitted> = pieces.members.into_values().collect();
        let mut files = BTreeMap::new();
        let mut members = Vec::with_capacity(fitted.len());
        for (number, one) in fitted.iter().enumerate() {
            let digest = bundle::write_member(&fold.folder, number, &one.weights, &fold.standardisation)?;
            files.insert(bundle::member_file(number), digest);
            let network = self.model(head)?;
            network.params().restore(&one.weights)?;
            members.push(Member { network, standardisation: fold.standardisation.clone() });
        }
        let parameters = members.first().map_or(0, |m| m.network.params().values());
        let inputs = self.data.tables.as_ref().map(|table| SideInputs {
            widths: table.widths(),
            stores: table.manifests().map(StoreInputs::of).collect(),
        });
        let (mut calibration, mut told) = self.calibration(fold, &members, known.as_ref())?;
        let mut choice = None;
        if let Some((made, chosen, said)) = experts {
            told = said;
            files.extend(bundle::write_experts(&fold.folder, &made)?);
            if chosen.folds > 0 {
                calibration = chosen.candidates[chosen.chosen].calibration;
            }
            choice = Some(chosen);
        }
        if let Some(known) = &known {
            files.extend([bundle::write_neighbours(&fold.folder, known)?]);
        }
        let reliability = self.reliability(fold, told);
        let model = Model {
            format: Model::format_of(&inputs, choice.as_ref(), reliability.is_some()),
            version: env!("CARGO_PKG_VERSION").into(),
            fold: fold.name.clone(),
            folds: self.folds.iter().map(|fold| fold.name.to_string()).collect(),
            seed: self.seed,
            target: fold.target,
            unit: (self.task == Task::Affinity).then(|| self.config.training.unit.clone()),
            inputs,
            parameters,
            calibration,
            experts: choice,
            reliability,
            training: TrainingSummary {
                pairs: Parts { train: fold.parts.train.len(), validation: fold.parts.validation.len() },
                molecules: fold.molecules,
                plan: fold.plan.clone(),
                epochs: fitted.iter().map(|one| one.log.len()).collect(),
                run: key.to_owned(),
            },
            files,
        };
        let logs: Vec<_> = fitted.into_iter().map(|one| one.log).collect();
        let config = Config { model: self.model_config(head), ..self.config.clone() };
        bundle::write(&fold.folder, model, &config, &log_table(&logs))?;
        // The bundle is complete: what is left of the fits is only in the way.
        remove_checkpoints(&fold.folder)
    }

    /// Calibrates the mean of the members on the inner part, and gives what they said of it.
    fn calibration(
        &self,
        fold: &FoldRun,
        members: &[Member],
        known: Option<&Neighbours>,
    ) -> Result<(Calibration, Told)> {
        let watched: Vec<usize> =
            fold.parts.validation.iter().copied().filter(|&at| self.data.pair(at).is_some()).collect();
        let uncalibrated = self.config.calibration == CalibrationConfig::None;
        if watched.is_empty() || members.is_empty() || (uncalibrated && known.is_none()) {
            return Ok((Calibration::None, Told::default()));
        }
        let pairs: Vec<Sides<u32>> = watched.iter().filter_map(|&at| self.data.pair(at)).collect();
        let scores = mean_scores(&[members], self.data, &pairs)?.remove(0);
        let labels: Vec<f64> = watched.iter().map(|&at| self.labels[at]).collect();
        let calibration = self.calibrated(&scores, &labels, fold.target);
        // With other experts they are told of what was chosen.
        let flags = match known {
            Some(known) if self.experts.is_none() => self.flags(known, fold, None, &watched)?,
            _ => Vec::new(),
        };
        Ok((calibration, Told { scores, labels, flags }))
    }

    /// Measures what was said of pairs that were not trained on; nothing of affinities where nothing was said.
    fn reliability(&self, fold: &FoldRun, mut told: Told) -> Option<Reliability> {
        let seen = self.seen(fold);
        let positives = (self.task == Task::Classification).then(|| {
            seen.iter().filter(|&&at| self.labels[at] > 0.5).count() as f64 / seen.len().max(1) as f64
        });
        if self.task == Task::Affinity {
            if told.scores.is_empty() {
                return None;
            }
            told.scores.iter_mut().for_each(|score| *score = fold.target.unscaled(*score));
        }
        let calibrate = self.config.calibration != CalibrationConfig::None;
        Some(Reliability::measure(self.task, &told, positives, calibrate))
    }

    /// Calibrates scores by the labels of their pairs.
    pub(super) fn calibrated(&self, scores: &[f64], labels: &[f64], target: Target) -> Calibration {
        if scores.is_empty() || self.config.calibration == CalibrationConfig::None {
            return Calibration::None;
        }
        match self.task {
            Task::Classification => {
                let labels: Vec<bool> = labels.iter().map(|&y| y > 0.5).collect();
                let temperature = fit_temperature(scores, &labels);
                Calibration::Temperature { temperature, pairs: labels.len() }
            }
            Task::Affinity => {
                let squares = scores.iter().zip(labels).map(|(&s, y)| (target.unscaled(s) - y).powi(2));
                let deviation = (squares.sum::<f64>() / scores.len() as f64).sqrt();
                Calibration::Residual { deviation, pairs: scores.len() }
            }
        }
    }
}
