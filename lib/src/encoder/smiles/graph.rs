//! Reads the tokens of a SMILES string as atoms and bonds.

use std::collections::BTreeMap;

use super::token::{CLASSES, Token};
use crate::alphabet::split_symbol;

/// An atom as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Atom {
    /// Symbol of the element in capital and small letters, zero for a wildcard.
    pub(super) element: [u8; 2],
    pub(super) aromatic: bool,
    pub(super) charge: i8,
    /// Hydrogens as a bracket says; none for an atom without brackets.
    pub(super) hydrogens: Option<u8>,
    pub(super) stereo: bool,
}

/// A bond as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bond {
    pub(super) atoms: [usize; 2],
    pub(super) order: Order,
}

/// The order of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Single,
    Double,
    Triple,
    Aromatic,
}

/// The molecule as written; atom `i` is the `i`-th atom token.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) atoms: Vec<Atom>,
    pub(super) bonds: Vec<Bond>,
}

/// Reads a graph; the error says in a few words why it cannot be.
pub(super) fn graph(smiles: &[u8], tokens: &[Token]) -> Result<Graph, String> {
    let mut reader = Reader::default();
    for token in tokens {
        let text = &smiles[token.text.clone()];
        let shown = String::from_utf8_lossy(text);
        match CLASSES[usize::from(token.class)] {
            "(" => reader.branches.push(reader.last.ok_or("a branch comes before the first atom")?),
            ")" => reader.last = Some(reader.branches.pop().ok_or("a branch closes that was not opened")?),
            "." => reader.last = None,
            "1" => reader.ring(text)?,
            "-" | "/" | "\\" | "~" => reader.bond = Some(Order::Single),
            "=" => reader.bond = Some(Order::Double),
            "#" | "$" => reader.bond = Some(Order::Triple),
            ":" => reader.bond = Some(Order::Aromatic),
            "?" => return Err(format!("`{}` is no SMILES token", shown.escape_debug())),
            _ => reader.atom(atom(text).ok_or_else(|| format!("`{shown}` is no atom"))?),
        }
    }
    if !reader.branches.is_empty() {
        return Err("a branch is not closed".into());
    }
    if let Some(number) = reader.rings.keys().next() {
        return Err(format!("ring {number} is not closed"));
    }
    if reader.graph.atoms.is_empty() {
        return Err("there is no atom".into());
    }
    Ok(reader.graph)
}

#[derive(Default)]
struct Reader {
    graph: Graph,
    /// The atom that the next one is bonded to, and the bond if one was written.
    last: Option<usize>,
    bond: Option<Order>,
    branches: Vec<usize>,
    rings: BTreeMap<u32, (usize, Option<Order>)>,
}

impl Reader {
    fn atom(&mut self, atom: Atom) {
        let here = self.graph.atoms.len();
        self.graph.atoms.push(atom);
        let written = self.bond.take();
        if let Some(last) = self.last {
            self.connect(last, here, written);
        }
        self.last = Some(here);
    }

    fn ring(&mut self, text: &[u8]) -> Result<(), String> {
        let here = self.last.ok_or("a ring number comes before the first atom")?;
        let digits: String = text.iter().filter(|b| b.is_ascii_digit()).map(|&b| char::from(b)).collect();
        let number: u32 = digits.parse().map_err(|_| "a ring number is too long")?;
        let written = self.bond.take();
        match self.rings.remove(&number) {
            None => {
                self.rings.insert(number, (here, written));
            }
            Some((there, _)) if there == here => return Err("a ring closes on its own atom".into()),
            Some((there, opened)) => self.connect(there, here, written.or(opened)),
        }
        Ok(())
    }

    fn connect(&mut self, a: usize, b: usize, written: Option<Order>) {
        let aromatic = self.graph.atoms[a].aromatic && self.graph.atoms[b].aromatic;
        let order = written.unwrap_or(if aromatic { Order::Aromatic } else { Order::Single });
        self.graph.bonds.push(Bond { atoms: [a, b], order });
    }
}

