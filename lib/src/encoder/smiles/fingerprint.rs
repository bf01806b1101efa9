//! Fingerprints of small molecules: which environments and which pairs of atoms they have, and how often.

use std::collections::{BTreeSet, VecDeque};

use super::atom::{is, is_acceptor, is_basic, is_donor, is_halogen};
use super::environment::{environments_from, hash, invariants};
use super::molecule::{Atom, Kind, Molecule};
use super::token::tokens;
use crate::encoder::Bag;

/// The farthest two atoms of a pair, in bonds.
const FARTHEST: u8 = 30;
/// Molecules with more atoms have no pairs, whose number grows with its square.
const MOST_ATOMS: usize = 2048;

/// Three fingerprints of a molecule, all unfolded: things are named by 64-bit hashes, so that two seldom share one.
///
/// They follow the published ones in what they count, not in the numbers that name it: Tanimoto coefficients rank
/// molecules as those of `RDKit` do (a test says how nearly), but hashes cannot be compared with those of other programs.
/// Nothing depends on the order of atoms, rings or branches in the SMILES string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprints {
    /// Environments of radius 0, 1 and 2 around each heavy atom, each set of bonds once (Rogers and Hahn 2010, J Chem Inf
    /// Model 50:742); atoms are told apart by element, neighbours, hydrogens, charge, rings and conjugation.
    pub circular: Bag,
    /// The same where atoms are told apart by what they do alone: donor, acceptor, conjugated ring, halogen, base, acid.
    pub functional: Bag,
    /// Pairs of heavy atoms with the number of bonds between them, up to 30 (Carhart et al. 1985, J Chem Inf Comput Sci
    /// 25:64); atoms are told apart by element, neighbours and π bonds. None in molecules of more than 2048 atoms.
    pub pairs: Bag,
}

impl Fingerprints {
    /// Reads a SMILES string.
    ///
    /// # Errors
    /// A string that cannot be read as a graph, with the reason in a few words.
    ///
    /// ```
    /// use crossmamba::encoder::Fingerprints;
    ///
    /// let read = |smiles: &str| Fingerprints::read(smiles).expect("a molecule");
    /// assert_eq!(read("OCC"), read("C(C)O"));
    /// assert!(read("CCO").similarity(&read("CCCO")) > read("CCO").similarity(&read("c1ccccc1")));
    /// assert_eq!(Fingerprints::read("C1CC").unwrap_err(), "ring 1 is not closed");
    /// ```
    pub fn read(smiles: &str) -> Result<Self, String> {
        let smiles = smiles.as_bytes();
        Ok(Self::of(&Molecule::read(smiles, &tokens(smiles))?))
    }

    /// Reads a graph.
    pub(in crate::encoder) fn of(molecule: &Molecule) -> Self {
        let exact = |atom: &Atom| hash(&invariants(atom));
        let function = |atom: &Atom| hash(&[functions(molecule, atom)]);
        Self {
            circular: circular(molecule, exact),
            functional: circular(molecule, function),
            pairs: pairs(molecule),
        }
    }

    /// Gives the mean Tanimoto coefficient of the three counts, from 0 to 1.
    pub fn similarity(&self, other: &Self) -> f64 {
        let each = self.bags().into_iter().zip(other.bags());
        each.map(|(mine, theirs)| mine.tanimoto(theirs)).sum::<f64>() / 3.0
    }

    /// Gives the three: circular, functional, pairs.
    pub fn bags(&self) -> [&Bag; 3] {
        [&self.circular, &self.functional, &self.pairs]
    }
}

/// One bit for each thing that an atom may do.
fn functions(molecule: &Molecule, atom: &Atom) -> u64 {
    let all = [
        is_donor(atom),
        is_acceptor(atom),
        atom.ring > 0 && atom.conjugated,
        is_halogen(atom),
        atom.charge > 0 || is_basic(molecule, atom),
        atom.charge < 0 || is_acid(molecule, atom),
    ];
    all.iter().enumerate().map(|(bit, &does)| u64::from(does) << bit).sum()
}

/// A hydroxyl of a carboxyl, of sulfur or of phosphorus.
fn is_acid(molecule: &Molecule, atom: &Atom) -> bool {
    let oxo = |centre: &Atom| {
        molecule.around(centre).any(|(bond, other)| bond.kind == Kind::Double && is(other, "O"))
    };
    is(atom, "O") && atom.hydrogens > 0 && molecule.around(atom).any(|(_, centre)| oxo(centre))
}

