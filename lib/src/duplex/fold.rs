//! Finds the best duplex of two strands.

use std::collections::HashMap;

use super::Strand;
use super::energy::{
    Energy, INITIATION, LOOPS, NEVER, NONE, PAIR, REACH, STACK, TERMINAL, WEAK, weak, wobble,
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

/// Finds the free energy of the best duplex of an RNA with a stretch of another, antiparallel (the nearest-neighbour
/// model of [`super::energy`]; a recursion over the last pair as in Rehmsmeier et al. 2004, RNA 10:1507, with loops of
/// at most three nucleotides on either side).
///
/// Time grows with the product of the lengths, memory with the second.
///
/// ```
/// use crossmamba::duplex::{Strand, hybridise};
///
/// // GG/CC −3.3, GC/CG −3.4, CC/GG −3.3, and 4.1 for bringing the strands together.
/// let strand = Strand::of(b"GGCC");
/// assert_eq!(hybridise(&strand, &strand).energy, -330 - 340 - 330 + 410);
/// ```
pub fn hybridise(rna: &Strand, partner: &Strand) -> Duplex {
    let (a, b) = (rna.nucleotides(), partner.nucleotides());
    // Read from its 3′ end, the partner runs along with the RNA.
    let along: Vec<u8> = b.iter().rev().copied().collect();
    let (seed, sites) = seed(a, &along);
    Duplex { energy: best(a, &along), seed, sites }
}

/// Runs the recursion row by row: each step is a pass over whole rows without a branch, which the compiler turns into
/// vector instructions.
fn best(a: &[u8], b: &[u8]) -> Energy {
    let partner = Partner::new(b);
    let mut stacks = Stacks::default();
    // The last rows: at each place the energy of the best duplex that ends in this pair, once for each cost of a weak
    // pair in front of a loop, with that cost added. They are padded in front, so that a loop that reaches over the end
    // finds no duplex there.
    let mut rows: Vec<[Vec<Energy>; WEAK.len()]> =
        (0..=REACH).map(|_| WEAK.map(|_| vec![NEVER; REACH + b.len()])).collect();
    let mut behind = WEAK.map(|_| vec![NEVER; b.len()]);
    let mut least = 0;
    for (i, &nucleotide) in a.iter().enumerate() {
        rows.rotate_right(1);
        let (here, before) = rows.split_at_mut(1);
        for row in &mut behind {
            row.fill(NEVER);
        }
        for step in &LOOPS {
            let ([skipped, shift], class) = (step.unpaired, step.class());
            let from = &before[skipped][class][REACH - 1 - shift..];
            let to = behind[class].iter_mut().zip(from);
            if step.stacked {
                let Some(&first) = i.checked_sub(skipped + 1).and_then(|i| a.get(i)) else { continue };
                let stack = stacks.get([first, nucleotide], shift, b);
                to.zip(stack).for_each(|((to, &from), &stack)| *to = (*to).min(from + step.cost + stack));
            } else {
                to.for_each(|(to, &from)| *to = (*to).min(from + step.cost));
            }
        }
        let (weak, bar) = (&partner.weak[nucleotide as usize], &partner.bar[nucleotide as usize]);
        let [energies, others @ ..] = &mut here[0];
        let energies = &mut energies[REACH..];
        for ((energy, &weak), &bar) in energies.iter_mut().zip(weak).zip(bar) {
            *energy = INITIATION + TERMINAL * weak + bar;
        }
        for (row, cost) in behind.iter().zip(WEAK) {
            for (((energy, &other), &weak), &bar) in energies.iter_mut().zip(row).zip(weak).zip(bar) {
                *energy = (*energy).min(other + cost * weak + bar);
            }
        }
        for (row, cost) in others.iter_mut().zip(&WEAK[1..]) {
            for ((other, &energy), &weak) in row[REACH..].iter_mut().zip(&*energies).zip(weak) {
                *other = energy + cost * weak;
            }
        }
        for (&energy, &weak) in energies.iter().zip(weak) {
            least = least.min(energy + TERMINAL * weak);
        }
    }
    least
}

/// What each nucleotide of the RNA finds along the partner.
struct Partner {
    /// 1 where the pair is no G–C.
    weak: Vec<Vec<Energy>>,
    /// [`NEVER`] where there is no pair.
    bar: Vec<Vec<Energy>>,
}

impl Partner {
    fn new(b: &[u8]) -> Self {
        let along = |value: fn(u8) -> Energy| -> Vec<Vec<Energy>> {
            PAIR.iter().map(|pairs| b.iter().map(|&y| value(pairs[y as usize])).collect()).collect()
        };
        Self {
            weak: along(|kind| Energy::from(weak(kind) && kind != NONE)),
            bar: along(|kind| if kind == NONE { NEVER } else { 0 }),
        }
    }
}

/// Stacking energies along the partner, computed when first asked for.
#[derive(Default)]
struct Stacks(HashMap<([u8; 2], usize), Vec<Energy>>);

impl Stacks {
    /// Gives the energy with which two nucleotides of the RNA stack on two of the partner, the second of these at each
    /// place, `shift` unpaired ones between them; 0 where one of the pairs does not form.
    fn get(&mut self, [x, y]: [u8; 2], shift: usize, b: &[u8]) -> &[Energy] {
        self.0.entry(([x, y], shift)).or_insert_with(|| {
            let stack = |j: usize| {
                let Some(before) = j.checked_sub(shift + 1) else { return 0 };
                let kinds = [(x, b[before]), (y, b[j])].map(|(x, y)| PAIR[x as usize][y as usize] as usize);
                STACK[kinds[0]][kinds[1]]
            };
            (0..b.len()).map(stack).collect()
        })
    }
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
