//! Compares models that were trained several times, with several seeds.

use super::{Contender, Estimate, Evaluation, Resampling, TestPairs};
use crate::metrics::{Metric, Resample};

/// What a model predicted, trained with one seed after the other.
#[derive(Debug, Clone)]
pub struct Trials {
    /// The model's name.
    pub name: String,
    /// By seed, the value of each test pair.
    pub values: Vec<Vec<f64>>,
}

/// Where the figures of several seeds lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The one in the middle, of an even number the mean of two.
    pub median: f64,
    /// The greatest.
    pub most: f64,
}

/// How one model does in a measure, and beside another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The measure.
    pub metric: Metric,
    /// The model's pooled figures, seed by seed.
    pub own: Spread,
    /// Its figure less that of the other, each that of the mean of its seeds' predictions, on the same resamples.
    pub difference: Estimate,
    /// The same, seed by seed.
    pub by_seed: Spread,
}

impl Spread {
    /// Sums up figures; those that are not defined are left out.
    ///
    /// ```
    /// use crossmamba::report::Spread;
    ///
    /// assert_eq!(Spread::of(vec![0.3, 0.1, 0.2]), Spread { least: 0.1, median: 0.2, most: 0.3 });
    /// ```
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.retain(|figure| !figure.is_nan());
        figures.sort_by(f64::total_cmp);
        let Some(last) = figures.len().checked_sub(1) else {
            return Self { least: f64::NAN, median: f64::NAN, most: f64::NAN };
        };
        let median = f64::midpoint(figures[last / 2], figures[last.div_ceil(2)]);
        Self { least: figures[0], median, most: figures[last] }
    }
}

/// Where the pooled figures of a model's seeds lie.
#[derive(Debug, Clone)]
pub struct Seeds {
    /// The model's name.
    pub name: String,
    /// How many seeds there are.
    pub count: usize,
    /// For each measure, where the figures of single seeds lie.
    pub spreads: Vec<(Metric, Spread)>,
}

impl Trials {
    /// Measures each seed by itself.
    ///
    /// ```
    /// use crossmamba::metrics::Metric;
    /// use crossmamba::pair::{Sides, Task};
    /// use crossmamba::report::{TestPairs, Trials};
    ///
    /// let test = TestPairs {
    ///     task: Task::Classification,
    ///     truth: vec![1.0, 0.0],
    ///     folds: vec![("holdout".into(), vec![0, 1])],
    ///     molecules: Sides::new(vec![0, 0], vec![1, 2]),
    ///     units: vec![0, 1],
    /// };
    /// let model = Trials { name: "relay".into(), values: vec![vec![0.9, 0.2], vec![0.1, 0.2], vec![0.8, 0.1]] };
    /// let seeds = model.seeds(&test);
    /// let (_, auroc) = seeds.spreads.iter().find(|(metric, _)| *metric == Metric::Auroc).unwrap();
    /// assert_eq!((seeds.count, auroc.least, auroc.median), (3, 0.0, 1.0));
    /// ```
    pub fn seeds(&self, test: &TestPairs) -> Seeds {
        let alone = self.alone(test);
        let figures = |metric| (0..self.values.len()).map(|seed| alone.pooled(seed, metric).value).collect();
        let spreads = alone.metrics.iter().map(|&metric| (metric, Spread::of(figures(metric)))).collect();
        Seeds { name: self.name.clone(), count: self.values.len(), spreads }
    }

    /// Measures each seed as a model of its own, without intervals.
    fn alone(&self, test: &TestPairs) -> Evaluation {
        let models = self.values.iter().map(|values| Contender::model("", values.clone())).collect();
        let none = Resampling { seed: 0, resamples: 0, by: Resample::Pairs };
        Evaluation::measure(test.clone(), models, none)
    }

    /// Gives the mean of the seeds' predictions.
    pub fn mean(&self) -> Vec<f64> {
        let pairs = self.values.first().map_or(0, Vec::len);
        let mean =
            |pair| self.values.iter().map(|values| values[pair]).sum::<f64>() / self.values.len() as f64;
        (0..pairs).map(mean).collect()
    }

