//! Adds tree after tree, each fitted to what the sum of those before it leaves.

use rayon::prelude::*;

use super::coded::Coded;
use super::grow::{Grower, Sums};
use super::{Columns, Loss, Settings, Trees};
use crate::calibrate::probability;
use crate::rng::Rng;

/// Fits trees to the targets of rows: 0 and 1, or any numbers.
///
/// ```
/// use crossmamba::trees::{Columns, Loss, Part, Settings, fit};
///
/// let values: Vec<f32> = (0..200).map(|i| (i % 10) as f32).collect();
/// let labels: Vec<f64> = values.iter().map(|&v| f64::from(u8::from(v > 3.0))).collect();
/// let columns = Columns::new(vec![Part::own(&values, 1)]);
/// let scores = fit(&columns, &labels, Loss::Logistic, &Settings::default(), 1).scores(&columns);
/// assert!(scores[3] < -1.0 && scores[4] > 1.0);
/// ```
///
/// # Panics
/// Not one target per row, or more than 256 bins.
pub fn fit(columns: &Columns<'_>, targets: &[f64], loss: Loss, settings: &Settings, seed: u64) -> Trees {
    assert_eq!(columns.rows(), targets.len(), "a row has one target");
    assert!(settings.bins <= 256, "a step is a byte");
    let coded = Coded::of(columns, settings.bins);
    let start = start(targets, loss);
    let rng = Rng::new(seed).fork("trees");
    let mut scores = vec![start; targets.len()];
    let mut trees = Trees { loss, columns: columns.width(), start, trees: Vec::new() };
    for round in 0..settings.rounds {
        let mut rng = rng.fork(&round.to_string());
        let rows = sample(targets.len(), settings.rows, &mut rng);
        let sums: Vec<Sums> =
            scores.par_iter().zip(targets).map(|(&score, &target)| loss.sums(score, target)).collect();
        let Some(tree) = (Grower { coded: &coded, settings, sums: &sums }).grow(rows, &mut rng) else {
            continue;
        };
        scores.par_iter_mut().enumerate().for_each(|(row, score)| {
            *score += tree.answer(|column| columns.value(row, column as usize));
        });
        trees.trees.push(tree);
    }
    trees
}

impl Loss {
    /// Gives minus the gradient of one row's loss, and its second derivative.
    fn sums(self, score: f64, target: f64) -> Sums {
        let (gradient, curvature) = match self {
            Self::Logistic => {
                let p = probability(score, 1.0);
                (target - p, p * (1.0 - p))
            }
            Self::Squared => (target - score, 1.0),
        };
        Sums { gradient, curvature, rows: 1 }
    }
}

/// Gives the best constant answer; half a row of each class keeps a logit finite.
fn start(targets: &[f64], loss: Loss) -> f64 {
    let (sum, count) = (targets.iter().sum::<f64>(), targets.len() as f64);
    match loss {
        Loss::Logistic => ((sum + 0.5) / (count - sum + 0.5)).ln(),
        Loss::Squared => sum / count.max(1.0),
    }
}

