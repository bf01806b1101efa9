//! Measures models and baselines on the same pairs, folds and resamples.

use super::{Group, TestPairs};
use crate::baseline::{Baseline, Sees};
use crate::metrics::{Bootstrap, Interval, Metric, Resample, Sample};
use crate::pair::{Sides, Task};

/// Steps of the grid on which the ROC curve's band is drawn.
const BAND_STEPS: usize = 50;

/// Fewer positives than this share are few.
const FEW: f64 = 0.1;

/// A model or baseline with its prediction for each pair.
#[derive(Debug, Clone)]
pub struct Contender {
    /// Its name in tables.
    pub name: String,
    /// Which baseline it is; `None` for a model.
    pub baseline: Option<Baseline>,
    /// A probability or an affinity for each pair.
    pub values: Vec<f64>,
    /// The bounds of each affinity, where the model gives any; NaN where it has none.
    pub bounds: Option<Vec<(f64, f64)>>,
}

impl Contender {
    /// Names a model.
    pub fn model(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), baseline: None, values, bounds: None }
    }

    /// Takes a baseline, under its own name.
    pub fn baseline(baseline: Baseline, values: Vec<f64>) -> Self {
        Self { name: baseline.name().into(), baseline: Some(baseline), values, bounds: None }
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

/// How intervals are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Resampling {
    /// The seed.
    pub seed: u64,
    /// The number of resamples; none without any.
    pub resamples: usize,
    /// What they draw.
    pub by: Resample,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure; NaN where it is not defined.
    pub value: f64,
    /// Its 95 % interval; `None` where too few resamples define it.
    pub interval: Option<Interval>,
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
    /// The number of resamples behind each interval.
    pub resamples: usize,
    /// What they drew.
    pub by: Resample,
}

impl Evaluation {
    /// Measures every contender on the same pairs and resamples.
    ///
    /// ```
    /// use crossmamba::metrics::{Metric, Resample};
    /// use crossmamba::pair::{Sides, Task};
    /// use crossmamba::report::{Contender, Evaluation, Resampling, TestPairs};
    ///
    /// let test = TestPairs {
    ///     task: Task::Classification,
    ///     truth: vec![1.0, 0.0, 1.0, 0.0],
    ///     folds: vec![("holdout".into(), (0..4).collect())],
    ///     molecules: Sides::new(vec![0, 0, 1, 1], vec![2, 3, 4, 5]),
    ///     units: vec![0, 1, 2, 3],
    /// };
    /// let model = Contender::model("crossmamba", vec![0.9, 0.2, 0.7, 0.8]);
    /// let draws = Resampling { seed: 1, resamples: 100, by: Resample::Pairs };
    /// let evaluation = Evaluation::measure(test, vec![model], draws);
    /// assert_eq!(evaluation.pooled(0, Metric::Auroc).value, 0.75);
    /// assert_eq!(evaluation.pooled(0, Metric::AurocInRna).value, 0.5);
    /// ```
    pub fn measure(test: TestPairs, contenders: Vec<Contender>, draws: Resampling) -> Self {
        let within = test.within();
        let bounded = contenders.iter().any(|contender| contender.bounds.is_some());
        let measured: Vec<Measured> =
            contenders.iter().map(|contender| Measured::new(&test, contender, &within, bounded)).collect();
        let Resampling { seed, resamples, by } = draws;
        let bootstrap = match by {
            Resample::Pairs => Bootstrap::new(seed, resamples, test.truth.len(), test.strata()),
            Resample::Molecules => Bootstrap::of_molecules(seed, resamples, &test.molecules),
        };
        let drawn = bootstrap.map(|weights| {
            let figures: Vec<_> = measured.iter().map(|one| one.figures(weights)).collect();
            (figures, measured.first().map_or(Vec::new(), |one| one.pooled.roc_heights(weights, BAND_STEPS)))
        });
        let plain = vec![1; test.truth.len()];
        let figures: Vec<Vec<Vec<f64>>> = measured.iter().map(|one| one.figures(&plain)).collect();
        let metrics: &'static [Metric] = match test.task {
            Task::Classification => &Metric::CLASSIFICATION,
            Task::Affinity if bounded => &Metric::BOUNDED,
            Task::Affinity => &Metric::AFFINITY,
        };
        let of = |c: usize, g: usize, m: usize| Estimate {
            value: figures[c][g][m],
            interval: Interval::of(drawn.iter().map(|(draw, _)| draw[c][g][m])),
        };
        let groups = test.groups();
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
        let TestPairs { task, truth, folds, .. } = test;
        Self { task, truth, contenders, metrics, groups, folds, estimates, differences, band, resamples, by }
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

