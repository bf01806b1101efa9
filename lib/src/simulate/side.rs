//! Makes the molecules of each side.

use std::collections::BTreeSet;

use super::antisense;
use super::binder::BINDERS;
use super::ligand::LIGANDS;
use super::molecule::{self, SideChain};
use super::oracle::elements;
use super::plan::Plan;
use super::protein;
use super::recognition::Recognition;
use super::rna::{Ancestor, Made, Shape, Site};
use super::seed::SEEDS;
use super::settings::{Kind, Settings};
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
    /// The elements that its class carries or recognises, in order.
    pub elements: Vec<usize>,
    /// Where its sites or its domain are; empty for small molecules and for decoys.
    pub sites: Vec<Site>,
    /// What its side chains add to the pKd; 0 for other molecules.
    pub effect: f64,
    /// The block of families inside which it is paired.
    pub(super) block: usize,
    /// The fold in which its family alone is held out.
    pub(super) fold: usize,
}

/// A molecule before it has a name: letters, sites, effect.
type Unnamed = (Vec<u8>, Vec<Site>, f64);

/// What the members of one side have in common.
struct Side<'a> {
    name: &'static str,
    setting: &'static str,
    count: usize,
    decoys: f64,
    plan: Plan,
    root: &'a Rng,
}

/// Makes the RNAs.
pub(super) fn rnas(settings: &Settings, recognition: &Recognition, root: &Rng) -> Result<Vec<Member>> {
    let plan = Plan { families: settings.families, classes: settings.classes };
    let side = |name| Side { name, setting: "rna", count: settings.rna, decoys: settings.decoys, plan, root };
    if settings.kind == Kind::RnaRna {
        let founders: Vec<_> = (0..plan.families)
            .map(|family| antisense::Founder::new(&mut root.fork(&format!("rna family {family}"))))
            .collect();
        return side("srna").members(one, |family, decoy, rng| {
            let Made { letters, sites } = founders[family].member(plan.class(family), decoy, &SEEDS, rng);
            (letters, sites, 0.0)
        });
    }
    // Where an RNA carries several elements it carries fewer copies of each.
    let shape = match (settings.kind, settings.interaction_only) {
        (Kind::RnaSmallMolecule, false) => Shape { sites: 1..=2, scrambled: 1, gap: 5..=15, flank: 8..=25 },
        (Kind::RnaSmallMolecule, true) => Shape { sites: 1..=1, scrambled: 1, gap: 5..=15, flank: 8..=25 },
        (_, false) => Shape { sites: 7..=10, scrambled: 2, gap: 4..=16, flank: 10..=40 },
        (_, true) => Shape { sites: 3..=4, scrambled: 2, gap: 4..=12, flank: 10..=30 },
    };
    side("rna").carriers(settings, "rna", &shape, |class| {
        let mut carried = recognition.matching(class).to_vec();
        carried.sort_unstable();
        carried
    })
}

/// Makes the partners.
pub(super) fn partners(settings: &Settings, recognition: &Recognition, root: &Rng) -> Result<Vec<Member>> {
    let plan = Plan { families: settings.families, classes: settings.classes };
    let (setting, count) = ("partners", settings.partners);
    let side = |name, decoys| Side { name, setting, count, decoys, plan, root };
    let stream = |family: usize| root.fork(&format!("partner family {family}"));
    match settings.kind {
        Kind::RnaProtein => {
            let founders: Vec<_> = (0..plan.families)
                .map(|family| protein::Founder::new(&BINDERS[plan.class(family)], &mut stream(family)))
                .collect();
            side("protein", settings.decoys).members(one, |family, decoy, rng| {
                let class = plan.class(family);
                let (letters, range) = founders[family].member(&BINDERS[class], decoy, rng);
                (letters, if decoy { Vec::new() } else { vec![Site { element: class, range }] }, 0.0)
            })
        }
        Kind::RnaSmallMolecule => {
            let shared: Vec<_> =
                (0..plan.families).map(|family| SideChain::new(&mut stream(family))).collect();
            // Scaffolds are not scrambled: among small molecules there are no decoys.
            side("molecule", 0.0).members(one, |family, _, rng| {
                let (smiles, effect) = molecule::member(&LIGANDS[plan.class(family)], &shared[family], rng);
                (smiles.into_bytes(), Vec::new(), effect)
            })
        }
        Kind::RnaRna => {
            let sites = if settings.interaction_only { 2..=3 } else { 5..=8 };
            let shape = Shape { sites, scrambled: 2, gap: 4..=20, flank: 10..=60 };
            side("target", settings.decoys)
                .carriers(settings, "partner", &shape, |class| recognition.matching_partner(class))
        }
    }
}

/// Gives the one element of a class that carries or recognises the element of its number.
fn one(class: usize) -> Vec<usize> {
    vec![class]
}

impl Side<'_> {
    /// Makes RNAs that carry the elements of their class.
    fn carriers(
        &self,
        settings: &Settings,
        stream: &str,
        shape: &Shape,
        carried: impl Fn(usize) -> Vec<usize>,
    ) -> Result<Vec<Member>> {
        let elements = elements(settings.kind, settings.classes);
        let ancestors: Vec<_> = (0..self.plan.families)
            .map(|family| {
                let mut rng = self.root.fork(&format!("{stream} family {family}"));
                Ancestor::new(&carried(self.plan.class(family)), elements.len(), shape, &mut rng)
            })
            .collect();
        self.members(&carried, |family, decoy, rng| {
            let Made { letters, sites } = ancestors[family].relative(decoy, &elements, rng);
            (letters, sites, 0.0)
        })
    }

    /// Makes the members; a sequence that came out twice is drawn again.
    fn members(
        &self,
        elements: impl Fn(usize) -> Vec<usize>,
        mut make: impl FnMut(usize, bool, &mut Rng) -> Unnamed,
    ) -> Result<Vec<Member>> {
        let Self { name, count, plan, root, .. } = *self;
        let dealt = plan.deal(count, self.decoys, &mut root.fork(&format!("{name} deal")));
        let digits = count.to_string().len();
        let mut seen = BTreeSet::new();
        let mut members = Vec::with_capacity(count);
        for (at, (family, decoy)) in dealt.into_iter().enumerate() {
            let mut rng = root.fork(&format!("{name} {at}"));
            let new = (0..200)
                .map(|_| make(family, decoy, &mut rng))
                .find(|(letters, ..)| seen.insert(letters.clone()));
            let (sequence, sites, effect) = new.ok_or_else(|| {
                Error::setting(
                    self.setting,
                    format!("{count} different molecules cannot be made in {} families", plan.families),
                    "ask for fewer molecules or for more families",
                )
            })?;
            let id = RecordId::new(format!("{name}{:0digits$}", at + 1))
                .map_err(|problem| Error::defect("simulated identifiers", problem))?;
            let class = plan.class(family);
            members.push(Member {
                record: Record { id, sequence },
                family,
                class,
                decoy,
                elements: elements(class),
                sites,
                effect,
                block: plan.block(family),
                fold: plan.fold(family),
            });
        }
        Ok(members)
    }
}
