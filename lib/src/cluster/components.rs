//! Joins sequences that belong together, and compares no two that are joined already.

use rayon::prelude::*;

use super::{Compared, Likeness};

/// Disjoint sets of numbers, each named by its smallest.
#[derive(Debug, Clone)]
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    pub(crate) fn root(&mut self, mut at: u32) -> u32 {
        while self.0[at as usize] != at {
            let above = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = above;
            at = above;
        }
        at
    }

    pub(super) fn together(&mut self, (a, b): (u32, u32)) -> bool {
        self.root(a) == self.root(b)
    }

    /// Joins two sets; false if they are one already.
    pub(crate) fn join(&mut self, (a, b): (u32, u32)) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }
}

/// Joins those of some pairs that are alike. Which sets come out depends neither on the order of the pairs nor on the number
/// of threads: they are the connected parts of all pairs that are alike. Gives the number of alignments.
pub(super) fn join_alike(
    mut pairs: Vec<(u32, u32)>,
    sets: &mut Sets,
    compared: &Compared,
    wanted: Likeness,
) -> u64 {
    pairs.par_sort_unstable();
    pairs.dedup();
    let may_cover = |a: u32, b: u32| compared.may_cover(a as usize, b as usize, wanted.coverage);
    pairs.retain(|&(a, b)| !sets.together((a, b)) && may_cover(a, b));
    // The pairs of one first sequence stand together: its rows are made once.
    let mut rest: Vec<(u32, u32)> = pairs
        .par_chunk_by(|a, b| a.0 == b.0)
        .flat_map_iter(|of_one| {
            let rows = compared.rows(of_one[0].0 as usize);
            let may =
                |(_, other): &(u32, u32)| compared.bound(&rows, *other as usize, wanted.identity).is_some();
            of_one.iter().copied().filter(may).collect::<Vec<_>>()
        })
        .collect();
    let mut alignments = 0;
    let mut bounded = false;
    while !rest.is_empty() {
        // Were all of these alike, none of the others would have to be looked at.
        let mut hoped = sets.clone();
        let (mut chosen, later): (Vec<_>, Vec<_>) = rest.into_iter().partition(|&pair| hoped.join(pair));
        if !bounded {
            chosen = compared.keep_reachable(chosen, wanted.identity);
        }
        alignments += chosen.len() as u64;
        let alike: Vec<bool> =
            chosen.par_iter().map(|&(a, b)| compared.alike(a as usize, b as usize, wanted)).collect();
        for (pair, _) in chosen.into_iter().zip(alike).filter(|(_, alike)| *alike) {
            sets.join(pair);
        }
        rest = later;
        rest.retain(|&pair| !sets.together(pair));
        if !bounded {
            // What the first round has not joined is seldom alike.
            rest = compared.keep_reachable(rest, wanted.identity);
            bounded = true;
        }
    }
    alignments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_named_by_their_smallest_member() {
        let mut sets = Sets::new(6);
        assert!(sets.join((4, 2)) && sets.join((2, 5)) && !sets.join((5, 4)));
        assert_eq!((0..6).map(|i| sets.root(i)).collect::<Vec<_>>(), [0, 1, 2, 3, 2, 2]);
    }
}
