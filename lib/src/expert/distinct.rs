//! Names the molecules of some pairs by their places among the distinct ones.

use crate::pair::{Side, Sides};

/// The distinct molecules of some pairs, and the pairs as places among them.
pub(crate) struct Distinct {
    /// The molecules of each side, ascending.
    pub(crate) molecules: Sides<Vec<u32>>,
    /// The places of each pair's molecules.
    pub(crate) pairs: Vec<Sides<u32>>,
}

impl Distinct {
    pub(crate) fn of(pairs: &[Sides<u32>]) -> Self {
        let molecules = Sides::of(|side: Side| {
            let mut all: Vec<u32> = pairs.iter().map(|pair| pair[side]).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let place =
            |pair: &Sides<u32>, side: Side| molecules[side].partition_point(|&one| one < pair[side]) as u32;
        let pairs = pairs.iter().map(|pair| Sides::of(|side| place(pair, side))).collect();
        Self { molecules, pairs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_the_molecules() {
        let pairs = [Sides::new(7, 2), Sides::new(3, 2), Sides::new(7, 9)];
        let found = Distinct::of(&pairs);
        assert_eq!(found.molecules, Sides::new(vec![3, 7], vec![2, 9]));
        assert_eq!(found.pairs, [Sides::new(1, 0), Sides::new(0, 0), Sides::new(1, 1)]);
    }
}
