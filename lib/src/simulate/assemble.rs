//! Puts a set together: families, members, pairs, labels, folds.

use std::collections::BTreeSet;
use std::ops::Range;

use super::antisense;
use super::binder::BINDERS;
use super::folds::{FoldRow, folds};
use super::ligand::LIGANDS;
use super::molecule::{self, SideChain};
use super::oracle::elements;
use super::pairing;
use super::protein;
use super::rna::{Ancestor, Made, Shape};
use super::seed::SEEDS;
use super::settings::{BLOCKS, Kind, Settings};
use crate::record::{Record, RecordId};
use crate::rng::Rng;
use crate::{Error, Result};

/// One simulated molecule and what was planted in it.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its identifier and letters.
    pub record: Record,
    /// Its family, counted from 0; families of the two sides have nothing to do with each other.
    pub family: usize,
    /// The class of its family.
    pub class: usize,
    /// Whether its sites or its domain are scrambled, so that it binds nothing.
    pub decoy: bool,
    /// Where its sites or its domain are, counted from 0; empty for small molecules.
    pub sites: Vec<Range<usize>>,
    /// What its side chains add to the pKd; 0 for other molecules.
    pub effect: f64,
    /// The block of families inside which it is paired.
    pub(super) block: usize,
    /// The fold in which its family alone is held out.
    pub(super) fold: usize,
}

/// One simulated pair.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPair {
    /// Index of the RNA.
    pub rna: usize,
    /// Index of the partner.
    pub partner: usize,
    /// Whether the rule says that they bind.
    pub binds: bool,
    /// The label that the rule gives: 0 or 1, or a pKd.
    pub planted: f64,
    /// The label in the file: with noise.
    pub label: f64,
}

/// A simulated set.
#[derive(Debug, Clone)]
pub struct Set {
    /// What was asked for.
    pub settings: Settings,
    /// The RNAs.
    pub rna: Vec<Member>,
    /// The partners.
    pub partners: Vec<Member>,
    /// The pairs, in random order.
    pub pairs: Vec<SimulatedPair>,
    /// The folds of each pair.
    pub folds: Vec<FoldRow>,
    /// Affinity sets: the pKd of RNA class (row) and scaffold class (column), before side chains.
    pub affinity: Vec<Vec<f64>>,
}

/// Makes a set; the same settings give the same set everywhere.
///
/// # Errors
/// Settings that [`Settings::check`] refuses, or more pairs than the molecules can form.
pub fn simulate(settings: &Settings) -> Result<Set> {
    settings.check()?;
    let root = Rng::new(settings.seed).fork("simulate");
    let rna = rna_side(settings, &root)?;
    let partners = partner_side(settings, &root)?;
    let mut rng = root.fork("pairs");
    let chosen = if settings.interaction_only {
        pairing::draw_balanced(&rna, &partners, settings.pairs, settings.classes, &mut rng)
    } else {
        pairing::draw(&rna, &partners, settings.pairs, &mut rng)?
    };
    let affinity = affinities(settings, &mut root.fork("affinity"));
    let mut rng = root.fork("noise");
    let mut pairs: Vec<SimulatedPair> = chosen
        .iter()
        .map(|pair| {
            let (a, b) = (&rna[pair.rna], &partners[pair.partner]);
            let planted = match settings.kind {
                Kind::RnaSmallMolecule => planted_affinity(settings, &affinity, a, b),
                _ => f64::from(u8::from(pair.binds)),
            };
            SimulatedPair { rna: pair.rna, partner: pair.partner, binds: pair.binds, planted, label: planted }
        })
        .collect();
    if settings.kind == Kind::RnaSmallMolecule {
        pairs.iter_mut().for_each(|pair| pair.label += settings.noise * f64::from(rng.normal()));
    } else {
        let wrong = if settings.interaction_only {
            pairing::turned_in_balance(&chosen, settings.noise, &mut rng)
        } else {
            pairing::turned(chosen.len(), settings.noise, &mut rng)
        };
        wrong.into_iter().for_each(|at| pairs[at].label = 1.0 - pairs[at].planted);
    }
    let folds = folds(&rna, &partners, &pairs, &mut root.fork("folds"));
    Ok(Set { settings: settings.clone(), rna, partners, pairs, folds, affinity })
}

