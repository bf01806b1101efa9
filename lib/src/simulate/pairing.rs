//! Chooses which pairs are in a set, and which labels are wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::Member;
use super::recognition::Recognition;
use super::settings::BLOCKS;
use crate::rng::Rng;
use crate::{Error, Result};

/// A chosen pair: two indices, and whether the rule says that they bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) rna: usize,
    pub(super) partner: usize,
    pub(super) binds: bool,
}

/// Tells whether the rule says that two molecules bind.
fn binds(rna: &Member, partner: &Member) -> bool {
    rna.class == partner.class && !rna.decoy && !partner.decoy
}

/// Draws pairs inside the blocks of families, half of them binding; a class binds the class of its number.
pub(super) fn draw(rna: &[Member], partners: &[Member], pairs: usize, rng: &mut Rng) -> Result<Vec<Chosen>> {
    let cells = matching_cells(rna, partners);
    let sizes: Vec<usize> = cells.iter().map(|(r, p)| r.len() * p.len()).collect();
    let possible: usize = sizes.iter().sum();
    let all: usize = (0..BLOCKS).map(|b| in_block(rna, b).len() * in_block(partners, b).len()).sum();
    let positives = pairs / 2;
    if positives > possible || (pairs - positives) * 5 > (all - possible) * 4 {
        let most = (2 * possible).min((all - possible) * 8 / 5);
        return Err(Error::setting(
            "pairs",
            format!("{pairs} pairs are more than these molecules can form"),
            format!("ask for at most {most}, or for more molecules"),
        ));
    }
    let mut chosen = Vec::with_capacity(pairs);
    for mut index in distinct(positives, possible, rng) {
        let mut cell = 0;
        while index >= sizes[cell] {
            index -= sizes[cell];
            cell += 1;
        }
        let (rnas, proteins) = &cells[cell];
        let (rna, partner) = (rnas[index / proteins.len()], proteins[index % proteins.len()]);
        chosen.push(Chosen { rna, partner, binds: true });
    }
    let sides: Vec<_> = (0..BLOCKS).map(|b| (in_block(rna, b), in_block(partners, b))).collect();
    let mut taken = BTreeSet::new();
    while taken.len() < pairs - positives {
        let mut at = rng.below(all);
        let Some((rnas, others)) = sides.iter().find(|(r, p)| {
            let size = r.len() * p.len();
            let here = at < size;
            at -= if here { 0 } else { size };
            here
        }) else {
            continue;
        };
        let pair = (rnas[at / others.len()], others[at % others.len()]);
        if !binds(&rna[pair.0], &partners[pair.1]) && taken.insert(pair) {
            chosen.push(Chosen { rna: pair.0, partner: pair.1, binds: false });
        }
    }
    rng.shuffle(&mut chosen);
    Ok(chosen)
}

/// Draws pairs so that each molecule is in as many binding as non-binding pairs, whatever its class or
/// family.
///
/// In each block, the partners of a class stand in a ring: with k pairs of each sort per RNA, RNA i of its
/// class takes the places i·k to i·k + k - 1, counted round the ring, in the ring of a matching class for the
/// binding pairs and of another for the others. The classes take turns from place to place; because their
/// lists are Latin, every partner too is drawn equally often in both ways.
pub(super) fn draw_balanced(
    rna: &[Member],
    partners: &[Member],
    pairs: usize,
    recognition: &Recognition,
    classes: usize,
    rng: &mut Rng,
) -> Vec<Chosen> {
    let each = pairs / (2 * rna.len());
    let mut chosen = Vec::with_capacity(pairs);
    for block in 0..BLOCKS {
        let mut ring = |side: &[Member], class: usize| -> Vec<usize> {
            let mut found: Vec<usize> =
                (0..side.len()).filter(|&i| side[i].block == block && side[i].class == class).collect();
            rng.shuffle(&mut found);
            found
        };
        let rnas: Vec<_> = (0..classes).map(|class| ring(rna, class)).collect();
        let others: Vec<_> = (0..classes).map(|class| ring(partners, class)).collect();
        for (class, rnas) in rnas.iter().enumerate() {
            let (matching, rest) = (recognition.matching(class), recognition.others(class));
            for (i, &rna) in rnas.iter().enumerate() {
                for k in i * each..(i + 1) * each {
                    let (yes, no) = (&others[matching[k % matching.len()]], &others[rest[k % rest.len()]]);
                    chosen.push(Chosen { rna, partner: yes[k % yes.len()], binds: true });
                    chosen.push(Chosen { rna, partner: no[k % no.len()], binds: false });
                }
            }
        }
    }
    rng.shuffle(&mut chosen);
    chosen
}

