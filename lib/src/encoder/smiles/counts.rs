//! Counts what a molecule is made of.

use super::atom::{is, is_acceptor, is_basic, is_donor, is_halogen};
use super::molecule::{Atom, Bond, Kind, Molecule};

/// The names of the counts, in the order of their columns.
pub(in crate::encoder) const COUNTS: [&str; 44] = [
    "heavy atoms",
    "hydrogens",
    "C",
    "N",
    "O",
    "S",
    "P",
    "F",
    "Cl",
    "Br",
    "I",
    "other elements",
    "conjugated C",
    "other C",
    "conjugated N",
    "other N",
    "single bonds",
    "double bonds",
    "triple bonds",
    "conjugated bonds",
    "rotatable bonds",
    "rings",
    "atoms in rings",
    "atoms in rings of 3 or 4",
    "atoms in rings of 5",
    "atoms in rings of 6",
    "atoms in rings of 7 or more",
    "atoms shared by rings",
    "branching atoms",
    "ends",
    "positive charges",
    "negative charges",
    "stereo centres",
    "donors",
    "acceptors",
    "basic nitrogens",
    "primary amines",
    "amidines and guanidines",
    "amides",
    "hydroxyls",
    "carboxyls",
    "ethers",
    "halogens",
    "fragments",
];

/// Appends the counts [`COUNTS`], each as ln(1 + count).
pub(in crate::encoder) fn push_counts(molecule: &Molecule, out: &mut Vec<f32>) {
    let start = out.len();
    let atoms = |test: &dyn Fn(&Atom) -> bool| molecule.heavy_atoms().filter(|atom| test(atom)).count();
    let sum = |value: &dyn Fn(&Atom) -> usize| molecule.heavy_atoms().map(value).sum::<usize>();
    let bonds = |test: &dyn Fn(&Bond) -> bool| molecule.bonds.iter().filter(|bond| test(bond)).count();
    let element = |name: &'static str| atoms(&|atom| is(atom, name));
    let known = ["C", "N", "O", "S", "P", "F", "Cl", "Br", "I"];
    let heavy = molecule.heavy_atoms().count();
    let counts = [
        heavy,
        sum(&|atom| usize::from(atom.hydrogens)),
        element("C"),
        element("N"),
        element("O"),
        element("S"),
        element("P"),
        element("F"),
        element("Cl"),
        element("Br"),
        element("I"),
        atoms(&|atom| !known.iter().any(|name| is(atom, name))),
        atoms(&|atom| is(atom, "C") && atom.conjugated),
        atoms(&|atom| is(atom, "C") && !atom.conjugated),
        atoms(&|atom| is(atom, "N") && atom.conjugated),
        atoms(&|atom| is(atom, "N") && !atom.conjugated),
        bonds(&|bond| bond.kind == Kind::Single),
        bonds(&|bond| bond.kind == Kind::Double),
        bonds(&|bond| bond.kind == Kind::Triple),
        bonds(&|bond| bond.kind == Kind::Conjugated),
        bonds(&|bond| rotatable(molecule, bond)),
        (molecule.bonds.len() + molecule.fragments).saturating_sub(heavy),
        atoms(&|atom| atom.ring > 0),
        atoms(&|atom| matches!(atom.ring, 3 | 4)),
        atoms(&|atom| atom.ring == 5),
        atoms(&|atom| atom.ring == 6),
        atoms(&|atom| atom.ring > 6),
        atoms(&|atom| molecule.around(atom).filter(|(bond, _)| bond.ring > 0).count() > 2),
        atoms(&|atom| atom.neighbours.len() > 2),
        atoms(&|atom| atom.neighbours.len() == 1),
        sum(&|atom| usize::from(atom.charge.max(0).unsigned_abs())),
        sum(&|atom| usize::from(atom.charge.min(0).unsigned_abs())),
        atoms(&|atom| atom.stereo),
        atoms(&is_donor),
        atoms(&is_acceptor),
        atoms(&|atom| is_basic(molecule, atom)),
        atoms(&|atom| is_basic(molecule, atom) && atom.neighbours.len() == 1),
        atoms(&|atom| is_amidine(molecule, atom)),
        atoms(&|atom| is(atom, "C") && has(molecule, atom, "N") && has_carbonyl(molecule, atom)),
        atoms(&|atom| is(atom, "O") && atom.hydrogens > 0 && !on_carbonyl(molecule, atom)),
        atoms(&|atom| {
            is(atom, "O") && ends(atom) && !is_carbonyl(molecule, atom) && on_carbonyl(molecule, atom)
        }),
        atoms(&|atom| is(atom, "O") && atom.neighbours.len() == 2),
        atoms(&is_halogen),
        molecule.fragments,
    ];
    out.extend(counts.iter().map(|&count| (count as f32).ln_1p()));
    debug_assert_eq!(out.len() - start, COUNTS.len());
}