/// Draws a share of the rows without putting any back, ascending (Knuth's selection sampling).
fn sample(count: usize, share: f64, rng: &mut Rng) -> Vec<u32> {
    let mut wanted = ((count as f64 * share).round() as usize).clamp(usize::from(count > 0), count.max(1));
    if wanted == count {
        return (0..count as u32).collect();
    }
    let mut rows = Vec::with_capacity(wanted);
    for row in 0..count {
        if rng.uniform() * ((count - row) as f64) < wanted as f64 {
            rows.push(row as u32);
            wanted -= 1;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{auroc, pearson};
    use crate::trees::Part;

    /// Rows of which two columns decide together, among ten.
    fn rows(count: usize, rng: &mut Rng) -> (Vec<f32>, Vec<f64>) {
        let mut values = vec![0.0; count * 10];
        rng.fill_normal(&mut values);
        let targets = values.chunks(10).map(|row| f64::from(u8::from((row[2] > 0.3) != (row[7] > -0.2))));
        let targets = targets.collect();
        (values, targets)
    }

    #[test]
    fn an_exclusive_or_among_other_columns_is_learnt() {
        let mut rng = Rng::new(4);
        let (values, labels) = rows(2000, &mut rng);
        let trees = fit(
            &Columns::new(vec![Part::own(&values, 10)]),
            &labels,
            Loss::Logistic,
            &Settings { node_columns: 0.5, ..Settings::default() },
            1,
        );
        let (values, labels) = rows(1000, &mut rng);
        let scores = trees.scores(&Columns::new(vec![Part::own(&values, 10)]));
        let area = auroc(&scores, &labels.iter().map(|&y| y > 0.5).collect::<Vec<_>>());
        assert!(area > 0.95, "{area}");
    }

    #[test]
    fn numbers_are_fitted_by_their_mean_square() {
        let mut rng = Rng::new(5);
        let mut values = vec![0.0; 3000];
        rng.fill_normal(&mut values);
        let targets: Vec<f64> =
            values.chunks(2).map(|row| 40.0 + f64::from((2.0 * row[0]).sin() + row[1])).collect();
        let columns = Columns::new(vec![Part::own(&values, 2)]);
        let settings = Settings { node_columns: 1.0, columns: 1.0, ..Settings::default() };
        let scores = fit(&columns, &targets, Loss::Squared, &settings, 1).scores(&columns);
        assert!(pearson(&scores, &targets) > 0.97);
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        assert!((mean - 40.0).abs() < 0.2, "{mean}");
    }

    #[test]
    fn lines_that_rows_share_give_the_trees_of_rows_that_hold_them() {
        let mut rng = Rng::new(6);
        let mut molecules = vec![0.0; 40 * 5];
        rng.fill_normal(&mut molecules);
        let lines: Vec<u32> = (0..600).map(|_| rng.below(40) as u32).collect();
        let mut own = vec![0.0; 600];
        rng.fill_normal(&mut own);
        let wide: Vec<f32> = lines
            .iter()
            .zip(&own)
            .flat_map(|(&line, own)| molecules[line as usize * 5..][..5].iter().chain([own]).copied())
            .collect();
        let labels: Vec<f64> =
            wide.chunks(6).map(|row| f64::from(u8::from(row[1] + row[5] + 0.3 * row[3] > 0.0))).collect();
        let settings = Settings { node_columns: 0.5, ..Settings::default() };
        let shared = Columns::new(vec![Part::shared(&molecules, 5, &lines), Part::own(&own, 1)]);
        let whole = Columns::new(vec![Part::own(&wide, 6)]);
        let one = fit(&shared, &labels, Loss::Squared, &settings, 3);
        let two = fit(&whole, &labels, Loss::Squared, &settings, 3);
        // Sums in another order may choose another of two equal splits.
        let (one, two) = (one.scores(&shared), two.scores(&whole));
        assert!(pearson(&one, &two) > 0.999);
    }

    #[test]
    fn the_trees_are_the_same_for_any_number_of_threads() {
        let (values, labels) = rows(700, &mut Rng::new(7));
        let columns = Columns::new(vec![Part::own(&values, 10)]);
        let run = || fit(&columns, &labels, Loss::Logistic, &Settings::default(), 9);
        let [one, three] = [1, 3].map(|threads| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
        });
        assert!(!one.trees.is_empty());
        assert_eq!(one, three);
        assert_ne!(one, fit(&columns, &labels, Loss::Logistic, &Settings::default(), 10));
    }

    #[test]
    fn a_leaf_has_the_least_number_of_rows() {
        let values: Vec<f32> = (0..30).map(|i| i as f32).collect();
        let labels: Vec<f64> = (0..30).map(|i| f64::from(u8::from(i < 4))).collect();
        let columns = Columns::new(vec![Part::own(&values, 1)]);
        let settings = Settings { rows: 1.0, ..Settings::default() };
        let trees = fit(&columns, &labels, Loss::Logistic, &settings, 1);
        let bounds = trees.trees.iter().flat_map(|tree| tree.splits.iter().map(|split| split.bound));
        assert!(bounds.into_iter().all(|bound| (9.0..20.0).contains(&bound)));
    }

    #[test]
    fn one_class_and_no_rows_at_all_give_the_start_alone() {
        let columns = Columns::new(vec![Part::own(&[1.0, 2.0], 1)]);
        let trees = fit(&columns, &[1.0, 1.0], Loss::Logistic, &Settings::default(), 1);
        assert!(trees.trees.is_empty() && trees.start > 1.0);
        let none = Columns::new(vec![Part::shared(&[], 3, &[])]);
        assert_eq!(fit(&none, &[], Loss::Squared, &Settings::default(), 1).start, 0.0);
    }
}
