//! Tells what a split holds out, and draws inner folds that hold out the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Groups;
use crate::identity::{Familiarity, Identity};
use crate::rng::Rng;

/// A side of which fewer test pairs than this share are known from training was held out by whole molecules; published folds
/// share a few all the same.
const HELD_OUT: f64 = 0.1;
/// An inner fold trains on so many pairs at least.
const LEAST: usize = 10;

/// What test pairs are new in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// Nothing: their molecules stand in training pairs.
    Pairs,
    /// Their RNAs.
    Rna,
    /// Their partners.
    Partner,
    /// Both.
    Both,
}

/// What is held out together: a number for each pair of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// The cluster of its RNA, or the RNA itself.
    pub rna: Vec<u32>,
    /// The cluster of its partner, or the partner itself.
    pub partner: Vec<u32>,
    /// The pair itself, and its mirror.
    pub pair: Vec<u32>,
}

/// One inner fold, as pairs of the table, each list ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerFold {
    /// The pairs to learn from.
    pub train: Vec<usize>,
    /// The pairs held out.
    pub test: Vec<usize>,
}

impl Together {
    /// Takes the groups of a split, and molecules where it has none.
    pub fn new(groups: &Groups, molecules: &Identity) -> Self {
        let or = |groups: &Option<Vec<u32>>, own: &[u32]| groups.clone().unwrap_or_else(|| own.to_vec());
        Self {
            rna: or(&groups.rna, molecules.rna()),
            partner: or(&groups.partner, molecules.partner()),
            pair: molecules.pairs(),
        }
    }
}

impl Regime {
    /// Tells what the test pairs of a fold are new in: the sides of which the split has groups, or else those whose
    /// molecules hardly ever stand in training pairs. Without test pairs it is nothing.
    pub fn of(groups: &Groups, molecules: &Identity, train: &[usize], test: &[usize]) -> Self {
        let new = match groups.sides() {
            [None, None] => {
                let known = Familiarity::of(molecules, train, test);
                let few = |pairs: usize| !test.is_empty() && (pairs as f64) < HELD_OUT * test.len() as f64;
                [few(known.both + known.rna_only), few(known.both + known.partner_only)]
            }
            sides => sides.map(|side| side.is_some()),
        };
        match new {
            [false, false] => Self::Pairs,
            [true, false] => Self::Rna,
            [false, true] => Self::Partner,
            [true, true] => Self::Both,
        }
    }

    /// Draws inner folds from training pairs as the regime's test pairs are drawn: `folds` of them by pairs, by whole
    /// clusters of RNAs or of partners; or, new in both, three times three blocks of clusters, each learning from the
    /// pairs that share neither with it. Folds that would learn from hardly any pair, or hold out none, are left out.
    ///
    /// ```
    /// use crossmamba::rng::Rng;
    /// use crossmamba::split::{Regime, Together};
    ///
    /// let of = |count: u32| (0..40).map(|pair| pair % count).collect::<Vec<u32>>();
    /// let together = Together { rna: of(4), partner: of(5), pair: of(40) };
    /// let folds = Regime::Partner.inner(&together, &(0..40).collect::<Vec<_>>(), 5, &mut Rng::new(1));
    /// assert_eq!(folds.iter().map(|fold| fold.test.len()).collect::<Vec<_>>(), [8; 5]);
    /// ```
    pub fn inner(self, together: &Together, train: &[usize], folds: usize, rng: &mut Rng) -> Vec<InnerFold> {
        let one = |numbers: &[u32], rng: &mut Rng| {
            let parts = dealt(train, numbers, folds, rng);
            (0..folds).map(|fold| inner(train, |at| (parts[at] == fold, parts[at] != fold))).collect()
        };
        let found: Vec<InnerFold> = match self {
            Self::Pairs => one(&together.pair, rng),
            Self::Rna => one(&together.rna, rng),
            Self::Partner => one(&together.partner, rng),
            Self::Both => {
                let (rna, partner) =
                    (dealt(train, &together.rna, 3, rng), dealt(train, &together.partner, 3, rng));
                let blocks = (0..9).map(|block| (block / 3, block % 3));
                let block = |(r, p): (usize, usize)| {
                    inner(train, |at| (rna[at] == r && partner[at] == p, rna[at] != r && partner[at] != p))
                };
                blocks.map(block).collect()
            }
        };
        found.into_iter().filter(|fold| fold.train.len() >= LEAST && !fold.test.is_empty()).collect()
    }
}

