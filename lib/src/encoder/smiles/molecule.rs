//! Sees in a graph what SMILES leaves unsaid: hydrogens, rings, conjugation.
//!
//! The same molecule may be written with aromatic (small) letters or with alternating double bonds. Both give the
//! same result here: an atom is conjugated if it is aromatic, has a double bond, or is a nitrogen, oxygen or sulfur
//! between conjugated atoms of a ring; a ring bond between conjugated atoms has one kind whatever its written order.

use super::graph::{Graph, Order, graph};
use super::token::Token;

/// An atom with what its neighbourhood says about it.
#[derive(Debug, Clone, Default)]
pub(in crate::encoder) struct Atom {
    /// Symbol of the element, zero for a wildcard.
    pub(in crate::encoder) element: [u8; 2],
    pub(in crate::encoder) charge: i8,
    pub(in crate::encoder) hydrogens: u8,
    pub(in crate::encoder) stereo: bool,
    pub(in crate::encoder) conjugated: bool,
    /// Size of the smallest ring that the atom is in, 0 outside rings; rings above 12 count as 13.
    pub(in crate::encoder) ring: u8,
    /// Index of each heavy neighbour and of the bond to it.
    pub(in crate::encoder) neighbours: Vec<(usize, usize)>,
    /// An explicit hydrogen, counted in its neighbour: stands for nothing by itself.
    pub(in crate::encoder) folded: bool,
}

/// A bond between heavy atoms.
#[derive(Debug, Clone, Copy)]
pub(in crate::encoder) struct Bond {
    pub(in crate::encoder) atoms: [usize; 2],
    pub(in crate::encoder) kind: Kind,
    /// Size of the smallest ring through the bond, 0 outside rings; rings above 12 count as 13.
    pub(in crate::encoder) ring: u8,
}

/// What a bond is, whichever way its molecule was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::encoder) enum Kind {
    Single = 1,
    Double = 2,
    Triple = 3,
    /// In a ring, between conjugated atoms.
    Conjugated = 4,
}

/// A molecule as a graph of heavy atoms; atom `i` is the `i`-th atom token.
#[derive(Debug, Clone)]
pub(in crate::encoder) struct Molecule {
    pub(in crate::encoder) atoms: Vec<Atom>,
    pub(in crate::encoder) bonds: Vec<Bond>,
    /// Number of parts that no bond connects.
    pub(in crate::encoder) fragments: usize,
}

impl Molecule {
    /// Reads a molecule; the error says in a few words why it cannot be read.
    pub(in crate::encoder) fn read(smiles: &[u8], tokens: &[Token]) -> Result<Self, String> {
        let graph = graph(smiles, tokens)?;
        let mut molecule = Self::heavy(&graph);
        molecule.find_rings();
        molecule.find_conjugation(&graph);
        Ok(molecule)
    }

    /// Gives the atoms that are not folded hydrogens.
    pub(in crate::encoder) fn heavy_atoms(&self) -> impl Iterator<Item = &Atom> {
        self.atoms.iter().filter(|atom| !atom.folded)
    }