/// Family by family: class, block and fold go round, so that each class is in each block and in each fold.
struct Plan {
    families: usize,
    classes: usize,
}

impl Plan {
    fn class(&self, family: usize) -> usize {
        family % self.classes
    }

    fn block(&self, family: usize) -> usize {
        family / self.classes % BLOCKS
    }

    /// Shifted from round to round, so that with several families per class and block a fold is not a block.
    fn fold(&self, family: usize) -> usize {
        let round = family / self.classes;
        (round + round / BLOCKS) % BLOCKS
    }

    /// Deals molecules to families in equal numbers and in random order; the same share of each is a decoy.
    fn deal(&self, count: usize, decoys: f64, rng: &mut Rng) -> Vec<(usize, bool)> {
        let mut sizes = vec![0; self.families];
        (0..count).for_each(|i| sizes[i % self.families] += 1);
        let mut due = 0.0;
        let mut dealt = Vec::with_capacity(count);
        for (family, &size) in sizes.iter().enumerate() {
            for rank in 0..size {
                // The first of a family is never a decoy: each class is represented.
                due += decoys;
                let decoy = rank > 0 && due >= 1.0;
                due -= f64::from(u8::from(decoy));
                dealt.push((family, decoy));
            }
        }
        rng.shuffle(&mut dealt);
        dealt
    }
}

fn rna_side(settings: &Settings, root: &Rng) -> Result<Vec<Member>> {
    let elements = elements(settings.kind, settings.classes);
    let shape = match settings.kind {
        Kind::RnaSmallMolecule => Shape { sites: 1..=2, scrambled: 1, gap: 5..=15, flank: 8..=25 },
        _ => Shape { sites: 7..=10, scrambled: 2, gap: 4..=16, flank: 10..=40 },
    };
    let plan = Plan { families: settings.families, classes: settings.classes };
    if settings.kind == Kind::RnaRna {
        let founders: Vec<_> = (0..plan.families)
            .map(|family| antisense::Founder::new(&mut root.fork(&format!("rna family {family}"))))
            .collect();
        return side(settings, &plan, settings.rna, "srna", root, |family, decoy, rng| {
            let Made { letters, sites } = founders[family].member(plan.class(family), decoy, &SEEDS, rng);
            (letters, sites, 0.0)
        });
    }
    let ancestors = ancestors("rna", &plan, &shape, root);
    side(settings, &plan, settings.rna, "rna", root, |family, decoy, rng| {
        let Made { letters, sites } = ancestors[family].relative(decoy, &elements, rng);
        (letters, sites, 0.0)
    })
}

fn partner_side(settings: &Settings, root: &Rng) -> Result<Vec<Member>> {
    let plan = Plan { families: settings.families, classes: settings.classes };
    let stream = |family: usize| root.fork(&format!("partner family {family}"));
    match settings.kind {
        Kind::RnaProtein => {
            let founders: Vec<_> = (0..plan.families)
                .map(|family| protein::Founder::new(&BINDERS[plan.class(family)], &mut stream(family)))
                .collect();
            side(settings, &plan, settings.partners, "protein", root, |family, decoy, rng| {
                let (letters, domain) = founders[family].member(&BINDERS[plan.class(family)], decoy, rng);
                (letters, if decoy { Vec::new() } else { vec![domain] }, 0.0)
            })
        }
        Kind::RnaSmallMolecule => {
            let shared: Vec<_> =
                (0..plan.families).map(|family| SideChain::new(&mut stream(family))).collect();
            side(settings, &plan, settings.partners, "molecule", root, |family, _, rng| {
                let (smiles, effect) = molecule::member(&LIGANDS[plan.class(family)], &shared[family], rng);
                (smiles.into_bytes(), Vec::new(), effect)
            })
        }
        Kind::RnaRna => {
            let elements = elements(settings.kind, settings.classes);
            let shape = Shape { sites: 5..=8, scrambled: 2, gap: 4..=20, flank: 10..=60 };
            let ancestors = ancestors("partner", &plan, &shape, root);
            side(settings, &plan, settings.partners, "target", root, |family, decoy, rng| {
                let Made { letters, sites } = ancestors[family].relative(decoy, &elements, rng);
                (letters, sites, 0.0)
            })
        }
    }
}

