//! Resolves what `auto` leaves open, for one fold.

use serde::{Deserialize, Serialize};

use crate::config::{Batches, Config, Negatives};
use crate::pair::{Side, Sides};

/// What the sizes of a fit go by: the pairs that it is trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The pairs.
    pub pairs: usize,
    /// Those of them that are negative; none where labels are affinities.
    pub negatives: usize,
    /// The distinct molecules of both sides.
    pub molecules: Sides<usize>,
}

/// The sizes of one fit, after every rule has been applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Passes over the training pairs.
    pub epochs: usize,
    /// Steps in each.
    pub steps_per_epoch: usize,
    /// Pairs per step: at most, or on average where they are taken by blocks.
    pub batch: usize,
    /// Into how many parts the molecules of each side are divided for an epoch, where pairs are taken by blocks: a step takes
    /// the pairs between a part of either side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Sides<usize>>,
    /// How many negative pairs are drawn for an epoch, where not all are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negatives: Option<usize>,
}

/// Below this many training pairs the rules for small sets hold.
const SMALL: usize = 1000;
/// From this many training pairs on, blocks may be taken without being asked for.
const LARGE: usize = 20_000;
/// How many times fewer molecules blocks must encode then.
const WORTHWHILE: f64 = 4.0;
/// Pairs of a block for each pair of a batch.
pub(crate) const OF_BLOCK: usize = 16;
/// Molecules of one side in a block for each pair of a batch, at most.
const MOLECULES: usize = 4;

impl Plan {
    /// Applies the rules to some training pairs: 20 epochs of batches of 64 below 1000 pairs, else 15 of 256.
    /// [`Config::resolved`] has set the batch between RNAs.
    ///
    /// ```
    /// use crossmamba::config::Config;
    /// use crossmamba::nn::bundle::{Extent, Plan};
    /// use crossmamba::pair::Sides;
    ///
    /// let few = Extent { pairs: 2102, negatives: 1051, molecules: Sides::new(700, 1100) };
    /// let plan = Plan::new(&Config::default(), &few);
    /// assert_eq!((plan.epochs, plan.steps_per_epoch, plan.batch), (15, 8, 263));
    /// // Each molecule is in many pairs: every step takes the pairs of 64 RNAs with 64 partners.
    /// let many = Extent { pairs: 1_000_000, negatives: 0, molecules: Sides::new(1000, 1000) };
    /// let plan = Plan::new(&Config::default(), &many);
    /// assert_eq!((plan.blocks, plan.steps_per_epoch), (Some(Sides::new(16, 16)), 256));
    /// ```
    pub fn new(config: &Config, of: &Extent) -> Self {
        let training = &config.training;
        let (epochs, batch) = if of.pairs < SMALL { (20, 64) } else { (15, 256) };
        let drawn = training
            .negatives_per_positive
            .map(|each| each.get().saturating_mul(of.pairs - of.negatives))
            .filter(|&drawn| drawn < of.negatives);
        let pairs = drawn.map_or(of.pairs, |drawn| of.pairs - of.negatives + drawn);
        let asked = training.batch.or(batch);
        let batch = asked.min(pairs.max(1));
        // All pairs are used in every epoch: the batches are evenly filled, not the last one less.
        let mut steps_per_epoch = ((pairs as f64 / batch as f64).round() as usize).max(1);
        let parts = parts(pairs, of.molecules, asked);
        let blocks = match training.batches {
            Batches::Pairs => false,
            Batches::Blocks => true,
            Batches::Auto => {
                let alone = Side::BOTH.map(|side| distinct(of.molecules[side], batch)).iter().sum::<f64>()
                    * steps_per_epoch as f64;
                let together = (parts.partner * of.molecules.rna + parts.rna * of.molecules.partner) as f64;
                training.negatives == Negatives::Given && pairs >= LARGE && together * WORTHWHILE <= alone
            }
        }
        .then_some(parts);
        if let Some(parts) = blocks {
            steps_per_epoch = parts.rna * parts.partner;
        }
        Self {
            epochs: training.epochs.or(epochs),
            steps_per_epoch,
            batch: pairs.div_ceil(steps_per_epoch),
            blocks,
            negatives: drawn,
        }
    }