/// Counts the environments of all radii; of those that stand for the same bonds, the one of the smallest radius alone, and
/// among these the one with the smallest name.
fn circular(molecule: &Molecule, own: impl Fn(&Atom) -> u64) -> Bag {
    let zero: Vec<Option<u64>> =
        molecule.atoms.iter().map(|atom| (!atom.folded).then(|| own(atom))).collect();
    let layers = environments_from(molecule, zero);
    let mut found: Vec<u64> = layers[0].iter().flatten().copied().collect();
    // The bonds of each atom's environment; an atom without bonds has no wider one.
    let mut bonds: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); molecule.atoms.len()];
    let mut seen = BTreeSet::from([BTreeSet::new()]);
    for layer in &layers[1..] {
        let wider = |atom: &Atom| {
            let around = atom.neighbours.iter();
            around.flat_map(|&(other, bond)| bonds[other].iter().copied().chain([bond])).collect()
        };
        bonds = molecule.atoms.iter().map(wider).collect();
        let mut named: Vec<_> = bonds.iter().zip(layer).filter_map(|(b, name)| Some((b, (*name)?))).collect();
        named.sort_unstable();
        for (bonds, name) in named {
            if !seen.contains(bonds) {
                seen.insert(bonds.clone());
                found.push(name);
            }
        }
    }
    Bag::of(found)
}

fn pairs(molecule: &Molecule) -> Bag {
    if molecule.heavy_atoms().count() > MOST_ATOMS {
        return Bag::default();
    }
    let kinds: Vec<u64> = molecule.atoms.iter().map(|atom| kind(molecule, atom)).collect();
    let mut found = Vec::new();
    for from in (0..molecule.atoms.len()).filter(|&atom| !molecule.atoms[atom].folded) {
        let mut distance = vec![u8::MAX; molecule.atoms.len()];
        distance[from] = 0;
        let mut next = VecDeque::from([from]);
        while let Some(here) = next.pop_front() {
            if here > from {
                let (a, b) = (kinds[from].min(kinds[here]), kinds[from].max(kinds[here]));
                found.push(hash(&[a, u64::from(distance[here]), b]));
            }
            if distance[here] == FARTHEST {
                continue;
            }
            for &(other, _) in &molecule.atoms[here].neighbours {
                if distance[other] == u8::MAX {
                    distance[other] = distance[here] + 1;
                    next.push_back(other);
                }
            }
        }
    }
    Bag::of(found)
}

fn kind(molecule: &Molecule, atom: &Atom) -> u64 {
    let of_bonds = molecule.around(atom).map(|(bond, _)| match bond.kind {
        Kind::Single => 0,
        Kind::Double => 1,
        Kind::Triple => 2,
        Kind::Conjugated => u64::from(atom.conjugated),
    });
    let pi = of_bonds.max().unwrap_or(0);
    hash(&[u64::from(u16::from_le_bytes(atom.element)), atom.neighbours.len() as u64, pi])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(smiles: &str) -> Fingerprints {
        Fingerprints::read(smiles).unwrap()
    }

    #[test]
    fn the_way_of_writing_a_molecule_does_not_matter() {
        for (a, b) in [
            ("OCC", "CCO"),
            ("CC(=O)Oc1ccccc1C(=O)O", "OC(=O)C1=CC=CC=C1OC(C)=O"),
            ("C1CC2CCC1C2", "C%12CC3CCC%12C3"),
            ("N1C=CC=C1", "c1cc[nH]c1"),
            ("CN1CCC[C@H]1c1cccnc1", "c1ncccc1[C@@H]2CCCN2C"),
            ("[H]C([H])([H])O", "CO"),
            ("C.CC", "CC.C"),
        ] {
            assert_eq!(read(a), read(b), "{a} {b}");
        }
    }

    #[test]
    fn counts_are_those_of_the_definition() {
        // Propane: three atoms, two bonds; the ends alike. Of radius 1: either end has one bond, the middle both; of
        // radius 2 the ends have both bonds, which the middle has had.
        let propane = read("CCC");
        assert_eq!(propane.circular.total(), 3 + 3);
        assert_eq!(propane.circular.counts().len(), 2 + 2);
        assert_eq!(propane.pairs.total(), 3);
        assert_eq!(propane.pairs.counts().len(), 2);
        // One atom has itself alone, and two molecules have no pairs between them.
        assert_eq!((read("C").circular.total(), read("C.C").pairs.total()), (1, 0));
        // Benzene: every environment of radius 1 and 2 has its own bonds.
        assert_eq!(read("c1ccccc1").circular.total(), 18);
    }

    #[test]
    fn different_molecules_differ_where_the_fingerprint_can_tell() {
        let (ethanol, ethylamine) = (read("CCO"), read("CCN"));
        assert_ne!(ethanol.circular, ethylamine.circular);
        assert_ne!(ethanol.pairs, ethylamine.pairs);
        // Bromine and chlorine do the same.
        assert_eq!(read("CCBr").functional, read("CCCl").functional);
        assert_ne!(read("CCBr").circular, read("CCCl").circular);
    }

    #[test]
    fn a_very_large_molecule_is_read_without_its_pairs() {
        let large = read(&"C".repeat(3000));
        assert_eq!(large.pairs, Bag::default());
        assert!(large.circular.total() > 3000);
        assert!(read(&"C".repeat(2000)).pairs.total() > 50_000);
    }
}
