//! Measures pairs by how well training knows them.

use super::{Contender, Evaluation, Resampling, TestPairs};
use crate::trust::Flag;

/// Fewer pairs say too little by themselves.
const LEAST: usize = 20;

/// Pairs that training knows equally well.
#[derive(Debug, Clone)]
pub struct Regime {
    /// How well.
    pub flag: Flag,
    /// What models and baselines reached on them.
    pub evaluation: Evaluation,
}

/// Measures every contender on the pairs of each flag, the best known first; flags of fewer than twenty pairs are left out.
/// Nothing where all pairs are known equally well: their figures are the pooled ones. `flags` are those of the test pairs.
///
/// ```
/// use crossmamba::metrics::{Metric, Resample};
/// use crossmamba::pair::{Sides, Task};
/// use crossmamba::report::{Contender, Resampling, TestPairs, regimes};
/// use crossmamba::trust::Flag;
///
/// let test = TestPairs {
///     task: Task::Classification,
///     truth: [1.0, 0.0].repeat(20),
///     folds: vec![("holdout".into(), (0..40).collect())],
///     molecules: Sides::new((0..40).collect(), (0..40).collect()),
///     units: (0..40).collect(),
/// };
/// // Of the first twenty pairs the model knows the answer, of the others it guesses.
/// let model = Contender::model("crossmamba", [[0.9, 0.1].repeat(10), vec![0.5; 20]].concat());
/// let flags = [[Flag::KnownBoth; 20], [Flag::NewBoth; 20]].concat();
/// let draws = Resampling { seed: 1, resamples: 0, by: Resample::Pairs };
/// let found = regimes(&test, &[model], &flags, draws);
/// let auroc = |at: usize| found[at].evaluation.pooled(0, Metric::Auroc).value;
/// assert_eq!((found[1].flag, auroc(0), auroc(1)), (Flag::NewBoth, 1.0, 0.5));
/// ```
pub fn regimes(test: &TestPairs, contenders: &[Contender], flags: &[Flag], draws: Resampling) -> Vec<Regime> {
    let of = |flag: Flag| (0..flags.len()).filter(|&pair| flags[pair] == flag).collect::<Vec<_>>();
    let parts: Vec<(Flag, Vec<usize>)> =
        Flag::ALL.into_iter().map(|flag| (flag, of(flag))).filter(|(_, pairs)| !pairs.is_empty()).collect();
    if parts.len() < 2 {
        return Vec::new();
    }
    parts
        .into_iter()
        .filter(|(_, pairs)| pairs.len() >= LEAST)
        .map(|(flag, pairs)| {
            let contenders = contenders
                .iter()
                .map(|contender| Contender {
                    values: pairs.iter().map(|&pair| contender.values[pair]).collect(),
                    bounds: contender
                        .bounds
                        .as_ref()
                        .map(|bounds| pairs.iter().map(|&pair| bounds[pair]).collect()),
                    ..contender.clone()
                })
                .collect();
            Regime {
                flag,
                evaluation: Evaluation::measure(test.part(flag.name(), &pairs), contenders, draws),
            }
        })
        .collect()
}