    /// Measures a model beside another that was trained with the same seeds.
    ///
    /// ```
    /// use crossmamba::metrics::{Metric, Resample};
    /// use crossmamba::pair::{Sides, Task};
    /// use crossmamba::report::{Resampling, TestPairs, Trials};
    ///
    /// let test = TestPairs {
    ///     task: Task::Classification,
    ///     truth: vec![1.0, 0.0, 1.0, 0.0],
    ///     folds: vec![("holdout".into(), (0..4).collect())],
    ///     molecules: Sides::new(vec![0, 0, 1, 1], vec![2, 3, 4, 5]),
    ///     units: vec![0, 1, 2, 3],
    /// };
    /// let good = Trials { name: "good".into(), values: vec![vec![0.9, 0.2, 0.7, 0.1]; 2] };
    /// let poor = Trials { name: "poor".into(), values: vec![vec![0.9, 0.2, 0.7, 0.8]; 2] };
    /// let draws = Resampling { seed: 1, resamples: 20, by: Resample::Pairs };
    /// let effects = poor.beside(&good, &test, draws);
    /// let auroc = effects.iter().find(|effect| effect.metric == Metric::Auroc);
    /// assert_eq!(auroc.map(|effect| (effect.own.median, effect.difference.value)), Some((0.75, -0.25)));
    /// ```
    pub fn beside(&self, other: &Self, test: &TestPairs, draws: Resampling) -> Vec<Effect> {
        let models = |of: &[Vec<f64>]| of.iter().map(|values| Contender::model("", values.clone())).collect();
        let whole = Evaluation::measure(test.clone(), models(&[self.mean(), other.mean()]), draws);
        let (own, others) = (self.alone(test), other.alone(test));
        let figure = |of: &Evaluation, seed: usize, metric| of.pooled(seed, metric).value;
        let seeds = 0..self.values.len().min(other.values.len());
        let effect = |&metric: &Metric| Effect {
            metric,
            own: Spread::of((0..self.values.len()).map(|seed| figure(&own, seed, metric)).collect()),
            difference: whole.difference(1, metric),
            by_seed: Spread::of(
                seeds
                    .clone()
                    .map(|seed| figure(&own, seed, metric) - figure(&others, seed, metric))
                    .collect(),
            ),
        };
        whole.metrics.iter().map(effect).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Resample;
    use crate::pair::{Sides, Task};
    use crate::rng::Rng;

    #[test]
    fn a_model_beside_itself_differs_by_nothing_and_a_worse_one_by_less_than_nothing() {
        let mut rng = Rng::new(4).fork("trials");
        let truth: Vec<f64> = (0..120).map(|i| f64::from(i % 2)).collect();
        let test = TestPairs {
            task: Task::Classification,
            truth: truth.clone(),
            folds: vec![("all".into(), (0..120).collect())],
            molecules: Sides::new((0..120).map(|i| i / 4).collect(), (100..220).collect()),
            units: (0..120).collect(),
        };
        let mut trials = |name: &str, noise: f64| {
            let mut seed = || truth.iter().map(|y| 0.4 + 0.2 * y + noise * (rng.uniform() - 0.5)).collect();
            Trials { name: name.into(), values: vec![seed(), seed(), seed()] }
        };
        let (good, poor) = (trials("good", 0.3), trials("poor", 0.9));
        let draws = Resampling { seed: 1, resamples: 100, by: Resample::Molecules };
        let of = |effects: Vec<Effect>| effects.into_iter().find(|e| e.metric == Metric::Auroc).unwrap();
        let same = of(good.beside(&good, &test, draws));
        assert_eq!(
            (same.difference.value, same.by_seed),
            (0.0, Spread { least: 0.0, median: 0.0, most: 0.0 })
        );
        assert!(same.own.least <= same.own.median && same.own.median <= same.own.most);
        let worse = of(poor.beside(&good, &test, draws));
        assert!(worse.difference.interval.unwrap().high < 0.0 && worse.by_seed.most < 0.0, "{worse:?}");
    }
}
