//! Reads the class of a molecule from its sequence alone: proof that the rule can be recovered.

use super::antisense::SEED_START;
use super::binder::BINDERS;
use super::ligand::LIGANDS;
use super::protein::holds_keys;
use super::seed::SEEDS;
use super::settings::Kind;
use super::site::Element;

/// Reads classes and decides pairs from letters alone.
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

    /// Reads the class of an RNA; none for a decoy.
    pub fn rna_class(&self, letters: &[u8]) -> Option<usize> {
        match self.kind {
            Kind::RnaRna => (0..self.classes).find(|&class| {
                letters
                    .get(SEED_START..)
                    .is_some_and(|rest| rest.starts_with(SEEDS[class].letters.as_bytes()))
            }),
            _ => self.by_sites(letters),
        }
    }

    /// Reads the class of a partner; none for a decoy.
    pub fn partner_class(&self, letters: &[u8]) -> Option<usize> {
        match self.kind {
            Kind::RnaProtein => (0..self.classes).find(|&class| holds_keys(letters, &BINDERS[class])),
            Kind::RnaSmallMolecule => (0..self.classes).find(|&class| {
                let core = LIGANDS[class].core.as_bytes();
                letters.windows(core.len()).any(|window| window == core)
            }),
            Kind::RnaRna => self.by_sites(letters),
        }
    }

    /// Tells whether two molecules bind, noise aside.
    pub fn binds(&self, rna: &[u8], partner: &[u8]) -> bool {
        self.rna_class(rna).is_some_and(|class| self.partner_class(partner) == Some(class))
    }

    /// Takes the class with most sites.
    fn by_sites(&self, letters: &[u8]) -> Option<usize> {
        let counts: Vec<usize> = self.elements.iter().map(|element| element.count(letters)).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        counts.iter().position(|&count| count == most && most > 0)
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
