//! Names the surroundings of each atom.

use super::molecule::{Atom, Molecule};

/// The largest radius, in bonds.
const RADII: usize = 3;

/// Hashes numbers: FNV-1a over their bytes in little-endian order, then two xor-shift-multiply rounds, so that the
/// low bits depend on all of them.
pub(in crate::encoder) fn hash(numbers: &[u64]) -> u64 {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    let mixed = bytes
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (mixed >> 31)
}

/// Gives for each radius 0, 1, 2 the environment of each atom, none for a folded hydrogen.
///
/// The environment of radius 0 is the element, heavy neighbours, hydrogens, charge, and whether the atom is in a ring
/// and conjugated; radius r + 1 is that of radius r with the sorted bonds and environments around it (extended
/// connectivity, Morgan 1965; Rogers and Hahn 2010, J Chem Inf Model 50:742).
pub(in crate::encoder) fn environments(molecule: &Molecule) -> [Vec<Option<u64>>; RADII] {
    let own = |atom: &Atom| (!atom.folded).then(|| hash(&invariants(atom)));
    environments_from(molecule, molecule.atoms.iter().map(own).collect())
}

/// Gives the environments of radius 0, 1 and 2 where those of radius 0 are given.
pub(super) fn environments_from(molecule: &Molecule, zero: Vec<Option<u64>>) -> [Vec<Option<u64>>; RADII] {
    let one = widen(molecule, &zero, 1);
    let two = widen(molecule, &one, 2);
    [zero, one, two]
}

/// Gives what tells atoms apart.
pub(super) fn invariants(atom: &Atom) -> [u64; 6] {
    [
        u64::from(u16::from_le_bytes(atom.element)),
        atom.neighbours.len() as u64,
        u64::from(atom.hydrogens),
        i64::from(atom.charge).cast_unsigned(),
        u64::from(atom.ring > 0),
        u64::from(atom.conjugated),
    ]
}

fn widen(molecule: &Molecule, inner: &[Option<u64>], radius: u64) -> Vec<Option<u64>> {
    let widen = |(atom, own): (&Atom, &Option<u64>)| {
        let mut around: Vec<(u64, u64)> = (atom.neighbours.iter())
            .filter_map(|&(other, bond)| inner[other].map(|env| (molecule.bonds[bond].kind as u64, env)))
            .collect();
        around.sort_unstable();
        let own = (*own)?;
        let numbers: Vec<u64> =
            [radius, own].into_iter().chain(around.into_iter().flat_map(|(kind, env)| [kind, env])).collect();
        Some(hash(&numbers))
    };
    molecule.atoms.iter().zip(inner).map(widen).collect()
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn all(smiles: &str) -> Vec<Option<u64>> {
        let molecule = Molecule::read(smiles.as_bytes(), &tokens(smiles.as_bytes())).unwrap();
        let mut found = environments(&molecule).concat();
        found.sort();
        found
    }

    #[test]
    fn the_way_of_writing_a_molecule_does_not_matter() {
        for (a, b) in [
            ("OCC", "CCO"),
            ("C(C)(N)=O", "CC(N)=O"),
            ("c1ccccc1C(=O)O", "OC(=O)C1=CC=CC=C1"),
            ("NC1=NC=CC=C1", "Nc1ccccn1"),
            ("c1cc[nH]c1", "N1C=CC=C1"),
        ] {
            assert_eq!(all(a), all(b), "{a} {b}");
        }
    }

    #[test]
    fn different_molecules_differ() {
        for (a, b) in [("CCO", "CCN"), ("CCCO", "CC(C)O"), ("C1CCCCC1", "c1ccccc1"), ("CC[NH3+]", "CCN")] {
            assert_ne!(all(a), all(b), "{a} {b}");
        }
    }

    #[test]
    fn the_hash_stays_the_one_that_stores_rely_on() {
        // Stored embeddings rely on it.
        assert_ne!(hash(&[1, 2]), hash(&[2, 1]));
        assert_eq!(hash(&[1, 2, 3]), 0x84eb_673a_8e38_86ab);
    }
}
