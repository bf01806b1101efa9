//! Finds where the best duplex lies, and draws it.

use std::fmt;
use std::ops::Range;

use super::Strand;
use super::energy::{Energy, INITIATION, LOOPS, NEVER, NONE, PAIR, STACK, TERMINAL, weak};

/// The best duplex of two strands: its place on both, and its pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The free energy, in hundredths of a kcal/mol.
    pub energy: Energy,
    /// The pairs: a nucleotide of the first strand and one of the second, both counted from 0 at the 5′ end; the first rises
    /// and the second falls.
    pub pairs: Vec<(usize, usize)>,
}

impl Site {
    /// Gives the stretch of the first strand.
    pub fn first(&self) -> Range<usize> {
        match (self.pairs.first(), self.pairs.last()) {
            (Some(&(from, _)), Some(&(to, _))) => from..to + 1,
            _ => 0..0,
        }
    }

    /// Gives the stretch of the second strand.
    pub fn second(&self) -> Range<usize> {
        match (self.pairs.last(), self.pairs.first()) {
            (Some(&(_, from)), Some(&(_, to))) => from..to + 1,
            _ => 0..0,
        }
    }
}

/// Draws the duplex as dots and brackets, both strands from 5′ to 3′, with `&` between them.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first(), self.second());
        let mut drawn = vec![['.'; 2]; first.len().max(second.len())];
        for &(i, j) in &self.pairs {
            drawn[i - first.start][0] = '(';
            drawn[j - second.start][1] = ')';
        }
        drawn[..first.len()].iter().try_for_each(|both| write!(f, "{}", both[0]))?;
        write!(f, "&")?;
        drawn[..second.len()].iter().try_for_each(|both| write!(f, "{}", both[1]))
    }
}

/// Finds the best duplex of two RNAs with its pairs; nothing when none is below the energy of two free strands. Of equally
/// good ones it is that which ends first on the first strand, then that which ends last on the second.
///
/// Time and memory grow with the product of the lengths; the energy is that of [`super::hybridise`].
///
/// ```
/// use crossmamba::duplex::{Strand, best_site};
///
/// let site = best_site(&Strand::of(b"AAGGGGGAAAGGGGGAA"), &Strand::of(b"CCCCCACCCCC")).unwrap();
/// assert_eq!((site.first(), site.second()), (2..15, 0..11));
/// assert_eq!(site.to_string(), "(((((...(((((&))))).)))))");
/// ```
pub fn best_site(rna: &Strand, partner: &Strand) -> Option<Site> {
    let a = rna.nucleotides();
    let along: Vec<u8> = partner.nucleotides().iter().rev().copied().collect();
    let width = along.len();
    let kind = |i: usize, j: usize| PAIR[usize::from(a[i])][usize::from(along[j])];
    let mut energies = vec![NEVER; a.len() * width];
    // The loop in front of each pair, and one behind the last for a pair that begins a duplex.
    let mut steps = vec![LOOPS.len() as u8; a.len() * width];
    let mut best: Option<(Energy, usize, usize)> = None;
    for i in 0..a.len() {
        for j in 0..width {
            let here = kind(i, j);
            if here == NONE {
                continue;
            }
            let end = if weak(here) { TERMINAL } else { 0 };
            let (mut least, mut chosen) = (INITIATION + end, LOOPS.len());
            for (number, step) in LOOPS.iter().enumerate() {
                let from = (i.checked_sub(1 + step.unpaired[0]), j.checked_sub(1 + step.unpaired[1]));
                let (Some(k), Some(l)) = from else { continue };
                let before = kind(k, l);
                if before == NONE {
                    continue;
                }
                let stack = if step.stacked { STACK[usize::from(before)][usize::from(here)] } else { 0 };
                let ends = Energy::from(weak(before)) + Energy::from(weak(here));
                let energy = energies[k * width + l] + step.cost + stack + step.weak * ends;
                if energy < least {
                    (least, chosen) = (energy, number);
                }
            }
            energies[i * width + j] = least;
            steps[i * width + j] = chosen as u8;
            if best.is_none_or(|(energy, ..)| least + end < energy) {
                best = Some((least + end, i, j));
            }
        }
    }
    let (energy, mut i, mut j) = best.filter(|(energy, ..)| *energy < 0)?;
    let mut pairs = vec![(i, width - 1 - j)];
    while let Some(step) = LOOPS.get(usize::from(steps[i * width + j])) {
        i -= 1 + step.unpaired[0];
        j -= 1 + step.unpaired[1];
        pairs.push((i, width - 1 - j));
    }
    pairs.reverse();
    Some(Site { energy, pairs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplex::hybridise;
    use crate::rng::Rng;

    /// Adds up the energy of a drawn duplex.
    fn energy_of(site: &Site, a: &Strand, b: &Strand) -> Energy {
        let kind =
            |&(i, j): &(usize, usize)| PAIR[usize::from(a.nucleotides()[i])][usize::from(b.nucleotides()[j])];
        let end = |pair| if weak(kind(pair)) { TERMINAL } else { 0 };
        let ends = end(&site.pairs[0]) + end(&site.pairs[site.pairs.len() - 1]);
        let steps = site.pairs.windows(2).map(|two| {
            let unpaired = [two[1].0 - two[0].0 - 1, two[0].1 - two[1].1 - 1];
            let step = LOOPS.iter().find(|step| step.unpaired == unpaired).unwrap();
            crate::duplex::energy::between(step, kind(&two[0]), kind(&two[1]))
        });
        INITIATION + ends + steps.sum::<Energy>()
    }

    #[test]
    fn the_site_has_the_energy_of_the_recursion_and_its_pairs_add_up_to_it() {
        let mut rng = Rng::new(3);
        let mut found = 0;
        for _ in 0..200 {
            let mut strand = |most: usize| {
                let length = rng.below(most);
                Strand::of(&(0..length).map(|_| b"ACGUGCN"[rng.below(7)]).collect::<Vec<_>>())
            };
            let (a, b) = (strand(30), strand(60));
            let energy = hybridise(&a, &b).energy;
            match best_site(&a, &b) {
                None => assert_eq!(energy, 0),
                Some(site) => {
                    found += 1;
                    assert_eq!((site.energy, energy_of(&site, &a, &b)), (energy, energy));
                    assert!(site.pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 > two[1].1));
                    let drawn = site.to_string();
                    assert_eq!(drawn.len(), site.first().len() + site.second().len() + 1);
                    assert_eq!(drawn.matches('(').count(), site.pairs.len());
                    assert_eq!(drawn.matches(')').count(), site.pairs.len());
                }
            }
        }
        assert!(found > 100, "{found}");
    }
}
