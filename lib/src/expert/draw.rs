//! Draws what trees are grown from, and grows them.

use std::collections::{BTreeMap, HashMap};

use super::Kind;
use super::fitted::{Known, Learn, World};
use crate::Result;
use crate::pair::{Side, Sides, Task};
use crate::rng::Rng;
use crate::transfer::Asked;
use crate::trees::{Columns, Loss, Part, Settings, Trees, fit};

/// Inner folds from which the transfer numbers of training pairs come.
const FOLDS: usize = 5;

/// Up to so many pairs in a table the trees look at every column: of the whole fold as of its inner ones.
const MOST_AT_LEISURE: usize = 50_000;

/// What trees are grown from once: pairs with their transfer numbers.
pub(super) struct Draw {
    rows: Vec<usize>,
    numbers: Vec<f32>,
    /// The transfer numbers of pairs that are asked about.
    pub(super) asked: Vec<f32>,
}

impl Draw {
    /// Draws inner folds like the split, from which the transfer numbers of training pairs come: from pairs that relate to a
    /// pair as training pairs do to test pairs. Those of pairs that are asked about come from all.
    pub(super) fn of(
        world: &World<'_>,
        learn: &Learn<'_>,
        train: &[usize],
        asked: &[usize],
        known: Option<&Known>,
        rng: &Rng,
    ) -> Result<Self> {
        let Some(known) = known else {
            return Ok(Self { rows: train.to_vec(), numbers: Vec::new(), asked: Vec::new() });
        };
        let folds = learn.regime.inner(learn.together, train, FOLDS, &mut rng.fork("transfer"));
        let place: HashMap<usize, u32> = train.iter().copied().zip(0..).collect();
        // Blocks that were too small to learn from leave their pairs out. Where all were, the numbers of all pairs are 0: trees
        // make nothing of columns that do not vary.
        let mut rows: Vec<usize> = folds.iter().flat_map(|fold| fold.test.iter().copied()).collect();
        if folds.is_empty() {
            rows = train.to_vec();
        }
        rows.sort_unstable();
        let mut told: Vec<Asked> = folds
            .iter()
            .map(|fold| Asked {
                known: fold.train.iter().map(|at| place[at]).collect(),
                places: fold.test.iter().map(|at| rows.partition_point(|row| row < at)).collect(),
            })
            .collect();
        let places = (rows.len()..rows.len() + asked.len()).collect();
        told.push(Asked { known: known.transfer.all(), places });
        let pairs: Vec<Sides<u32>> = rows.iter().chain(asked).map(|&row| world.pairs[row]).collect();
        let mut numbers = known.numbers(world, &pairs, &told)?;
        let asked = numbers.split_off(rows.len() * known.width());
        Ok(Self { rows, numbers, asked })
    }

    /// Grows trees of either kind.
    pub(super) fn grow(&self, world: &World<'_>, learn: &Learn<'_>, rng: &Rng) -> BTreeMap<Kind, Trees> {
        let targets: Vec<f64> = self.rows.iter().map(|&row| learn.labels[row]).collect();
        let loss = match learn.task {
            Task::Classification => Loss::Logistic,
            Task::Affinity => Loss::Squared,
        };
        let lines = Lines::of(world, &self.rows, &self.numbers);
        let seed = u64::from(rng.fork("trees").bits());
        let fitted = |kind, settings| (kind, fit(&lines.columns(kind), &targets, loss, &settings, seed));
        let of_all =
            if world.pairs.len() > MOST_AT_LEISURE { Settings::of_many_rows() } else { Settings::default() };
        let mut trees = BTreeMap::from([fitted(Kind::Trees, of_all)]);
        if learn.transfer {
            trees.extend([fitted(Kind::Transfer, Settings::of_few_columns())]);
        }
        trees
    }
}

/// What the trees see of some pairs.
pub(super) struct Lines<'a> {
    world: &'a World<'a>,
    molecules: Sides<Vec<u32>>,
    numbers: &'a [f32],
    own: Vec<f32>,
    rows: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(world: &'a World<'a>, rows: &[usize], numbers: &'a [f32]) -> Self {
        let (values, width) = world.own;
        Self {
            world,
            molecules: Sides::of(|side| rows.iter().map(|&row| world.pairs[row][side]).collect()),
            numbers,
            own: rows.iter().flat_map(|&row| values[row * width..][..width].iter().copied()).collect(),
            rows: rows.len(),
        }
    }

    pub(super) fn columns(&self, kind: Kind) -> Columns<'_> {
        let mut parts = Vec::new();
        if self.rows > 0 && !self.numbers.is_empty() {
            parts.push(Part::own(self.numbers, self.numbers.len() / self.rows));
        }
        if kind == Kind::Trees {
            if self.world.own.1 > 0 {
                parts.push(Part::own(&self.own, self.world.own.1));
            }
            for side in Side::BOTH {
                let (values, width) = self.world.descriptors[side].columns();
                parts.push(Part::shared(values, width, &self.molecules[side]));
            }
        }
        Columns::new(parts)
    }
}
