//! Checks the letters, brackets, branches and ring bonds of SMILES strings (the `OpenSMILES` specification, 1.0).
//!
//! Valences and aromaticity are not checked, and the string is not brought into a canonical form: two
//! spellings of one molecule are two sequences.

use super::elements::symbol_length;

/// Says what is wrong with a SMILES string, if anything.
pub(super) fn check(text: &[u8]) -> Result<(), String> {
    let mut scan = Scan { text, at: 0, atom: false, bond: false, branches: Vec::new(), rings: [None; 100] };
    while scan.at < text.len() {
        scan.step()?;
    }
    if scan.bond {
        return Err("ends in a bond".into());
    }
    if !scan.branches.is_empty() {
        return Err("a parenthesis is not closed".into());
    }
    if let Some(ring) = scan.rings.iter().position(Option::is_some) {
        return Err(format!("ring bond {ring} is not closed"));
    }
    if !scan.atom {
        return Err("ends without an atom".into());
    }
    Ok(())
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether an atom is there to be bonded to.
    atom: bool,
    /// Whether a bond waits for its atom.
    bond: bool,
    /// Where the open branches started.
    branches: Vec<usize>,
    /// Where the open ring bonds started, by their number.
    rings: [Option<usize>; 100],
}

impl Scan<'_> {
    fn step(&mut self) -> Result<(), String> {
        let here = self.at;
        let byte = self.text[here];
        let next = self.text.get(here + 1).copied();
        let mut length = 1;
        match byte {
            b'[' => {
                length = self.bracket()?;
                self.place_atom();
            }
            b'B' | b'C' | b'N' | b'O' | b'P' | b'S' | b'F' | b'I' | b'*' => {
                if matches!((byte, next), (b'C', Some(b'l')) | (b'B', Some(b'r'))) {
                    length = 2;
                }
                self.place_atom();
            }
            b'b' | b'c' | b'n' | b'o' | b'p' | b's' => self.place_atom(),
            b'-' | b'=' | b'#' | b'$' | b':' | b'/' | b'\\' | b'~' => {
                if !self.atom || self.bond {
                    return Err(self.wrong("has no atom before it"));
                }
                self.bond = true;
            }
            b'(' => {
                if !self.atom || self.bond {
                    return Err(self.wrong("has no atom before it"));
                }
                if next == Some(b')') {
                    return Err(self.wrong("opens an empty branch"));
                }
                self.branches.push(here);
            }
            b')' => {
                if self.bond || !self.atom || self.branches.pop().is_none() {
                    return Err(self.wrong("closes nothing"));
                }
            }
            b'.' => {
                if !self.atom || self.bond {
                    return Err(self.wrong("has no atom before it"));
                }
                self.atom = false;
            }
            b'0'..=b'9' => self.ring(usize::from(byte - b'0'))?,
            b'%' => {
                let digits = self.text.get(here + 1..here + 3).filter(|d| d.iter().all(u8::is_ascii_digit));
                let Some(&[tens, ones]) = digits else {
                    return Err(self.wrong("is not followed by two digits"));
                };
                length = 3;
                self.ring(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))?;
            }
            _ => return Err(self.wrong("is no SMILES letter")),
        }
        self.at += length;
        Ok(())
    }

    fn place_atom(&mut self) {
        self.atom = true;
        self.bond = false;
    }

    fn ring(&mut self, number: usize) -> Result<(), String> {
        if !self.atom {
            return Err(self.wrong("has no atom before it"));
        }
        self.bond = false;
        self.rings[number] = match self.rings[number] {
            Some(_) => None,
            None => Some(self.at),
        };
        Ok(())
    }

    /// Checks an atom in brackets and gives its length: isotope, symbol, then chirality, hydrogens, charge
    /// and class.
    fn bracket(&self) -> Result<usize, String> {
        let text = &self.text[self.at..];
        let Some(end) = text.iter().position(|&b| b == b']') else {
            return Err(self.wrong("is not closed"));
        };
        let inside = &text[1..end];
        let atom = &inside[inside.iter().take_while(|b| b.is_ascii_digit()).count()..];
        let symbol = symbol_length(atom);
        if symbol == 0 {
            return Err(self.wrong("holds no element"));
        }
        let allowed = |b: &u8| matches!(b, b'@' | b'+' | b'-' | b':' | b'H' | b'0'..=b'9');
        let rest = &atom[symbol..];
        // The chirality classes: @TH1, @AL2, @SP3, @TB20, @OH30.
        let class =
            rest.starts_with(b"@") && rest.len() > 2 && rest[1].is_ascii_uppercase() && rest[1] != b'H';
        let class = class || (rest.starts_with(b"@OH") || rest.starts_with(b"@TH"));
        let rest = if class { &rest[3.min(rest.len())..] } else { rest };
        if rest.iter().all(allowed) { Ok(end + 1) } else { Err(self.wrong("holds more than an atom")) }
    }

    fn wrong(&self, problem: &str) -> String {
        format!("`{}` at position {} {problem}", self.text[self.at].escape_ascii(), self.at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn real_molecules_pass() {
        for smiles in [
            "C",
            "CC(=O)Oc1ccccc1C(=O)O",
            "[C@H](O)(C)N",
            "[13CH4]",
            "[Na+].[Cl-]",
            "C1CC%10CC1CC%10",
            "c1cc[nH]c1",
            "[se]1cccc1",
            "F/C=C\\F",
            "N[C@TH1](F)(Cl)Br",
            "[OH3+]",
            "*C",
            "C=1CCCCC=1",
            "[Fe+2]",
            "[CH3:1]C",
            "C(C)(C)C",
            "C1.C1",
        ] {
            assert_eq!(check(smiles.as_bytes()), Ok(()), "{smiles}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let cases = [
            ("C(C", "a parenthesis is not closed"),
            ("CC)", "`)` at position 3 closes nothing"),
            ("C()C", "`(` at position 2 opens an empty branch"),
            ("(C)C", "`(` at position 1 has no atom before it"),
            ("C1CC", "ring bond 1 is not closed"),
            ("C[NH", "`[` at position 2 is not closed"),
            ("C[]", "`[` at position 2 holds no element"),
            ("C[Xx]", "`[` at position 2 holds no element"),
            ("C[C(C)]", "`[` at position 2 holds more than an atom"),
            ("CC=", "ends in a bond"),
            ("=C", "`=` at position 1 has no atom before it"),
            ("C==C", "`=` at position 3 has no atom before it"),
            ("C..C", "`.` at position 3 has no atom before it"),
            ("C.", "ends without an atom"),
            ("C%1", "`%` at position 2 is not followed by two digits"),
            ("1CC", "`1` at position 1 has no atom before it"),
            ("Czz", "`z` at position 2 is no SMILES letter"),
            ("C\u{e9}", "`\\xc3` at position 2 is no SMILES letter"),
        ];
        for (smiles, problem) in cases {
            assert_eq!(check(smiles.as_bytes()), Err(problem.to_owned()), "{smiles}");
        }
    }
}