fn ancestors(side: &str, plan: &Plan, shape: &Shape, root: &Rng) -> Vec<Ancestor> {
    (0..plan.families)
        .map(|family| {
            let mut rng = root.fork(&format!("{side} family {family}"));
            Ancestor::new(plan.class(family), plan.classes, shape, &mut rng)
        })
        .collect()
}

/// Makes the members of one side; a sequence that came out twice is drawn again.
fn side(
    settings: &Settings,
    plan: &Plan,
    count: usize,
    name: &str,
    root: &Rng,
    mut make: impl FnMut(usize, bool, &mut Rng) -> (Vec<u8>, Vec<Range<usize>>, f64),
) -> Result<Vec<Member>> {
    // Scaffolds are not scrambled: among small molecules there are no decoys.
    let decoys = if name == "molecule" { 0.0 } else { settings.decoys };
    let dealt = plan.deal(count, decoys, &mut root.fork(&format!("{name} deal")));
    let digits = count.to_string().len();
    let mut seen = BTreeSet::new();
    dealt
        .into_iter()
        .enumerate()
        .map(|(at, (family, decoy))| {
            let mut rng = root.fork(&format!("{name} {at}"));
            let made = (0..200)
                .map(|_| make(family, decoy, &mut rng))
                .find(|(letters, ..)| seen.insert(letters.clone()))
                .ok_or_else(|| {
                    Error::setting(
                        if name.ends_with("rna") { "rna" } else { "partners" },
                        format!("{count} different molecules cannot be made in {} families", plan.families),
                        "ask for fewer molecules or for more families",
                    )
                })?;
            let (sequence, sites, effect) = made;
            let id = RecordId::new(format!("{name}{:0digits$}", at + 1)).map_err(|problem| {
                Error::setting("output", problem, "this is a defect of the simulator; please report it")
            })?;
            Ok(Member {
                record: Record { id, sequence },
                family,
                class: plan.class(family),
                decoy,
                sites,
                effect,
                block: plan.block(family),
                fold: plan.fold(family),
            })
        })
        .collect()
}

/// Draws the table of pKd by RNA class (row) and scaffold class (column): a match binds 1.5 to 2.5 units better.
fn affinities(settings: &Settings, rng: &mut Rng) -> Vec<Vec<f64>> {
    if settings.kind != Kind::RnaSmallMolecule {
        return Vec::new();
    }
    let classes = settings.classes;
    if settings.interaction_only {
        return (0..classes)
            .map(|r| (0..classes).map(|c| if r == c { 7.0 } else { 4.5 }).collect())
            .collect();
    }
    let by_rna: Vec<f64> = (0..classes).map(|_| 0.3 * f64::from(rng.normal())).collect();
    let by_scaffold: Vec<f64> = (0..classes).map(|_| 0.4 * f64::from(rng.normal())).collect();
    (0..classes)
        .map(|row| {
            (0..classes)
                .map(|column| {
                    let fit = if row == column { 1.5 + rng.uniform() } else { 0.3 * f64::from(rng.normal()) };
                    let pkd: f64 = 4.8 + by_rna[row] + by_scaffold[column] + fit;
                    (pkd * 100.0).round() / 100.0
                })
                .collect()
        })
        .collect()
}

/// Reads the table; a decoy binds every scaffold at pKd 4.
fn planted_affinity(settings: &Settings, table: &[Vec<f64>], rna: &Member, molecule: &Member) -> f64 {
    if settings.interaction_only {
        return table[rna.class][molecule.class];
    }
    (if rna.decoy { 4.0 } else { table[rna.class][molecule.class] }) + molecule.effect
}