    /// Gives the bonds of an atom with the atoms at their other ends.
    pub(in crate::encoder) fn around<'a>(
        &'a self,
        atom: &'a Atom,
    ) -> impl Iterator<Item = (&'a Bond, &'a Atom)> {
        atom.neighbours.iter().map(|&(other, bond)| (&self.bonds[bond], &self.atoms[other]))
    }

    fn heavy(graph: &Graph) -> Self {
        let hydrogens = hydrogens(graph);
        let mut atoms: Vec<Atom> = (graph.atoms.iter().zip(hydrogens))
            .map(|(atom, hydrogens)| Atom {
                element: atom.element,
                charge: atom.charge,
                stereo: atom.stereo,
                hydrogens,
                ..Atom::default()
            })
            .collect();
        for bond in &graph.bonds {
            for [a, b] in [bond.atoms, [bond.atoms[1], bond.atoms[0]]] {
                if atoms[a].element == *b"H\0" && atoms[b].element != *b"H\0" && !atoms[a].folded {
                    atoms[a].folded = true;
                    atoms[b].hydrogens += 1;
                }
            }
        }
        let mut bonds = Vec::new();
        for bond in &graph.bonds {
            let [a, b] = bond.atoms;
            if atoms[a].folded || atoms[b].folded {
                continue;
            }
            atoms[a].neighbours.push((b, bonds.len()));
            atoms[b].neighbours.push((a, bonds.len()));
            let kind = match bond.order {
                Order::Single | Order::Aromatic => Kind::Single,
                Order::Double => Kind::Double,
                Order::Triple => Kind::Triple,
            };
            bonds.push(Bond { atoms: bond.atoms, kind, ring: 0 });
        }
        Self { atoms, bonds, fragments: 0 }
    }

    /// Finds the smallest ring through each bond, by breadth-first search for another way between its ends.
    fn find_rings(&mut self) {
        const FAR: u8 = 13;
        let inner = self.bonds_in_rings();
        let mut distance = vec![u8::MAX; self.atoms.len()];
        for number in (0..self.bonds.len()).filter(|&bond| inner[bond]) {
            let [from, to] = self.bonds[number].atoms;
            let (mut reached, mut next) = (vec![from], 0);
            distance[from] = 0;
            while let Some(&here) = reached.get(next) {
                next += 1;
                if here == to || distance[here] >= FAR - 2 {
                    break;
                }
                for &(other, bond) in &self.atoms[here].neighbours {
                    if bond != number && distance[other] == u8::MAX {
                        distance[other] = distance[here] + 1;
                        reached.push(other);
                    }
                }
            }
            let size = if distance[to] == u8::MAX { FAR } else { distance[to] + 1 };
            for atom in reached {
                distance[atom] = u8::MAX;
            }
            self.bonds[number].ring = size;
            for atom in [from, to] {
                let ring = &mut self.atoms[atom].ring;
                *ring = if *ring == 0 { size } else { size.min(*ring) };
            }
        }
    }

    /// Tells for each bond whether it lies on a cycle: whether it is no bridge (Tarjan 1974, without recursion).
    fn bonds_in_rings(&mut self) -> Vec<bool> {
        const NEW: usize = usize::MAX;
        let mut in_ring = vec![true; self.bonds.len()];
        let (mut order, mut lowest) = (vec![NEW; self.atoms.len()], vec![0; self.atoms.len()]);
        let mut count = 0;
        self.fragments = 0;
        for root in 0..self.atoms.len() {
            if order[root] != NEW || self.atoms[root].folded {
                continue;
            }
            self.fragments += 1;
            (order[root], lowest[root]) = (count, count);
            count += 1;
            // The atom, the bond that led to it, and the next of its neighbours.
            let mut path = vec![(root, NEW, 0)];
            while let Some(&mut (here, came, ref mut next)) = path.last_mut() {
                if let Some(&(other, bond)) = self.atoms[here].neighbours.get(*next) {
                    *next += 1;
                    if order[other] == NEW {
                        (order[other], lowest[other]) = (count, count);
                        count += 1;
                        path.push((other, bond, 0));
                    } else if bond != came {
                        lowest[here] = lowest[here].min(order[other]);
                    }
                } else {
                    path.pop();
                    if let Some(&(parent, _, _)) = path.last() {
                        lowest[parent] = lowest[parent].min(lowest[here]);
                        in_ring[came] = lowest[here] <= order[parent];
                    }
                }
            }
        }
        in_ring
    }

    fn find_conjugation(&mut self, graph: &Graph) {
        let flat: Vec<bool> = (self.atoms.iter().zip(&graph.atoms))
            .map(|(atom, written)| {
                let double = |(bond, _): (&Bond, &Atom)| bond.kind == Kind::Double;
                let element = matches!(&atom.element, b"C\0" | b"N\0" | b"O\0");
                written.aromatic || (element && self.around(atom).any(double))
            })
            .collect();
        let between = |atom: &Atom| {
            let flat_in_ring = |&&(other, bond): &&(usize, usize)| self.bonds[bond].ring > 0 && flat[other];
            let element = matches!(&atom.element, b"N\0" | b"O\0" | b"S\0");
            element && atom.neighbours.iter().filter(flat_in_ring).count() >= 2
        };
        let conjugated: Vec<bool> =
            self.atoms.iter().zip(&flat).map(|(atom, &flat)| flat || between(atom)).collect();
        for bond in &mut self.bonds {
            if bond.ring > 0 && bond.atoms.iter().all(|&atom| conjugated[atom]) {
                bond.kind = Kind::Conjugated;
            }
        }
        self.atoms.iter_mut().zip(conjugated).for_each(|(atom, conjugated)| atom.conjugated = conjugated);
    }
}

