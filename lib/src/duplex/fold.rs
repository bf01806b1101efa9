//! Finds the best duplex of two strands.

use super::Strand;
use super::energy::{
    Energy, INITIATION, KINDS, LOOPS, NEVER, NONE, PAIR, REACH, STACK, TERMINAL, between, weak, wobble,
};

/// Nucleotides 2 to 8 from the 5′ end, counted from 0: the seed by which a small RNA finds its target (Bartel 2009,
/// Cell 136:215).
const SEED: std::ops::Range<usize> = 1..8;

/// How well two RNAs pair; energies in hundredths of a kcal/mol, never above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duplex {
    /// The free energy of the best duplex; 0 when none is below that of two free strands.
    pub energy: Energy,
    /// The stacking energy of nucleotides 2 to 8 of the first RNA on the best stretch of the second, without gaps.
    pub seed: Energy,
    /// Stretches of the second RNA that pair with all of nucleotides 2 to 8 of the first, at most one of them a G·U
    /// wobble; 0 when the first has fewer.
    pub sites: u32,
}

/// What each loop costs, by the kinds of the pairs before and behind it.
static COSTS: [[[Energy; KINDS]; KINDS]; LOOPS.len()] = {
    let mut costs = [[[0; KINDS]; KINDS]; LOOPS.len()];
    let mut step = 0;
    while step < LOOPS.len() {
        let mut a = 0;
        while a < KINDS {
            let mut b = 0;
            while b < KINDS {
                costs[step][a][b] = between(&LOOPS[step], a as u8, b as u8);
                b += 1;
            }
            a += 1;
        }
        step += 1;
    }
    costs
};

/// Finds the free energy of the best duplex of an RNA with a stretch of another, antiparallel (the nearest-neighbour
/// model of [`super::energy`]; a recursion over the last pair as in Rehmsmeier et al. 2004, RNA 10:1507, with loops of
/// at most three nucleotides on either side).
///
/// Time grows with the product of the lengths, memory with the second.
pub fn hybridise(rna: &Strand, partner: &Strand) -> Duplex {
    let (a, b) = (rna.nucleotides(), partner.nucleotides());
    // Read from its 3′ end, the partner runs along with the RNA.
    let along: Vec<u8> = b.iter().rev().copied().collect();
    let (seed, sites) = seed(a, &along);
    Duplex { energy: best(a, &along), seed, sites }
}

/// Each row of the recursion is padded in front, so that a loop that reaches over the end finds no duplex there.
fn best(a: &[u8], b: &[u8]) -> Energy {
    let width = b.len() + REACH;
    // The last rows: of each place the energy of the best duplex that ends in this pair, and the kind of the pair.
    let mut energies = vec![vec![NEVER; width]; REACH + 1];
    let mut kinds = vec![vec![NONE; width]; REACH + 1];
    let mut least = 0;
    for &nucleotide in a {
        energies.rotate_right(1);
        kinds.rotate_right(1);
        let (here, before) = energies.split_at_mut(1);
        let (here, pairs) = (&mut here[0], PAIR[nucleotide as usize]);
        for (j, &other) in b.iter().enumerate() {
            kinds[0][j + REACH] = pairs[other as usize];
        }
        for j in REACH..width {
            let kind = kinds[0][j];
            here[j] = NEVER;
            if kind == NONE {
                continue;
            }
            let end = if weak(kind) { TERMINAL } else { 0 };
            let mut energy = INITIATION + end;
            for (step, costs) in LOOPS.iter().zip(&COSTS) {
                let [i, k] = step.unpaired;
                let cost = costs[kinds[i + 1][j - k - 1] as usize][kind as usize];
                energy = energy.min(before[i][j - k - 1] + cost);
            }
            here[j] = energy;
            least = least.min(energy + end);
        }
    }
    least
}

/// Gives the best stacking energy of the seed, and the number of its sites.
fn seed(a: &[u8], b: &[u8]) -> (Energy, u32) {
    let Some(seed) = a.get(SEED.start..a.len().min(SEED.end)) else { return (0, 0) };
    let (mut least, mut sites) = (0, 0);
    for stretch in b.windows(seed.len().max(1)) {
        let kinds = seed.iter().zip(stretch).map(|(&x, &y)| PAIR[x as usize][y as usize]);
        // A pair that does not form is of kind NONE, whose stacks are 0.
        let (mut energy, mut unpaired, mut wobbles, mut last) = (0, SEED.len(), 0, NONE);
        for kind in kinds {
            energy += STACK[last as usize][kind as usize];
            unpaired -= usize::from(kind != NONE);
            wobbles += usize::from(wobble(kind));
            last = kind;
        }
        least = least.min(energy);
        sites += u32::from(unpaired == 0 && wobbles <= 1);
    }
    (least, sites)
}

#[cfg(test)]
mod tests;
