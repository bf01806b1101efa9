//! Tells the values of a column apart in a few steps.

/// The upper bounds of the steps of a column, ascending: a value is in the first step whose bound is not below it, and
/// above them all in the last. A value that is no number is in the first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins(Vec<f32>);

impl Bins {
    /// Divides values, each with the number of rows that have it, into at most `most` steps of about equal rows. A value
    /// of more rows than that has a step of its own.
    pub(super) fn of(mut values: Vec<(f32, u32)>, most: usize) -> Self {
        values.retain(|(value, rows)| *rows > 0 && !value.is_nan());
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        // Minus zero and zero are one value.
        values.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        let bound = |at: usize| between(values[at].0, values[at + 1].0);
        if values.len() <= most {
            return Self((0..values.len().saturating_sub(1)).map(bound).collect());
        }
        let all: f64 = values.iter().map(|(_, rows)| f64::from(*rows)).sum();
        let even = all / most as f64;
        let big = |rows: u32| f64::from(rows) >= even;
        let (mut left, mut steps) = (all, most);
        for (_, rows) in values.iter().filter(|(_, rows)| big(*rows)) {
            left -= f64::from(*rows);
            steps -= 1;
        }
        let mut bounds = Vec::with_capacity(most);
        let mut here = 0.0;
        for at in 0..values.len() - 1 {
            let rows = values[at].1;
            here += f64::from(rows);
            if !big(rows) {
                left -= f64::from(rows);
            }
            let full = here * steps.max(1) as f64 >= left + here;
            let apart = big(rows) || big(values[at + 1].1);
            if (full || apart) && bounds.len() + 1 < most {
                bounds.push(bound(at));
                if !big(rows) {
                    steps = steps.saturating_sub(1);
                }
                here = 0.0;
            }
        }
        Self(bounds)
    }

    /// Gives the number of steps.
    pub(super) fn steps(&self) -> usize {
        self.0.len() + 1
    }

    /// Gives the step of a value.
    pub(super) fn step(&self, value: f32) -> u8 {
        if value.is_nan() { 0 } else { self.0.partition_point(|bound| *bound < value) as u8 }
    }

    /// Gives the bound between a step and the next: values above it are beyond the step.
    pub(super) fn bound(&self, step: u8) -> f32 {
        self.0[usize::from(step)]
    }
}

/// Gives a number from `low` on and below `high`.
fn between(low: f32, high: f32) -> f32 {
    let middle = f64::midpoint(f64::from(low), f64::from(high)) as f32;
    if middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn few_values_are_told_apart_one_by_one() {
        let bins = Bins::of(vec![(2.0, 1), (-1.0, 5), (2.0, 3), (0.0, 1), (-0.0, 1), (f32::NAN, 9)], 63);
        assert_eq!(bins, Bins(vec![-0.5, 1.0]));
        assert_eq!(
            [-1.0, -0.0, 0.0, 1.0, 1.5, f32::NAN, f32::INFINITY].map(|v| bins.step(v)),
            [0, 1, 1, 1, 2, 0, 2]
        );
        assert_eq!(Bins::of(Vec::new(), 63).steps(), 1);
        assert_eq!(Bins::of(vec![(1.0, 0), (4.0, 2)], 63).steps(), 1);
    }

    #[test]
    fn neighbours_among_the_floating_point_numbers_are_told_apart() {
        let (low, high) = (1.0_f32, 1.0_f32.next_up());
        let bins = Bins::of(vec![(low, 1), (high, 1)], 63);
        assert_eq!([bins.step(low), bins.step(high)], [0, 1]);
    }

    #[test]
    fn many_values_fall_into_steps_of_about_equal_rows_and_a_frequent_one_has_its_own() {
        let mut rng = Rng::new(1);
        let mut values: Vec<(f32, u32)> = (0..5000).map(|_| (rng.normal(), 1)).collect();
        values.push((0.0, 5000));
        let bins = Bins::of(values.clone(), 63);
        assert!((50..=63).contains(&bins.steps()), "{}", bins.steps());
        let mut rows = vec![0; bins.steps()];
        for (value, count) in &values {
            rows[usize::from(bins.step(*value))] += count;
        }
        let zero = usize::from(bins.step(0.0));
        assert!((5000..5010).contains(&rows[zero]), "{rows:?}");
        rows.remove(zero);
        assert!(rows.iter().all(|&rows| (40..200).contains(&rows)), "{rows:?}");
    }
}