fn atom(text: &[u8]) -> Option<Atom> {
    let Some(inner) = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")) else {
        return Some(Atom {
            element: element(text),
            aromatic: text[0].is_ascii_lowercase(),
            ..Atom::default()
        });
    };
    let inner = &inner[inner.iter().position(|b| !b.is_ascii_digit())?..];
    let (symbol, rest) = split_symbol(inner)?;
    let symbol = symbol.as_bytes();
    let mut atom =
        Atom { element: element(symbol), aromatic: symbol[0].is_ascii_lowercase(), ..Atom::default() };
    atom.hydrogens = Some(0);
    let mut rest = rest.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let mut number = || {
            let mut value = None;
            while let Some(digit) = rest.peek().filter(|b| b.is_ascii_digit()) {
                value = Some((value.unwrap_or(0u32) * 10 + u32::from(digit - b'0')).min(15));
                rest.next();
            }
            value
        };
        match byte {
            b'@' => atom.stereo = true,
            b'H' => atom.hydrogens = Some(number().unwrap_or(1) as u8),
            // `+2` and `++` are both two.
            b'+' => atom.charge += number().unwrap_or(1) as i8,
            b'-' => atom.charge -= number().unwrap_or(1) as i8,
            b':' => drop(number()),
            // The rest of a stereo class, as in @TH1 or @SP2.
            _ if atom.stereo && (byte.is_ascii_uppercase() || byte.is_ascii_digit()) => {}
            _ => return None,
        }
        if atom.charge.abs() > 15 {
            return None;
        }
    }
    Some(atom)
}

fn element(symbol: &[u8]) -> [u8; 2] {
    match *symbol {
        [] | [b'*'] => [0, 0],
        [first] => [first.to_ascii_uppercase(), 0],
        [first, second, ..] => [first.to_ascii_uppercase(), second],
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn read(smiles: &str) -> Result<Graph, String> {
        graph(smiles.as_bytes(), &tokens(smiles.as_bytes()))
    }

    #[test]
    fn branches_rings_and_bonds_are_read() {
        let graph = read("CC(=O)Oc1ccccc1C(=O)O").unwrap();
        assert_eq!((graph.atoms.len(), graph.bonds.len()), (13, 13));
        assert_eq!(graph.bonds.iter().filter(|b| b.order == Order::Double).count(), 2);
        assert_eq!(graph.bonds.iter().filter(|b| b.order == Order::Aromatic).count(), 6);
        assert_eq!(read("C%10CC%10").unwrap().bonds.len(), 3);
        assert_eq!(read("C=1CCC1").unwrap().bonds[3].order, Order::Double);
        assert_eq!(read("[Na+].[Cl-]").unwrap().bonds.len(), 0);
    }

    #[test]
    fn bracket_atoms_are_read() {
        let only = |smiles: &str| read(smiles).unwrap().atoms[0];
        let atom = only("[13C@@H2+2:7]");
        assert_eq!((atom.element, atom.hydrogens, atom.charge, atom.stereo), (*b"C\0", Some(2), 2, true));
        assert_eq!((only("[nH]").element, only("[nH]").aromatic), (*b"N\0", true));
        assert_eq!((only("[O--]").charge, only("[se]").element, only("[Zn+2]").charge), (-2, *b"Se", 2));
    }

    #[test]
    fn dative_bonds_join_and_an_atomic_number_is_its_element() {
        let graph = read("[#7H3]->[#30+2]<-[NH3]").unwrap();
        assert_eq!(
            graph.atoms.iter().map(|atom| atom.element).collect::<Vec<_>>(),
            [*b"N\0", *b"Zn", *b"N\0"]
        );
        assert!(graph.bonds.iter().all(|bond| bond.order == Order::Single) && graph.bonds.len() == 2);
    }

    #[test]
    fn what_rdkit_reads_is_read_as_a_graph() {
        let unknown = ["[#119]", "[#999]", "[Uuo]"];
        let text = include_str!("../../../tests/golden/smiles/verdicts.tsv");
        let yes = text.lines().filter_map(|line| line.strip_suffix("\tyes"));
        let mut count = 0;
        for smiles in yes.filter(|smiles| smiles.is_ascii() && !unknown.contains(smiles)) {
            assert_eq!(read(smiles).err(), None, "{smiles}");
            count += 1;
        }
        assert!(count >= 200, "{count}");
    }

    #[test]
    fn what_is_no_molecule_has_a_reason() {
        let cases = [
            ("C(C", "a branch is not closed"),
            ("C)C", "a branch closes that was not opened"),
            ("(C)", "a branch comes before the first atom"),
            ("C1CC", "ring 1 is not closed"),
            ("C11", "a ring closes on its own atom"),
            ("C&C", "`&` is no SMILES token"),
            ("[?]", "`[?]` is no atom"),
            ("[C+99999]C", ""),
            ("--", "there is no atom"),
        ];
        for (smiles, words) in cases {
            match read(smiles) {
                Err(reason) => assert_eq!(reason, words, "{smiles}"),
                Ok(_) => assert!(words.is_empty(), "{smiles}"),
            }
        }
    }
}
