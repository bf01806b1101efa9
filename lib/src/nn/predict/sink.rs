//! Where predictions go: into a table, or first through a threshold or the best of each RNA.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::num::NonZero;

use crate::Result;
use crate::nn::bundle::Prediction;
use crate::pair::Task;

/// Takes predictions, one by one.
pub trait Sink {
    /// Takes the prediction of the pair at this place of its source.
    ///
    /// # Errors
    /// An output that cannot be written.
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()>;

    /// Hears that there are no more.
    ///
    /// # Errors
    /// An output that cannot be written.
    fn end(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Sink for Vec<Prediction> {
    fn take(&mut self, _place: u64, prediction: Prediction) -> Result<()> {
        self.push(prediction);
        Ok(())
    }
}

/// Passes on what is at least as high as a threshold: a probability, or an affinity.
pub struct AtLeast<'a> {
    least: f64,
    task: Task,
    next: &'a mut dyn Sink,
}

impl<'a> AtLeast<'a> {
    /// Sets the threshold in front of another sink.
    pub fn new(least: f64, task: Task, next: &'a mut dyn Sink) -> Self {
        Self { least, task, next }
    }
}

impl Sink for AtLeast<'_> {
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()> {
        if prediction.value(self.task) >= self.least { self.next.take(place, prediction) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<()> {
        self.next.end()
    }
}

/// Passes on probabilities for another share of positive pairs.
pub struct AtPrior<'a> {
    shift: f64,
    next: &'a mut dyn Sink,
}

impl<'a> AtPrior<'a> {
    /// Adds `shift` ([`crate::calibrate::prior_shift`]) to every calibrated logit in front of another sink.
    pub fn new(shift: f64, next: &'a mut dyn Sink) -> Self {
        Self { shift, next }
    }
}

impl Sink for AtPrior<'_> {
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()> {
        self.next.take(place, Prediction { calibrated: prediction.calibrated + self.shift, ..prediction })
    }

    fn end(&mut self) -> Result<()> {
        self.next.end()
    }
}

/// Keeps the highest predictions of each group, say of each RNA, and passes them on at the end: group by group in the
/// order of their numbers, the highest first, and among equal ones the first of the source.
///
/// It holds no more than it passes on.
///
/// ```
/// use std::num::NonZero;
///
/// use crossmamba::nn::bundle::Prediction;
/// use crossmamba::nn::predict::{Best, Sink};
///
/// let mut table: Vec<Prediction> = Vec::new();
/// let mut best = Best::new(NonZero::<usize>::MIN, |place| (place / 3) as u32, &mut table);
/// for (place, score) in [1.0, 3.0, 2.0, 0.5].into_iter().enumerate() {
///     best.take(place as u64, Prediction::new(score, score))?;
/// }
/// best.end()?;
/// assert_eq!(table.iter().map(|p| p.score).collect::<Vec<_>>(), [3.0, 0.5]);
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub struct Best<'a, G> {
    count: NonZero<usize>,
    group: G,
    found: BTreeMap<u32, BinaryHeap<Ranked>>,
    next: &'a mut dyn Sink,
}

impl<'a, G: Fn(u64) -> u32> Best<'a, G> {
    /// Keeps `count` predictions of each group in front of another sink; `group` numbers the group of a place.
    pub fn new(count: NonZero<usize>, group: G, next: &'a mut dyn Sink) -> Self {
        Self { count, group, found: BTreeMap::new(), next }
    }
}

impl<G: Fn(u64) -> u32> Sink for Best<'_, G> {
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()> {
        let found = self.found.entry((self.group)(place)).or_default();
        found.push(Ranked { place, prediction });
        if found.len() > self.count.get() {
            found.pop();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        for found in std::mem::take(&mut self.found).into_values() {
            for Ranked { place, prediction } in found.into_sorted_vec() {
                self.next.take(place, prediction)?;
            }
        }
        self.next.end()
    }
}

/// A prediction that is less than another when it stands before it: higher, or at an earlier place.
struct Ranked {
    place: u64,
    prediction: Prediction,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let higher_first = other.prediction.calibrated.total_cmp(&self.prediction.calibrated);
        higher_first.then(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    struct Places(Vec<u64>);

    impl Sink for Places {
        fn take(&mut self, place: u64, _: Prediction) -> Result<()> {
            self.0.push(place);
            Ok(())
        }
    }

    fn of(calibrated: f64) -> Prediction {
        Prediction::new(0.0, calibrated)
    }

    #[test]
    fn the_best_of_each_group_are_those_that_sorting_everything_gives() {
        let mut rng = Rng::new(3);
        // Coarse values, so that many are equal.
        let all: Vec<f64> = (0..400).map(|_| rng.below(9) as f64).collect();
        let group = |place: u64| (place % 7) as u32;
        for count in [1, 3, 1000] {
            let mut found = Places(Vec::new());
            let mut best = Best::new(NonZero::new(count).unwrap(), group, &mut found);
            for (place, &value) in all.iter().enumerate() {
                best.take(place as u64, of(value)).unwrap();
            }
            best.end().unwrap();
            let expected = (0..7).flat_map(|wanted| {
                let mut places: Vec<u64> = (0..400).filter(|&place| group(place) == wanted).collect();
                places.sort_by(|&a, &b| all[b as usize].total_cmp(&all[a as usize]).then(a.cmp(&b)));
                places.truncate(count);
                places
            });
            assert_eq!(found.0, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_threshold_is_a_probability_or_an_affinity_and_lets_its_own_value_pass() {
        let passed = |task, least| {
            let mut found = Places(Vec::new());
            let mut sink = AtLeast::new(least, task, &mut found);
            for (place, value) in [-2.0, 0.0, 7.5].into_iter().enumerate() {
                sink.take(place as u64, of(value)).unwrap();
            }
            sink.end().unwrap();
            found.0
        };
        assert_eq!(passed(Task::Classification, 0.5), [1, 2]);
        assert_eq!(passed(Task::Affinity, 0.5), [2]);
        assert_eq!(passed(Task::Affinity, 7.5), [2]);
    }
}
