//! Sorts items by their scores once, so that a resample reads its weights alone.

use super::ascending;

/// Items by ascending score, with what a resample does not change.
#[derive(Debug, Clone)]
pub(super) struct Ranked {
    items: Vec<u32>,
    marks: Vec<Mark>,
    has_nan: bool,
}

/// What is known of an item beside its weight.
#[derive(Debug, Clone, Copy)]
struct Mark {
    is_positive: bool,
    ends_tie: bool,
}

/// The weight of positives and negatives that share a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) positives: f64,
    pub(super) negatives: f64,
}

/// The ties of a resample that hold any weight, by ascending score.
#[derive(Debug, Clone)]
pub(super) struct Ties {
    pub(super) all: Vec<Tie>,
    pub(super) positives: f64,
    pub(super) negatives: f64,
    has_nan: bool,
}

/// Tells of each sorted item whether it is the last that has its value.
pub(super) fn ends_of_ties(items: &[u32], values: &[f64]) -> impl Iterator<Item = bool> {
    let next = items.iter().skip(1).map(Some).chain([None]);
    items.iter().zip(next).map(|(&a, next)| next.is_none_or(|&b| values[a as usize] != values[b as usize]))
}

impl Ranked {
    pub(super) fn new(scores: &[f64], labels: &[bool]) -> Self {
        let items = ascending(scores);
        let mark = |(&item, ends_tie): (&u32, bool)| Mark { is_positive: labels[item as usize], ends_tie };
        let marks = items.iter().zip(ends_of_ties(&items, scores)).map(mark).collect();
        Self { items, marks, has_nan: scores.iter().any(|score| score.is_nan()) }
    }

    /// Sums the weights of each tie, of the sample in which item i stands `weights[i]` times.
    pub(super) fn ties(&self, weights: &[u32]) -> Ties {
        let (mut all, mut sums) = (Vec::new(), [0.0; 2]);
        let (mut positives, mut negatives) = (0.0, 0.0);
        for (&item, mark) in self.items.iter().zip(&self.marks) {
            sums[usize::from(mark.is_positive)] += f64::from(weights[item as usize]);
            if mark.ends_tie && sums != [0.0; 2] {
                all.push(Tie { positives: sums[1], negatives: sums[0] });
                positives += sums[1];
                negatives += sums[0];
                sums = [0.0; 2];
            }
        }
        Ties { all, positives, negatives, has_nan: self.has_nan }
    }
}

impl Ties {
    /// Gives the weight of all.
    pub(super) fn count(&self) -> f64 {
        self.positives + self.negatives
    }

    /// Tells whether an order of positives and negatives can be measured: both are there, and no score is NaN.
    pub(super) fn are_ordered(&self) -> bool {
        self.positives > 0.0 && self.negatives > 0.0 && !self.has_nan
    }

    /// Tells whether a share of the positives can be measured.
    pub(super) fn have_positives(&self) -> bool {
        self.positives > 0.0 && !self.has_nan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_without_weight_are_left_out_and_the_others_ascend() {
        let ranked = Ranked::new(&[0.5, 0.1, 0.5, 0.9], &[true, false, false, true]);
        let ties = ranked.ties(&[2, 0, 1, 3]);
        let tie = |positives, negatives| Tie { positives, negatives };
        assert_eq!(ties.all, [tie(2.0, 1.0), tie(3.0, 0.0)]);
        assert_eq!((ties.positives, ties.negatives, ties.count()), (5.0, 1.0, 6.0));
        assert!(ties.are_ordered() && !ranked.ties(&[0, 1, 1, 0]).have_positives());
        assert!(!Ranked::new(&[f64::NAN, 1.0], &[true, false]).ties(&[1, 1]).are_ordered());
        assert!(Ranked::new(&[], &[]).ties(&[]).all.is_empty());
    }
}
