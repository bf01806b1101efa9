//! Checks the letters, brackets, branches and ring bonds of SMILES strings (the `OpenSMILES` specification, 1.0, with
//! the dative bonds, atomic numbers and long ring numbers of `RDKit`).
//!
//! Valences and aromaticity are not checked, and the string is not brought into a canonical form: two
//! spellings of one molecule are two sequences. Time and memory grow with the length of the string, whatever it holds.

mod bracket;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

/// The longest number of a ring bond.
const RING_DIGITS: usize = 5;

/// Says what is wrong with a SMILES string, if anything.
pub(super) fn check(text: &[u8]) -> Result<(), String> {
    let mut scan = Scan { text, ..Scan::default() };
    while scan.at < text.len() {
        scan.step()?;
    }
    if scan.bond {
        return Err("ends in a bond".into());
    }
    if !scan.branches.is_empty() {
        return Err("a parenthesis is not closed".into());
    }
    if let Some(ring) = scan.rings.keys().next() {
        return Err(format!("ring bond {ring} is not closed"));
    }
    if scan.last.is_none() {
        return Err("ends without an atom".into());
    }
    Ok(())
}

#[derive(Default)]
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    /// The atom to bond to.
    last: Option<usize>,
    /// Whether a bond waits for its atom.
    bond: bool,
    /// Whether a branch was opened by the letter before.
    opened: bool,
    /// For each atom the one that it was written behind.
    before: Vec<Option<usize>>,
    /// The atoms that the open branches started from.
    branches: Vec<usize>,
    /// The atoms that the open ring bonds started from, by their number.
    rings: BTreeMap<u32, usize>,
    /// The atoms that ring bonds join.
    joined: BTreeSet<[usize; 2]>,
}

impl Scan<'_> {
    fn step(&mut self) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let next = rest.get(1).copied();
        let mut length = 1;
        let opened = std::mem::take(&mut self.opened);
        match rest[0] {
            b'[' => {
                length = bracket::length(rest).map_err(|problem| self.wrong(problem))?;
                self.place_atom();
            }
            b'B' | b'C' | b'N' | b'O' | b'P' | b'S' | b'F' | b'I' | b'*' => {
                if matches!((rest[0], next), (b'C', Some(b'l')) | (b'B', Some(b'r'))) {
                    length = 2;
                }
                self.place_atom();
            }
            b'b' | b'c' | b'n' | b'o' | b'p' | b's' => self.place_atom(),
            b'-' | b'=' | b'#' | b'$' | b':' | b'/' | b'\\' | b'~' | b'<' => {
                let dative = matches!((rest[0], next), (b'-', Some(b'>')) | (b'<', Some(b'-')));
                if rest[0] == b'<' && !dative {
                    return Err(self.wrong("is no SMILES letter"));
                }
                length += usize::from(dative);
                self.need_atom()?;
                self.bond = true;
            }
            b'(' => {
                self.need_atom()?;
                match next {
                    Some(b')') => return Err(self.wrong("opens an empty branch")),
                    _ if opened => return Err(self.wrong("opens a branch before an atom")),
                    _ => self.branches.extend(self.last),
                }
                self.opened = true;
            }
            b')' => match self.branches.pop() {
                Some(atom) if !self.bond && !opened && self.last.is_some() => self.last = Some(atom),
                _ => return Err(self.wrong("closes nothing")),
            },
            b'.' => {
                self.need_atom()?;
                self.last = None;
            }
            b'0'..=b'9' | b'%' => {
                if opened {
                    return Err(self.wrong("stands before the first atom of a branch"));
                }
                let number = self.ring_number(rest)?;
                length = number.1;
                self.ring(number.0)?;
            }
            _ => return Err(self.wrong("is no SMILES letter")),
        }
        self.at += length;
        Ok(())
    }

    fn place_atom(&mut self) {
        let atom = self.before.len();
        self.before.push(self.last);
        self.last = Some(atom);
        self.bond = false;
    }

    /// Checks that there is an atom to bond to, and no bond already.
    fn need_atom(&self) -> Result<(), String> {
        if self.last.is_none() || self.bond { Err(self.wrong("has no atom before it")) } else { Ok(()) }
    }

    /// Reads the number of a ring bond, `1`, `%10` or `%(100)`, and its length.
    fn ring_number(&self, rest: &[u8]) -> Result<(u32, usize), String> {
        let value = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        match rest {
            [b'%', b'(', inside @ ..] => {
                let count = inside.iter().take_while(|b| b.is_ascii_digit()).count();
                if !(1..=RING_DIGITS).contains(&count) || inside.get(count) != Some(&b')') {
                    let problem = format!("is not followed by one to {RING_DIGITS} digits in parentheses");
                    return Err(self.wrong(&problem));
                }
                Ok((value(&inside[..count]), count + 3))
            }
            [b'%', digits @ ..] => {
                let digits = digits.first_chunk::<2>().filter(|digits| digits.iter().all(u8::is_ascii_digit));
                let digits = digits.ok_or_else(|| self.wrong("is not followed by two digits"))?;
                Ok((value(digits), 3))
            }
            _ => Ok((value(&rest[..1]), 1)),
        }
    }

    fn ring(&mut self, number: u32) -> Result<(), String> {
        let Some(here) = self.last else { return Err(self.wrong("has no atom before it")) };
        self.bond = false;
        let Some(there) = self.rings.remove(&number) else {
            self.rings.insert(number, here);
            return Ok(());
        };
        if there == here {
            return Err(self.wrong("closes a ring on its own atom"));
        }
        let pair = [there.min(here), there.max(here)];
        if self.before[pair[1]] == Some(pair[0]) || !self.joined.insert(pair) {
            return Err(self.wrong("bonds two atoms a second time"));
        }
        Ok(())
    }

    fn wrong(&self, problem: &str) -> String {
        format!("`{}` at position {} {problem}", self.text[self.at].escape_ascii(), self.at + 1)
    }
}