fn inner(train: &[usize], place: impl Fn(usize) -> (bool, bool)) -> InnerFold {
    let having = |wanted: &dyn Fn((bool, bool)) -> bool| {
        let places = (0..train.len()).filter(|&at| wanted(place(at)));
        places.map(|at| train[at]).collect()
    };
    InnerFold { test: having(&|(test, _)| test), train: having(&|(_, train)| train) }
}

/// Deals what belongs together, the largest first and equals in random order, always to the smallest of the parts; gives
/// the part of each training pair.
fn dealt(train: &[usize], numbers: &[u32], parts: usize, rng: &mut Rng) -> Vec<usize> {
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, &pair) in train.iter().enumerate() {
        members.entry(numbers[pair]).or_default().push(at);
    }
    let mut whole: Vec<Vec<usize>> = members.into_values().collect();
    rng.shuffle(&mut whole);
    whole.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let mut sizes = vec![0; parts];
    let mut found = vec![0; train.len()];
    for unit in whole {
        let smallest = (0..parts).min_by_key(|&part| sizes[part]).unwrap_or(0);
        sizes[smallest] += unit.len();
        for at in unit {
            found[at] = smallest;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> (Together, Vec<usize>) {
        let mut rng = Rng::new(1);
        let mut draw = |count: usize| (0..600).map(|_| rng.below(count) as u32).collect::<Vec<_>>();
        (
            Together { rna: draw(20), partner: draw(30), pair: (0..600).collect() },
            (0..600).filter(|at| at % 6 > 0).collect(),
        )
    }

    fn are_apart(folds: &[InnerFold], numbers: &[u32]) -> bool {
        folds
            .iter()
            .all(|fold| fold.test.iter().all(|&a| fold.train.iter().all(|&b| numbers[a] != numbers[b])))
    }

    #[test]
    fn inner_folds_hold_out_what_the_split_does_and_every_pair_once() {
        let (together, train) = set();
        for regime in [Regime::Pairs, Regime::Rna, Regime::Partner, Regime::Both] {
            let folds = regime.inner(&together, &train, 5, &mut Rng::new(2));
            assert_eq!(folds.len(), if regime == Regime::Both { 9 } else { 5 });
            let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
            tested.sort_unstable();
            assert_eq!(tested, train, "{regime:?}");
            let apart =
                [&together.rna, &together.partner, &together.pair].map(|numbers| are_apart(&folds, numbers));
            let wanted = match regime {
                Regime::Pairs => [false, false, true],
                Regime::Rna => [true, false, true],
                Regime::Partner => [false, true, true],
                Regime::Both => [true, true, true],
            };
            assert_eq!(apart, wanted, "{regime:?}");
            assert_eq!(folds, regime.inner(&together, &train, 5, &mut Rng::new(2)));
            assert_ne!(folds, regime.inner(&together, &train, 5, &mut Rng::new(3)));
        }
    }

    #[test]
    fn groups_or_else_molecules_that_training_does_not_know_tell_the_regime() {
        let numbers: Vec<u32> = (0..40).map(|pair| pair / 4).collect();
        let molecules = Identity::of_two_kinds(&(0..40).map(|pair| pair % 4).collect::<Vec<_>>(), &numbers);
        let (train, test): (Vec<usize>, Vec<usize>) = (0..40).partition(|&pair| pair < 32);
        let of = |groups: &Groups, test: &[usize]| Regime::of(groups, &molecules, &train, test);
        assert_eq!(of(&Groups::default(), &test), Regime::Partner);
        assert_eq!(of(&Groups::default(), &[]), Regime::Pairs);
        let rna = Groups { rna: Some(numbers.clone()), partner: None };
        assert_eq!(of(&rna, &test), Regime::Rna);
        assert_eq!(of(&Groups { rna: Some(numbers.clone()), partner: Some(numbers) }, &test), Regime::Both);
    }

    #[test]
    fn a_set_too_small_for_inner_folds_has_none() {
        let (together, _) = set();
        assert!(Regime::Both.inner(&together, &[1, 2, 3], 3, &mut Rng::new(1)).is_empty());
    }
}
