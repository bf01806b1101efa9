//! Measures models and baselines on the same pairs, folds and resamples.

use serde::Serialize;

use crate::baseline::{Baseline, Sees};
use crate::metrics::{Bootstrap, Interval, Metric, Sample};
use crate::pair::Task;

/// Steps of the grid on which the ROC curve's band is drawn.
const BAND_STEPS: usize = 50;

/// A model or baseline with its prediction for each pair.
#[derive(Debug, Clone)]
pub struct Contender {
    /// Its name in tables.
    pub name: String,
    /// Which baseline it is; `None` for a model.
    pub baseline: Option<Baseline>,
    /// A probability or an affinity for each pair.
    pub values: Vec<f64>,
}

impl Contender {
    /// Names a model.
    pub fn model(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), baseline: None, values }
    }

    /// Takes a baseline, under its own name.
    pub fn baseline(baseline: Baseline, values: Vec<f64>) -> Self {
        Self { name: baseline.name().into(), baseline: Some(baseline), values }
    }

    /// Tells whether it is there to be beaten.
    pub const fn is_baseline(&self) -> bool {
        self.baseline.is_some()
    }

    /// Tells whether it looks at no sequence.
    pub fn is_blind(&self) -> bool {
        self.baseline.is_some_and(|baseline| baseline.sees() == Sees::Occurrence)
    }
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure; NaN where it is not defined.
    pub value: f64,
    /// Its 95 % interval; `None` where too few resamples define it.
    pub interval: Option<Interval>,
}

/// Pairs that are measured together.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// `pooled`, `mean` (of the folds), or a fold's name.
    pub name: String,
    /// The number of pairs.
    pub pairs: usize,
    /// The number of positive pairs; `None` for an affinity.
    pub positives: Option<usize>,
}

impl Group {
    /// Tells whether all labels of a classification are alike, so that most measures are not defined.
    pub fn has_one_class(&self) -> bool {
        self.positives.is_some_and(|positives| positives == 0 || positives == self.pairs)
    }
}

/// What models and baselines reached, pooled and in each fold.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// What was predicted.
    pub task: Task,
    /// The label of each pair.
    pub truth: Vec<f64>,
    /// Models first, then baselines; the first one is the model that the report is about.
    pub contenders: Vec<Contender>,
    /// What was measured, in the order of tables.
    pub metrics: &'static [Metric],
    /// The groups of pairs: `pooled`, then with several folds `mean` and each fold.
    pub groups: Vec<Group>,
    /// The pairs of each fold.
    pub folds: Vec<(String, Vec<usize>)>,
    /// By contender, group and metric.
    pub estimates: Vec<Vec<Vec<Estimate>>>,
    /// The first contender's pooled figure minus that of each, on the same resamples: by contender and metric.
    pub differences: Vec<Vec<Estimate>>,
    /// The interval of the first contender's ROC curve over a grid of false positive rates.
    pub band: Vec<Interval>,
}

impl Evaluation {
    /// Measures every contender; `folds` divides the pairs (one fold: a hold-out), and resamples are drawn within
    /// them.
    pub fn measure(
        task: Task,
        truth: Vec<f64>,
        folds: Vec<(String, Vec<usize>)>,
        contenders: Vec<Contender>,
        seed: u64,
        resamples: usize,
    ) -> Self {
        let measured: Vec<Measured> = contenders
            .iter()
            .map(|contender| Measured::new(task, &contender.values, &truth, &folds))
            .collect();
        let strata = folds.iter().map(|(_, pairs)| pairs.clone()).collect();
        let bootstrap = Bootstrap::new(seed, resamples, truth.len(), strata);
        let drawn = bootstrap.map(|weights| {
            let figures: Vec<_> = measured.iter().map(|one| one.figures(weights)).collect();
            (figures, measured.first().map_or(Vec::new(), |one| one.pooled.roc_heights(weights, BAND_STEPS)))
        });
        let plain = vec![1; truth.len()];
        let figures: Vec<Vec<Vec<f64>>> = measured.iter().map(|one| one.figures(&plain)).collect();
        let metrics: &'static [Metric] = match task {
            Task::Classification => &Metric::CLASSIFICATION,
            Task::Affinity => &Metric::AFFINITY,
        };
        let of = |c: usize, g: usize, m: usize| Estimate {
            value: figures[c][g][m],
            interval: Interval::of(drawn.iter().map(|(draw, _)| draw[c][g][m])),
        };
        let groups = groups(task, &truth, &folds);
        let estimates = (0..contenders.len())
            .map(|c| (0..groups.len()).map(|g| (0..metrics.len()).map(|m| of(c, g, m)).collect()).collect())
            .collect();
        let differences = (0..contenders.len())
            .map(|c| {
                let one = |m: usize| Estimate {
                    value: figures[0][0][m] - figures[c][0][m],
                    interval: Interval::of(drawn.iter().map(|(draw, _)| draw[0][0][m] - draw[c][0][m])),
                };
                (0..metrics.len()).map(one).collect()
            })
            .collect();
        let height = |step: usize| {
            Interval::of(drawn.iter().map(|(_, roc)| roc.get(step).copied().unwrap_or(f64::NAN)))
        };
        let band = (0..=BAND_STEPS).map_while(height).collect();
        Self { task, truth, contenders, metrics, groups, folds, estimates, differences, band }
    }

    /// Gives the pooled figure of a contender.
    pub fn pooled(&self, contender: usize, metric: Metric) -> Estimate {
        self.estimate(contender, 0, metric)
    }

    /// Gives the figure of a contender on a group of pairs.
    pub fn estimate(&self, contender: usize, group: usize, metric: Metric) -> Estimate {
        self.place(metric)
            .map_or(Estimate { value: f64::NAN, interval: None }, |m| self.estimates[contender][group][m])
    }

    /// Gives the first contender's pooled figure minus another's.
    pub fn difference(&self, contender: usize, metric: Metric) -> Estimate {
        self.place(metric)
            .map_or(Estimate { value: f64::NAN, interval: None }, |m| self.differences[contender][m])
    }

    /// Gives the two measures by which contenders are compared in figures and words.
    pub fn main_metrics(&self) -> [Metric; 2] {
        match self.task {
            Task::Classification => [Metric::Mcc, Metric::Auroc],
            Task::Affinity => [Metric::Pearson, Metric::Rmse],
        }
    }

    /// Gives the labels of a classification.
    pub fn labels(&self) -> Vec<bool> {
        self.truth.iter().map(|&label| label > 0.5).collect()
    }

    fn place(&self, metric: Metric) -> Option<usize> {
        self.metrics.iter().position(|&other| other == metric)
    }
}