/// Chooses which labels to turn: exactly that share, anywhere.
pub(super) fn turned(pairs: usize, share: f64, rng: &mut Rng) -> Vec<usize> {
    let count = (share * pairs as f64).round() as usize;
    distinct(count.min(pairs), pairs, rng).into_iter().collect()
}

/// Chooses labels to turn along closed paths that alternate between binding and non-binding pairs, about that
/// share: every molecule keeps as many positives as negatives.
pub(super) fn turned_in_balance(chosen: &[Chosen], share: f64, rng: &mut Rng) -> Vec<usize> {
    let wanted = (share * chosen.len() as f64).round() as usize;
    // Unused pairs at each RNA (binding) and at each partner (not binding); a path leaves an RNA by a binding
    // pair and returns to some RNA by a non-binding one.
    let mut from_rna: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut from_partner: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, pair) in chosen.iter().enumerate() {
        if pair.binds {
            from_rna.entry(pair.rna).or_default().push(at);
        } else {
            from_partner.entry(pair.partner).or_default().push(at);
        }
    }
    let mut out = Vec::new();
    let starts: Vec<usize> = from_rna.keys().copied().collect();
    let mut tries = 0;
    while out.len() < wanted && tries < 100 * chosen.len() {
        tries += 1;
        let start = starts[rng.below(starts.len())];
        let mut path: Vec<usize> = Vec::new();
        let mut visited = vec![start];
        let mut here = start;
        while let Some(forth) = take(&mut from_rna, here, rng) {
            path.push(forth);
            let Some(back) = take(&mut from_partner, chosen[forth].partner, rng) else { break };
            path.push(back);
            here = chosen[back].rna;
            if let Some(first) = visited.iter().position(|&rna| rna == here) {
                out.extend_from_slice(&path[2 * first..]);
                break;
            }
            visited.push(here);
        }
    }
    out.sort_unstable();
    out
}

fn take(at: &mut BTreeMap<usize, Vec<usize>>, key: usize, rng: &mut Rng) -> Option<usize> {
    let unused = at.get_mut(&key)?;
    if unused.is_empty() { None } else { Some(unused.swap_remove(rng.below(unused.len()))) }
}

/// Draws that many distinct indices below a limit (Floyd), in order.
fn distinct(count: usize, limit: usize, rng: &mut Rng) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for top in limit - count..limit {
        let drawn = rng.below(top + 1);
        if !found.insert(drawn) {
            found.insert(top);
        }
    }
    found
}

fn in_block(side: &[Member], block: usize) -> Vec<usize> {
    (0..side.len()).filter(|&i| side[i].block == block).collect()
}

/// Groups the molecules that bind each other: by block and class, without decoys.
fn matching_cells(rna: &[Member], partners: &[Member]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut cells: BTreeMap<(usize, usize), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (i, member) in rna.iter().enumerate().filter(|(_, member)| !member.decoy) {
        cells.entry((member.block, member.class)).or_default().0.push(i);
    }
    for (i, member) in partners.iter().enumerate().filter(|(_, member)| !member.decoy) {
        cells.entry((member.block, member.class)).or_default().1.push(i);
    }
    cells.into_values().collect()
}