    /// Gives the number of steps of the whole schedule.
    pub fn steps(&self) -> usize {
        self.epochs * self.steps_per_epoch
    }
}

/// Divides the molecules of both sides so that a block has some sixteen times as many pairs as a batch, and as few
/// molecules as that allows: as many of either side, or all of a small one.
fn parts(pairs: usize, molecules: Sides<usize>, batch: usize) -> Sides<usize> {
    let Sides { rna, partner } = molecules.map(|count| count.max(1) as f64);
    let most = (batch * MOLECULES) as f64;
    // Molecules of one side times those of the other.
    let area = (batch * OF_BLOCK) as f64 * rna * partner / pairs.max(1) as f64;
    let even = area.sqrt();
    let of_rna = if partner < even { area / partner } else { even }.min(rna).min(most);
    let of_partner = (area / of_rna).min(partner).min(most);
    Sides { rna: (rna / of_rna).ceil() as usize, partner: (partner / of_partner).ceil() as usize }
}

/// Gives how many distinct molecules so many draws from some give on average.
fn distinct(molecules: usize, draws: usize) -> f64 {
    let molecules = molecules.max(1) as f64;
    molecules * (1.0 - (1.0 - 1.0 / molecules).powf(draws as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(settings: &str, pairs: usize, negatives: usize, molecules: [usize; 2]) -> Plan {
        let config = Config::parse(settings, std::path::Path::new("config.yaml")).unwrap();
        Plan::new(&config, &Extent { pairs, negatives, molecules: molecules.into() })
    }

    #[test]
    fn the_rules_go_by_size() {
        let sizes = |pairs| {
            let p = plan("", pairs, pairs / 2, [pairs, pairs]);
            (p.epochs, p.steps_per_epoch, p.batch)
        };
        assert_eq!(sizes(520), (20, 8, 65));
        assert_eq!(sizes(2102), (15, 8, 263));
        assert_eq!(sizes(1034), (15, 4, 259));
        assert_eq!(sizes(3), (20, 1, 3));
    }

    #[test]
    fn blocks_are_taken_where_molecules_are_in_many_pairs_and_a_small_side_stays_whole() {
        let screen = plan("", 360_000, 357_800, [25, 15_700]);
        assert_eq!(screen.blocks, Some(Sides::new(1, 88)));
        assert_eq!((screen.steps_per_epoch, screen.batch), (88, 4091));
        // Few pairs, molecules in few pairs, and what was asked for.
        assert_eq!(plan("", 19_000, 0, [25, 800]).blocks, None);
        assert_eq!(plan("", 1_000_000, 0, [50_000, 50_000]).blocks, None);
        assert_eq!(plan("training: {batches: pairs}", 360_000, 0, [25, 15_700]).blocks, None);
        assert_eq!(plan("training: {negatives: balanced}", 360_000, 0, [25, 15_700]).blocks, None);
        assert_eq!(plan("training: {batches: blocks}", 600, 0, [60, 60]).blocks, Some(Sides::new(1, 1)));
        let small = plan("training: {batches: blocks, batch: 2}", 600, 0, [60, 30]);
        assert_eq!(small.blocks, Some(Sides::new(8, 4)));
    }

    #[test]
    fn no_more_negatives_are_drawn_than_there_are() {
        let drawn = |settings, negatives| {
            let p = plan(settings, 10_000, negatives, [10_000, 10_000]);
            (p.negatives, p.steps_per_epoch * p.batch)
        };
        assert_eq!(drawn("training: {negatives-per-positive: 3, batch: 200}", 9000), (Some(3000), 4000));
        assert_eq!(drawn("training: {negatives-per-positive: 9, batch: 200}", 9000), (None, 10_000));
        assert_eq!(drawn("training: {negatives-per-positive: 9, batch: 200}", 0), (None, 10_000));
    }
}