/// Gives the hydrogens that each atom carries, by the valence rules of the SMILES specification.
fn hydrogens(graph: &Graph) -> Vec<u8> {
    let (mut bonds, mut extra) = (vec![0u8; graph.atoms.len()], vec![0u8; graph.atoms.len()]);
    for bond in &graph.bonds {
        for atom in bond.atoms {
            bonds[atom] = bonds[atom].saturating_add(1);
            let more = match bond.order {
                Order::Single | Order::Aromatic => 0,
                Order::Double => 1,
                Order::Triple => 2,
            };
            extra[atom] = extra[atom].saturating_add(more);
        }
    }
    let implicit = |(i, atom): (usize, &super::graph::Atom)| {
        if let Some(hydrogens) = atom.hydrogens {
            return hydrogens;
        }
        let valences: &[u8] = match &atom.element {
            b"B\0" => &[3],
            b"C\0" => &[4],
            b"N\0" | b"P\0" => &[3, 5],
            b"O\0" => &[2],
            b"S\0" => &[2, 4, 6],
            b"F\0" | b"Cl" | b"Br" | b"I\0" => &[1],
            _ => &[],
        };
        // An aromatic atom gives one electron to the ring, unless a written double bond has it.
        let ring = u8::from(atom.aromatic && extra[i] == 0 && !matches!(&atom.element, b"O\0" | b"S\0"));
        let used = bonds[i].saturating_add(extra[i]).saturating_add(ring);
        let valences = if atom.aromatic { &valences[..valences.len().min(1)] } else { valences };
        valences.iter().find(|&&valence| valence >= used).map_or(0, |valence| valence - used)
    };
    graph.atoms.iter().enumerate().map(implicit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn read(smiles: &str) -> Molecule {
        Molecule::read(smiles.as_bytes(), &tokens(smiles.as_bytes())).unwrap()
    }

    fn formula(smiles: &str) -> (usize, usize) {
        let molecule = read(smiles);
        let hydrogens = molecule.heavy_atoms().map(|atom| usize::from(atom.hydrogens)).sum();
        (molecule.heavy_atoms().count(), hydrogens)
    }

    #[test]
    fn hydrogens_follow_the_valence_rules() {
        assert_eq!(formula("CCO"), (3, 6));
        assert_eq!(formula("c1ccccc1"), (6, 6));
        assert_eq!(formula("c1ccccc1c1ccccc1"), (12, 10));
        assert_eq!(formula("O=c1cc[nH]c(=O)[nH]1"), (8, 4));
        assert_eq!(formula("C[N+](C)(C)C"), (5, 12));
        assert_eq!(formula("CS(=O)(=O)N"), (5, 5));
        assert_eq!(formula("[H]O[H]"), (1, 2));
        assert_eq!(formula("c1ccoc1"), (5, 4));
        assert_eq!(formula("n1ccccc1"), (6, 5));
        assert_eq!(formula("[2H]C([2H])([2H])Cl"), (2, 3));
    }

    #[test]
    fn rings_are_told_from_chains() {
        let molecule = read("c1ccc2ccccc2c1CC1CC1");
        let sizes: Vec<u8> = molecule.atoms.iter().map(|atom| atom.ring).collect();
        assert_eq!(sizes, [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 0, 3, 3, 3]);
        let spiro = read("C1CCC2(C1)CCCCC2");
        assert_eq!(spiro.bonds.iter().filter(|bond| bond.ring == 5).count(), 5);
        assert_eq!(spiro.bonds.iter().filter(|bond| bond.ring == 6).count(), 6);
        let large = read("C1CCCCCCCCCCCCCCCCCCC1");
        assert!(large.atoms.iter().all(|atom| atom.ring == 13));
        assert_eq!(read("C.C1CC1.O").fragments, 3);
    }

    #[test]
    fn aromatic_letters_and_alternating_bonds_are_one_molecule() {
        for (small, double) in [
            ("c1ccccc1C", "C1=CC=CC=C1C"),
            ("c1ccc2[nH]ccc2c1", "C1=CC=C2NC=CC2=C1"),
            ("Cc1ccco1", "CC1=CC=CO1"),
            ("O=c1cc[nH]c(=O)[nH]1", "O=C1C=CNC(=O)N1"),
        ] {
            let see = |smiles: &str| {
                let molecule = read(smiles);
                let mut kinds: Vec<_> = molecule.bonds.iter().map(|bond| bond.kind).collect();
                kinds.sort();
                let mut atoms: Vec<_> =
                    molecule.atoms.iter().map(|a| (a.element, a.hydrogens, a.conjugated, a.ring)).collect();
                atoms.sort_unstable();
                (kinds, atoms)
            };
            assert_eq!(see(small), see(double), "{small}");
        }
    }
}
