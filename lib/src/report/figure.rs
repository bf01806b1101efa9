//! Draws the figures of a report as SVG, and turns SVG into PNG.

mod affinity;
mod canvas;
mod classification;
mod comparison;
mod course;
mod png;
mod probability;
mod regimes;

pub use png::png;

use super::{Contender, Course, Evaluation, Regime};
use crate::pair::Task;
use crate::{Error, Result};

/// A figure: the name of its files, its title, what it shows, and the picture.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The file name without suffix.
    pub name: &'static str,
    /// The title.
    pub title: &'static str,
    /// What it shows and how to read it.
    pub caption: String,
    /// The picture; its text asks for a generic sans-serif font.
    pub svg: String,
}

/// Draws every figure that the task has.
pub fn figures(evaluation: &Evaluation, unit: &str) -> Result<Vec<Figure>> {
    let baseline = evaluation.contenders.iter().position(Contender::is_baseline);
    let several = evaluation.folds.len() > 1;
    let drawn = match evaluation.task {
        Task::Classification => [
            Some(comparison::models(evaluation)),
            Some(classification::roc(evaluation)),
            Some(classification::precision_recall(evaluation)),
            Some(probability::reliability(evaluation)),
            Some(probability::scores(evaluation)),
            several.then(|| comparison::folds(evaluation)),
        ],
        Task::Affinity => [
            Some(comparison::models(evaluation)),
            Some(affinity::scatter(evaluation, unit, 0)),
            baseline.map(|c| affinity::scatter(evaluation, unit, c)),
            several.then(|| comparison::folds(evaluation)),
            None,
            None,
        ],
    };
    drawn.into_iter().flatten().map(finished).collect()
}

/// Draws how far probabilities hold in each regime; nothing without any, or of affinities.
pub fn calibration(regimes: &[Regime]) -> Result<Option<Figure>> {
    let first = regimes.first().filter(|first| first.evaluation.task == Task::Classification);
    first.map(|_| finished(regimes::calibration(regimes))).transpose()
}

/// Draws how trainings of models for a task went; nothing without any.
pub fn learning_curves(courses: &[Course], task: Task) -> Result<Option<Figure>> {
    let measure = match task {
        Task::Classification => "Validation AUROC",
        Task::Affinity => "Validation Pearson’s r",
    };
    let first = courses.iter().find(|course| !course.members.is_empty());
    first.map(|_| finished(course::learning(courses, measure))).transpose()
}

fn finished(drawn: Drawn<Figure>) -> Result<Figure> {
    drawn.map_err(|error| Error::io("draw", "the figures")(std::io::Error::other(error.to_string())))
}

type Drawn<T> = std::result::Result<T, Box<dyn std::error::Error>>;