fn ends(atom: &Atom) -> bool {
    atom.neighbours.len() == 1
}

fn rotatable(molecule: &Molecule, bond: &Bond) -> bool {
    bond.kind == Kind::Single && bond.ring == 0 && bond.atoms.iter().all(|&atom| !ends(&molecule.atoms[atom]))
}

fn has(molecule: &Molecule, atom: &Atom, element: &str) -> bool {
    molecule.around(atom).any(|(_, other)| is(other, element))
}

fn is_carbonyl(molecule: &Molecule, atom: &Atom) -> bool {
    is(atom, "O") && molecule.around(atom).any(|(bond, other)| bond.kind == Kind::Double && is(other, "C"))
}

fn has_carbonyl(molecule: &Molecule, atom: &Atom) -> bool {
    molecule.around(atom).any(|(bond, other)| bond.kind == Kind::Double && is(other, "O"))
}

fn on_carbonyl(molecule: &Molecule, atom: &Atom) -> bool {
    molecule.around(atom).any(|(_, other)| is(other, "C") && has_carbonyl(molecule, other))
}

/// A carbon with a double bond to one nitrogen and a bond to another, outside rings.
fn is_amidine(molecule: &Molecule, atom: &Atom) -> bool {
    let nitrogen = |(_, other): &(&Bond, &Atom)| is(other, "N");
    is(atom, "C")
        && molecule.around(atom).filter(nitrogen).count() >= 2
        && molecule.around(atom).any(|(bond, other)| bond.kind == Kind::Double && is(other, "N"))
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn count(smiles: &str, name: &str) -> f32 {
        let molecule = Molecule::read(smiles.as_bytes(), &tokens(smiles.as_bytes())).unwrap();
        let mut out = Vec::new();
        push_counts(&molecule, &mut out);
        let column = COUNTS.iter().position(|count| *count == name).unwrap();
        out[column].exp_m1().round()
    }

    #[test]
    fn known_molecules_have_known_counts() {
        let aspirin = "CC(=O)Oc1ccccc1C(=O)O";
        for (name, wanted) in [
            ("heavy atoms", 13.0),
            ("hydrogens", 8.0),
            ("rings", 1.0),
            ("conjugated bonds", 6.0),
            ("carboxyls", 1.0),
            ("hydroxyls", 0.0),
            ("ethers", 1.0),
            ("donors", 1.0),
            ("rotatable bonds", 3.0),
        ] {
            assert_eq!(count(aspirin, name), wanted, "{name}");
        }
        let arginine = "N[C@@H](CCCNC(N)=N)C(=O)[O-]";
        assert_eq!(count(arginine, "amidines and guanidines"), 1.0);
        assert_eq!(count(arginine, "basic nitrogens"), 1.0);
        assert_eq!(count(arginine, "negative charges"), 1.0);
        assert_eq!(count(arginine, "carboxyls"), 1.0);
        assert_eq!(count("CC(=O)NC", "amides"), 1.0);
        assert_eq!(count("C1CC2CCC1C2", "rings"), 2.0);
        assert_eq!(count("C1CC2CCC1C2", "atoms shared by rings"), 2.0);
    }
}
