//! Finds small molecules that are alike, without comparing all with all and without missing any.

use std::collections::HashMap;

use rayon::prelude::*;

use super::components::Sets;
use crate::encoder::{Bag, Fingerprints};

/// Molecules whose neighbours are sought at a time.
const PORTION: usize = 1 << 12;

/// Small molecules among which those are found that are alike.
///
/// Of two molecules whose coefficient is at least `least`, the larger shares at least that part of its things with the other.
/// So they share one among the things that are left when so many, the commonest, are taken away from either; only pairs that
/// share one of these are compared (prefix filtering: Chaudhuri et al. 2006, ICDE; Bayardo et al. 2007, WWW).
struct Index {
    /// The molecules that can be read, by ascending number of things, with their places.
    bags: Vec<(u32, Bag)>,
    /// The rarest things of each.
    rare: Vec<Vec<u32>>,
    /// For each thing those that have it among their rarest, ascending.
    holders: HashMap<u32, Vec<u32>>,
    least: f64,
    unread: usize,
}

impl Index {
    fn of(smiles: &[&[u8]], least: f64) -> Self {
        let read: Vec<Option<Bag>> = smiles
            .par_iter()
            .map(|letters| Some(Fingerprints::read(std::str::from_utf8(letters).ok()?).ok()?.circular))
            .collect();
        let unread = read.iter().filter(|bag| bag.is_none()).count();
        let mut bags: Vec<(u32, Bag)> = (0..).zip(read).filter_map(|(at, bag)| Some((at, bag?))).collect();
        bags.sort_by_key(|(at, bag)| (bag.total(), *at));
        let rare = rarest(&bags, least);
        let mut holders: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, things) in (0..).zip(&rare) {
            for &thing in things {
                holders.entry(thing).or_default().push(at);
            }
        }
        Self { bags, rare, holders, least, unread }
    }

    /// Gives how many smaller molecules were compared with one, given by its place among those that can be read, and which are
    /// like it, with their coefficients. Those for which `passed` holds are not looked at.
    fn smaller(&self, own: usize, passed: impl Fn(u32) -> bool) -> (u64, Vec<(u32, f64)>) {
        let smallest = self.least * self.bags[own].1.total() as f64 - 1e-9;
        let mut others: Vec<u32> = self.rare[own]
            .iter()
            .flat_map(|thing| self.holders[thing].iter().copied().take_while(|&other| (other as usize) < own))
            .filter(|&other| self.bags[other as usize].1.total() as f64 >= smallest && !passed(other))
            .collect();
        others.sort_unstable();
        others.dedup();
        let count = others.len() as u64;
        let likeness = |other: u32| (other, self.bags[own].1.tanimoto(&self.bags[other as usize].1));
        let alike =
            others.into_iter().map(likeness).filter(|(_, found)| *found >= self.least - 1e-9).collect();
        (count, alike)
    }
}

/// Joins molecules whose circular fingerprints have a Tanimoto coefficient of counts of `least` or more. Gives the number of
/// pairs that were compared, and the number of molecules that could not be read: they are like no other.
pub(super) fn join_molecules(smiles: &[&[u8]], sets: &mut Sets, least: f64) -> (u64, usize) {
    let index = Index::of(smiles, least);
    let bags = &index.bags;
    let mut compared = 0;
    for start in (0..bags.len()).step_by(PORTION) {
        let roots: Vec<u32> = bags.iter().map(|(at, _)| sets.root(*at)).collect();
        let found: Vec<_> = (start..bags.len().min(start + PORTION))
            .into_par_iter()
            .map(|own| index.smaller(own, |other| roots[other as usize] == roots[own]))
            .collect();
        for (own, (count, others)) in (start..).zip(found) {
            compared += count;
            for (other, _) in others {
                sets.join((bags[own].0, bags[other as usize].0));
            }
        }
    }
    (compared, index.unread)
}

/// Gives for each molecule those that are like it, with their Tanimoto coefficients.
pub(super) fn relatives(smiles: &[&[u8]], least: f64) -> Vec<Vec<(u32, f64)>> {
    let index = Index::of(smiles, least);
    let found: Vec<_> =
        (0..index.bags.len()).into_par_iter().map(|own| index.smaller(own, |_| false).1).collect();
    let mut others = vec![Vec::new(); smiles.len()];
    for ((own, _), smaller) in index.bags.iter().zip(found) {
        for (other, likeness) in smaller {
            let other = index.bags[other as usize].0;
            others[*own as usize].push((other, likeness));
            others[other as usize].push((*own, likeness));
        }
    }
    others
}