    /// Gives the two measures by which contenders are compared in figures and words. Where positives are few, hardly a
    /// probability reaches one half, and MCC is that of calling nothing positive.
    pub fn main_metrics(&self) -> [Metric; 2] {
        match self.task {
            Task::Classification if self.has_few_positives() => [Metric::Auroc, Metric::Auprc],
            task => usual_metrics(task),
        }
    }

    /// Gives the labels of a classification.
    pub fn labels(&self) -> Vec<bool> {
        self.truth.iter().map(|&label| label > 0.5).collect()
    }

    /// Gives the share of positive pairs of a classification.
    pub fn share_of_positives(&self) -> Option<f64> {
        let pooled = self.groups.first()?;
        (pooled.pairs > 0).then_some(pooled.positives? as f64 / pooled.pairs as f64)
    }

    /// Tells whether positives are so few that what counts is the top of the list.
    pub fn has_few_positives(&self) -> bool {
        self.share_of_positives().is_some_and(few_positives)
    }

    fn place(&self, metric: Metric) -> Option<usize> {
        self.metrics.iter().position(|&other| other == metric)
    }
}

/// Gives the two measures by which contenders are compared whatever the share of positives, so that sets can be compared, too.
pub(crate) const fn usual_metrics(task: Task) -> [Metric; 2] {
    match task {
        Task::Classification => [Metric::Mcc, Metric::Auroc],
        Task::Affinity => [Metric::Pearson, Metric::Rmse],
    }
}

/// Tells whether so small a share of pairs is positive that at one half hardly a probability is, and MCC is that of calling
/// nothing positive.
pub(crate) fn few_positives(share: f64) -> bool {
    share > 0.0 && share < FEW
}

/// One contender's samples, sorted once: all pairs, and the pairs of each fold.
struct Measured {
    pooled: Sample,
    folds: Vec<(Vec<usize>, Sample)>,
}

impl Measured {
    /// Sorts the samples of a contender; `bounded` where any contender has bounds.
    fn new(test: &TestPairs, contender: &Contender, within: &Sides<Vec<u32>>, bounded: bool) -> Self {
        let sample = |pairs: &[usize]| {
            let sample = test.sample(&contender.values, within, pairs);
            if !bounded {
                return sample;
            }
            let of = |&pair: &usize| contender.bounds.as_ref().map_or((f64::NAN, f64::NAN), |all| all[pair]);
            sample.bounded(pairs.iter().map(of).collect())
        };
        let all: Vec<usize> = (0..test.truth.len()).collect();
        let folds: &[_] = if test.folds.len() > 1 { &test.folds } else { &[] };
        Self {
            pooled: sample(&all),
            folds: folds.iter().map(|(_, pairs)| (pairs.clone(), sample(pairs))).collect(),
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
        let test = TestPairs {
            task: Task::Classification,
            truth,
            folds,
            molecules: Sides::new((0..40).map(|i| i / 4).collect(), (0..40).collect()),
            units: (0..40).collect(),
        };
        Evaluation::measure(test, contenders, Resampling { seed: 1, resamples: 200, by: Resample::Pairs })
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

    #[test]
    fn a_pair_and_its_mirror_are_drawn_as_one() {
        // Twenty pairs, each twice: the interval is that of twenty pairs.
        let once: Vec<f64> = (0..20).map(|i| f64::from(i % 3 == 0)).collect();
        let values: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20) / 20.0).collect();
        let interval = |copies: usize| {
            let n = 20 * copies;
            let test = TestPairs {
                task: Task::Classification,
                truth: once.repeat(copies),
                folds: vec![("all".into(), (0..n).collect())],
                molecules: Sides::new(vec![0; n], vec![1; n]),
                units: (0..n as u32).map(|i| i % 20).collect(),
            };
            let model = Contender::model("m", values.repeat(copies));
            let found = Evaluation::measure(
                test,
                vec![model],
                Resampling { seed: 1, resamples: 300, by: Resample::Pairs },
            );
            found.pooled(0, Metric::Auroc).interval.unwrap()
        };
        assert_eq!(interval(1), interval(2));
    }
}
