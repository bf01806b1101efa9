//! Reads the elements of a molecule from its sequence alone: proof that the rule can be recovered.

use super::antisense::SEED_START;
use super::binder::BINDERS;
use super::ligand::LIGANDS;
use super::protein::holds_keys;
use super::seed::SEEDS;
use super::settings::Kind;
use super::site::Element;

/// Reads elements and decides pairs from letters alone.
pub struct Oracle {
    kind: Kind,
    classes: usize,
    elements: Vec<Element>,
}

impl Oracle {
    /// Prepares the rules of a kind of set with that many classes.
    pub fn new(kind: Kind, classes: usize) -> Self {
        Self { kind, classes, elements: elements(kind, classes) }
    }

    /// Reads which elements an RNA holds (or which seed it is); none for a decoy.
    pub fn rna_elements(&self, letters: &[u8]) -> Vec<usize> {
        match self.kind {
            Kind::RnaRna => self.filter(|class| {
                letters
                    .get(SEED_START..)
                    .is_some_and(|rest| rest.starts_with(SEEDS[class].letters.as_bytes()))
            }),
            _ => self.sites(letters),
        }
    }

    /// Reads which elements a partner recognises; none for a decoy.
    pub fn partner_elements(&self, letters: &[u8]) -> Vec<usize> {
        match self.kind {
            Kind::RnaProtein => self.filter(|class| holds_keys(letters, &BINDERS[class])),
            Kind::RnaSmallMolecule => self.filter(|class| {
                let core = LIGANDS[class].core.as_bytes();
                letters.windows(core.len()).any(|window| window == core)
            }),
            Kind::RnaRna => self.sites(letters),
        }
    }

    /// Tells whether two molecules bind, noise aside.
    pub fn binds(&self, rna: &[u8], partner: &[u8]) -> bool {
        let recognised = self.partner_elements(partner);
        self.rna_elements(rna).iter().any(|element| recognised.contains(element))
    }

    fn sites(&self, letters: &[u8]) -> Vec<usize> {
        self.filter(|element| !self.elements[element].occurrences(letters).is_empty())
    }

    fn filter(&self, holds: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.classes).filter(|&element| holds(element)).collect()
    }
}

/// Gives the elements that sites are copies of, class by class.
pub(super) fn elements(kind: Kind, classes: usize) -> Vec<Element> {
    match kind {
        Kind::RnaProtein => BINDERS[..classes].iter().map(super::binder::Binder::element).collect(),
        Kind::RnaSmallMolecule => {
            LIGANDS[..classes].iter().map(|ligand| Element::new(&[ligand.element])).collect()
        }
        Kind::RnaRna => SEEDS[..classes].iter().map(|seed| Element::antisense(seed.letters)).collect(),
    }
}