/// Gives each molecule's things but for so many of the commonest that those which are left cannot all be its own. A thing that
/// occurs twice is two things.
fn rarest(bags: &[(u32, Bag)], least: f64) -> Vec<Vec<u32>> {
    let things = |bag: &Bag| -> Vec<(u64, u32)> {
        bag.counts().iter().flat_map(|&(thing, count)| (0..count).map(move |copy| (thing, copy))).collect()
    };
    let mut frequency: HashMap<(u64, u32), u32> = HashMap::new();
    for thing in bags.iter().flat_map(|(_, bag)| things(bag)) {
        *frequency.entry(thing).or_default() += 1;
    }
    let mut order: Vec<((u64, u32), u32)> = frequency.into_iter().collect();
    order.sort_unstable_by_key(|&(thing, count)| (count, thing));
    let rank: HashMap<(u64, u32), u32> = (0..).zip(order).map(|(rank, (thing, _))| (thing, rank)).collect();
    bags.par_iter()
        .map(|(_, bag)| {
            let mut ranks: Vec<u32> = things(bag).iter().map(|thing| rank[thing]).collect();
            ranks.sort_unstable();
            let shared = (least * ranks.len() as f64 - 1e-9).ceil().max(1.0) as usize;
            ranks.truncate((ranks.len() + 1).saturating_sub(shared));
            ranks
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Chains of groups, many of which differ in one group.
    fn molecules(count: usize) -> Vec<String> {
        let mut rng = Rng::new(11).fork("molecules");
        let groups = [
            "C", "CC", "O", "N", "c1ccccc1", "C(=O)N", "S", "C(F)(F)F", "c1ccncc1", "C(=O)O", "C1CCNCC1",
            "Cl",
        ];
        let mut made: Vec<Vec<usize>> = Vec::new();
        while made.len() < count {
            let mut one: Vec<usize> = if made.is_empty() || rng.below(4) == 0 {
                (0..3 + rng.below(6)).map(|_| rng.below(groups.len())).collect()
            } else {
                made[rng.below(made.len())].clone()
            };
            let place = rng.below(one.len());
            one[place] = rng.below(groups.len());
            made.push(one);
        }
        // A halogen, and an acid or an ether's end, stands on a branch so that the chain goes on.
        let text = |one: Vec<usize>| {
            let parts = one.into_iter().map(|group| match groups[group] {
                "Cl" => "C(Cl)".to_owned(),
                "C(F)(F)F" => "C(C(F)(F)F)".to_owned(),
                "C(=O)O" => "C(C(=O)O)".to_owned(),
                other => other.to_owned(),
            });
            parts.collect::<String>()
        };
        made.into_iter().map(text).collect()
    }

    #[test]
    fn the_clusters_are_those_of_comparing_all_with_all() {
        let smiles = molecules(400);
        let letters: Vec<&[u8]> = smiles.iter().map(String::as_bytes).collect();
        let bags: Vec<Bag> = smiles.iter().map(|one| Fingerprints::read(one).unwrap().circular).collect();
        for least in [0.3, 0.5, 0.7, 1.0] {
            let (mut found, mut plain) = (Sets::new(letters.len()), Sets::new(letters.len()));
            let (compared, unread) = join_molecules(&letters, &mut found, least);
            let listed = relatives(&letters, least);
            let mut alike = 0;
            for a in 0..bags.len() {
                for b in 0..a {
                    let likeness = bags[a].tanimoto(&bags[b]);
                    assert_eq!(listed[a].contains(&(b as u32, likeness)), likeness >= least - 1e-9);
                    assert_eq!(listed[b].contains(&(a as u32, likeness)), likeness >= least - 1e-9);
                    if likeness >= least - 1e-9 {
                        plain.join((a as u32, b as u32));
                        alike += 1;
                    }
                }
            }
            assert!(alike > 20 && unread == 0, "{alike}");
            assert!(compared < (letters.len() * (letters.len() - 1) / 2) as u64, "{compared}");
            assert!((0..letters.len() as u32).all(|at| found.root(at) == plain.root(at)), "{least}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_alone() {
        let mut sets = Sets::new(3);
        let (_, unread) = join_molecules(&[b"CCO", b"C1CC", b"OCC"], &mut sets, 0.5);
        assert_eq!((unread, (0..3).map(|at| sets.root(at)).collect::<Vec<_>>()), (1, vec![0, 1, 0]));
    }
}
