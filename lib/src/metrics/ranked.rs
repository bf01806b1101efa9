//! Sorts items by their scores once, so that a resample reads its weights alone.

use super::{ascending, ascending_within};

/// Items of one or more groups by ascending score, with what a resample does not change: where the weight of each goes.
///
/// Negatives with no positive between them make up one tie, as no measure tells them apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranked {
    /// The items that count, in their own order.
    items: Vec<u32>,
    /// For each of them twice its tie, and one more where it is positive.
    places: Vec<u32>,
    /// Where each group ends among the ties.
    ends: Vec<usize>,
    has_nan: bool,
}

/// The weight of positives and negatives that share a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) positives: f64,
    pub(super) negatives: f64,
}

/// The ties of a resample by ascending score, some of them without weight.
#[derive(Debug, Clone)]
pub(super) struct Ties<'a> {
    pub(super) all: Vec<Tie>,
    pub(super) positives: f64,
    pub(super) negatives: f64,
    ends: &'a [usize],
    has_nan: bool,
}

impl Ranked {
    /// Sorts all items as one group.
    pub(super) fn new(scores: &[f64], labels: &[bool]) -> Self {
        Self::of([&ascending(scores)[..]], scores, labels)
    }

    /// Sorts the items of each group; groups of one class order nothing and are left out.
    pub(super) fn within(scores: &[f64], labels: &[bool], groups: &[u32]) -> Self {
        let order = ascending_within(scores, groups);
        let groups = order.chunk_by(|&a, &b| groups[a as usize] == groups[b as usize]);
        let holds = |group: &[u32], class: bool| group.iter().any(|&item| labels[item as usize] == class);
        Self::of(groups.filter(|group| holds(group, true) && holds(group, false)), scores, labels)
    }

    fn of<'a>(groups: impl IntoIterator<Item = &'a [u32]>, scores: &[f64], labels: &[bool]) -> Self {
        let (mut placed, mut ends, mut ties) = (Vec::new(), Vec::new(), 0);
        for group in groups {
            let mut negatives_before = false;
            for tie in group.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
                let negatives = tie.iter().all(|&item| !labels[item as usize]);
                ties += usize::from(!(negatives && negatives_before));
                negatives_before = negatives;
                let place = |&item: &u32| (item, 2 * (ties as u32 - 1) + u32::from(labels[item as usize]));
                placed.extend(tie.iter().map(place));
            }
            ends.push(ties);
        }
        placed.sort_unstable();
        let (items, places) = placed.into_iter().unzip();
        Self { items, places, ends, has_nan: scores.iter().any(|score| score.is_nan()) }
    }

    /// Sums the weights of each tie, of the sample in which item i stands `weights[i]` times.
    pub(super) fn ties(&self, weights: &[u32]) -> Ties<'_> {
        let mut sums = vec![0.0; 2 * self.ends.last().copied().unwrap_or(0)];
        for (&item, &place) in self.items.iter().zip(&self.places) {
            sums[place as usize] += f64::from(weights[item as usize]);
        }
        let (sums, _) = sums.as_chunks();
        let all: Vec<Tie> = sums.iter().map(|&[negatives, positives]| Tie { positives, negatives }).collect();
        Ties {
            positives: all.iter().map(|tie| tie.positives).sum(),
            negatives: all.iter().map(|tie| tie.negatives).sum(),
            all,
            ends: &self.ends,
            has_nan: self.has_nan,
        }
    }
}

impl Ties<'_> {
    /// Gives the weight of all.
    pub(super) fn count(&self) -> f64 {
        self.positives + self.negatives
    }

    /// Tells whether an order of positives and negatives can be measured: both are there, and no score is NaN.
    pub(super) fn are_ordered(&self) -> bool {
        self.positives > 0.0 && self.negatives > 0.0 && !self.has_nan
    }

    /// Gives the ties of each group.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[Tie]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(self.ends).map(|(start, &end)| &self.all[start..end])
    }

    /// Tells whether a score is NaN.
    pub(super) const fn has_nan(&self) -> bool {
        self.has_nan
    }

    /// Tells whether a share of the positives can be measured.
    pub(super) fn have_positives(&self) -> bool {
        self.positives > 0.0 && !self.has_nan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tie(positives: f64, negatives: f64) -> Tie {
        Tie { positives, negatives }
    }

    #[test]
    fn ties_ascend_and_negatives_without_a_positive_between_them_are_one() {
        let ranked = Ranked::new(&[0.5, 0.1, 0.5, 0.9, 0.2, 0.95], &[true, false, false, true, false, false]);
        let ties = ranked.ties(&[2, 0, 1, 3, 4, 1]);
        assert_eq!(ties.all, [tie(0.0, 4.0), tie(2.0, 1.0), tie(3.0, 0.0), tie(0.0, 1.0)]);
        assert_eq!((ties.positives, ties.negatives, ties.count()), (5.0, 6.0, 11.0));
        assert!(ties.are_ordered() && !ranked.ties(&[0, 1, 1, 0, 1, 1]).have_positives());
        assert!(!Ranked::new(&[f64::NAN, 1.0], &[true, false]).ties(&[1, 1]).are_ordered());
        assert!(Ranked::new(&[], &[]).ties(&[]).all.is_empty());
    }

    #[test]
    fn groups_of_one_class_are_left_out() {
        let labels = [true, false, true, true, false, false];
        let ranked = Ranked::within(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], &labels, &[7, 7, 2, 2, 9, 7]);
        let ties = ranked.ties(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(ties.groups().collect::<Vec<_>>(), [&[tie(1.0, 0.0), tie(0.0, 8.0)]]);
    }
}
