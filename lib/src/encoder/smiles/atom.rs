//! Describes one atom.

use super::molecule::{Atom, Kind, Molecule};

/// The columns of one atom.
pub(in crate::encoder) const ATOM: [&str; 12] = [
    "ring",
    "conjugated",
    "heavy neighbours / 4",
    "hydrogens / 3",
    "positive",
    "negative",
    "donor",
    "acceptor",
    "halogen",
    "stereo",
    "ring of 5",
    "ring of 6",
];

/// Appends the columns [`ATOM`].
pub(in crate::encoder) fn push_atom(molecule: &Molecule, atom: &Atom, out: &mut Vec<f32>) {
    let flag = |yes: bool| f32::from(u8::from(yes));
    out.extend([
        flag(atom.ring > 0),
        flag(atom.conjugated),
        atom.neighbours.len() as f32 / 4.0,
        f32::from(atom.hydrogens) / 3.0,
        flag(atom.charge > 0 || is_basic(molecule, atom)),
        flag(atom.charge < 0),
        flag(is_donor(atom)),
        flag(is_acceptor(atom)),
        flag(is_halogen(atom)),
        flag(atom.stereo),
        flag(atom.ring == 5),
        flag(atom.ring == 6),
    ]);
}

pub(super) fn is(atom: &Atom, element: &str) -> bool {
    atom.element[..element.len()] == *element.as_bytes() && (element.len() == 2 || atom.element[1] == 0)
}

/// Gives hydrogen bonds: nitrogen, oxygen or sulfur with a hydrogen.
pub(super) fn is_donor(atom: &Atom) -> bool {
    atom.hydrogens > 0 && (is(atom, "N") || is(atom, "O") || is(atom, "S"))
}

/// Takes hydrogen bonds: oxygen, or nitrogen with a free electron pair.
pub(super) fn is_acceptor(atom: &Atom) -> bool {
    let pair = is(atom, "N") && atom.charge <= 0 && !(atom.conjugated && atom.hydrogens > 0);
    is(atom, "O") || pair
}

pub(super) fn is_halogen(atom: &Atom) -> bool {
    ["F", "Cl", "Br", "I"].iter().any(|element| is(atom, element))
}

/// Likely to carry a proton in water: an amine nitrogen that no double bond, ring electrons or sulfonyl holds back.
pub(super) fn is_basic(molecule: &Molecule, atom: &Atom) -> bool {
    let plain = is(atom, "N") && atom.charge == 0 && !atom.conjugated;
    plain
        && molecule.around(atom).all(|(bond, other)| {
            let held =
                other.conjugated || is(other, "S") || is(other, "P") || is(other, "O") || is(other, "N");
            bond.kind == Kind::Single && !held
        })
}