fn groups(task: Task, truth: &[f64], folds: &[(String, Vec<usize>)]) -> Vec<Group> {
    let group = |name: &str, labels: &mut dyn Iterator<Item = f64>| {
        let labels: Vec<f64> = labels.collect();
        let positives = labels.iter().filter(|&&label| label > 0.5).count();
        Group {
            name: name.into(),
            pairs: labels.len(),
            positives: (task == Task::Classification).then_some(positives),
        }
    };
    let mut groups = vec![group("pooled", &mut truth.iter().copied())];
    if folds.len() > 1 {
        groups.push(group("mean", &mut truth.iter().copied()));
        groups.extend(folds.iter().map(|(name, pairs)| group(name, &mut pairs.iter().map(|&i| truth[i]))));
    }
    groups
}

/// One contender's samples, sorted once: all pairs, and the pairs of each fold.
struct Measured {
    pooled: Sample,
    folds: Vec<(Vec<usize>, Sample)>,
}

impl Measured {
    fn new(task: Task, values: &[f64], truth: &[f64], folds: &[(String, Vec<usize>)]) -> Self {
        let sample = |pairs: &mut dyn Iterator<Item = usize>| {
            let (values, truth): (Vec<f64>, Vec<f64>) = pairs.map(|i| (values[i], truth[i])).unzip();
            match task {
                Task::Classification => {
                    Sample::classification(values, truth.into_iter().map(|label| label > 0.5).collect())
                }
                Task::Affinity => Sample::affinity(values, truth),
            }
        };
        let folds = if folds.len() > 1 { folds } else { &[] };
        Self {
            pooled: sample(&mut (0..truth.len())),
            folds: folds
                .iter()
                .map(|(_, pairs)| (pairs.clone(), sample(&mut pairs.iter().copied())))
                .collect(),
        }
    }

    /// Computes every metric for every group of pairs: pooled, and with several folds their mean and each.
    fn figures(&self, weights: &[u32]) -> Vec<Vec<f64>> {
        let mut figures = vec![self.pooled.measure_weighted(weights)];
        if self.folds.is_empty() {
            return figures;
        }
        let folds: Vec<Vec<f64>> = self
            .folds
            .iter()
            .map(|(pairs, sample)| {
                let weights: Vec<u32> = pairs.iter().map(|&i| weights[i]).collect();
                sample.measure_weighted(&weights)
            })
            .collect();
        // A fold that does not define a measure is left out of its mean.
        let mean = |m: usize| {
            let defined: Vec<f64> =
                folds.iter().map(|fold| fold[m]).filter(|value| !value.is_nan()).collect();
            defined.iter().sum::<f64>() / defined.len() as f64
        };
        figures.push((0..figures[0].len()).map(mean).collect());
        figures.extend(folds);
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation() -> Evaluation {
        let truth: Vec<f64> = (0..40).map(|i| f64::from(i % 2)).collect();
        let good: Vec<f64> =
            (0..40).map(|i| if i % 2 == 1 { 0.8 } else { 0.1 + f64::from(i) / 50.0 }).collect();
        let folds = vec![("0".into(), (0..39).collect()), ("1".into(), vec![39])];
        let contenders =
            vec![Contender::model("crossmamba", good), Contender::baseline(Baseline::IdRule, vec![0.5; 40])];
        Evaluation::measure(Task::Classification, truth, folds, contenders, 1, 200)
    }

    #[test]
    fn a_fold_of_one_class_is_named_and_left_out_of_the_mean() {
        let found = evaluation();
        let names: Vec<&str> = found.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["pooled", "mean", "0", "1"]);
        assert!(found.groups[3].has_one_class() && !found.groups[2].has_one_class());
        assert!(found.estimate(0, 3, Metric::Auroc).value.is_nan());
        assert_eq!(found.estimate(0, 3, Metric::Auroc).interval, None);
        assert_eq!(found.estimate(0, 1, Metric::Auroc), found.estimate(0, 2, Metric::Auroc));
    }

    #[test]
    fn the_interval_holds_the_figure_and_the_difference_excludes_zero() {
        let found = evaluation();
        let estimate = found.pooled(0, Metric::Auroc);
        let interval = estimate.interval.unwrap();
        assert!(interval.low <= estimate.value && estimate.value <= interval.high);
        assert!(found.difference(1, Metric::Auroc).interval.unwrap().low > 0.0);
        assert_eq!(found.difference(0, Metric::Auroc).value, 0.0);
        assert_eq!(found.band.len(), BAND_STEPS + 1);
    }
}
