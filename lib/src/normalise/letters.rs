//! Normalises the letters of RNA and protein.

use super::{Ambiguous, Case, Changes, Fault, Gaps, InnerStop, Numbers, OtherLetters, Reason, Rules};
use crate::alphabet::{AMBIGUOUS_AMINO_ACIDS, AMBIGUOUS_NUCLEOTIDES, is_letter};
use crate::record::Molecule;

/// What a letter becomes, or one of the codes below, for each byte.
#[derive(Debug, Clone)]
pub(super) struct Table([u8; 256]);

const BAD: u8 = 0;
const GAP: u8 = 1;
const REMOVED: u8 = 2;
const AMBIGUOUS: u8 = 3;
const SPACE: u8 = 4;
const NUMBER: u8 = 5;
const LAST_CODE: u8 = NUMBER;
const STOP: u8 = b'*';

/// Letters that are checked together, by instructions that work on many at once.
const BLOCK: usize = 64;

impl Table {
    pub(super) fn new(rules: &Rules) -> Self {
        let protein = rules.kind == Molecule::Protein;
        let (several, mask): (&[u8], u8) =
            if protein { (AMBIGUOUS_AMINO_ACIDS, b'X') } else { (AMBIGUOUS_NUCLEOTIDES, b'N') };
        let other = !protein && rules.other_letters == OtherLetters::Mask;
        Self(std::array::from_fn(|byte| {
            let byte = byte as u8;
            let upper = match byte.to_ascii_uppercase() {
                b'T' if !protein => b'U',
                upper => upper,
            };
            match byte {
                b'-' | b'.' if rules.gaps == Gaps::Remove => REMOVED,
                b'-' | b'.' => GAP,
                b' ' | b'\t' => SPACE,
                b'0'..=b'9' if rules.numbers == Numbers::Remove => NUMBER,
                b'*' if protein => STOP,
                _ if byte.is_ascii_lowercase() && rules.case == Case::Reject => BAD,
                _ if !is_letter(rules.kind, upper) => {
                    if other && upper.is_ascii_alphabetic() {
                        mask
                    } else {
                        BAD
                    }
                }
                _ if several.contains(&upper) => match rules.ambiguous {
                    Ambiguous::Keep => upper,
                    Ambiguous::Mask => mask,
                    Ambiguous::Reject => AMBIGUOUS,
                },
                _ => upper,
            }
        }))
    }

    pub(super) fn apply(
        &self,
        rules: &Rules,
        letters: &[u8],
        out: &mut Vec<u8>,
        changes: &mut Changes,
    ) -> Result<(), Fault> {
        let start = out.len();
        out.reserve(letters.len());
        let mut counts = Changes::default();
        let plain = rules.kind == Molecule::Rna && rules.case == Case::Upper;
        let mut worst: Option<(u8, usize)> = None;
        for (block, piece) in letters.chunks(BLOCK).enumerate() {
            if plain
                && let Ok(piece) = piece.try_into()
                && acgu(piece, out, &mut counts)
            {
                continue;
            }
            for (i, &byte) in piece.iter().enumerate() {
                let letter = self.0[byte as usize];
                if letter > LAST_CODE {
                    out.push(letter);
                    count(rules, byte, letter, &mut counts);
                } else if letter == REMOVED {
                    counts.gaps += 1;
                } else if letter == SPACE {
                    counts.blanks += 1;
                } else if letter == NUMBER {
                    counts.digits += 1;
                } else if worst.is_none_or(|(code, _)| letter < code) {
                    worst = Some((letter, block * BLOCK + i));
                }
            }
        }
        if let Some((code, at)) = worst {
            return Err(self.fault(code, letters, at));
        }
        if rules.kind == Molecule::Protein {
            self.stops(rules, letters, out, start, &mut counts)?;
        }
        if out.len() == start {
            return Err(Fault::new(Reason::Empty, ""));
        }
        changes.add(counts);
        Ok(())
    }

    /// Removes the stops at the end of a protein, and masks or refuses those inside.
    fn stops(
        &self,
        rules: &Rules,
        letters: &[u8],
        out: &mut Vec<u8>,
        start: usize,
        counts: &mut Changes,
    ) -> Result<(), Fault> {
        while out.len() > start && out.last() == Some(&STOP) {
            out.pop();
            counts.stops += 1;
        }
        if rules.inner_stop == InnerStop::Reject {
            if out[start..].contains(&STOP) {
                let at = letters.iter().position(|&b| b == STOP).map_or(0, |at| self.position(letters, at));
                return Err(Fault::new(Reason::Stop, format!("inside, at position {at}")));
            }
            return Ok(());
        }
        for letter in out[start..].iter_mut().filter(|letter| **letter == STOP) {
            *letter = b'X';
            counts.masked += 1;
        }
        Ok(())
    }

    fn fault(&self, code: u8, letters: &[u8], at: usize) -> Fault {
        let reason = match code {
            BAD => Reason::BadLetter,
            GAP => Reason::Gap,
            _ => Reason::Ambiguous,
        };
        let hint =
            if letters[at].is_ascii_digit() { "; --numbers remove drops position numbers" } else { "" };
        let position = self.position(letters, at);
        Fault::new(reason, format!("`{}` at position {position}{hint}", letters[at].escape_ascii()))
    }

    /// Counts the letters up to a place, without white space and position numbers.
    fn position(&self, letters: &[u8], at: usize) -> usize {
        1 + letters[..at].iter().filter(|&&byte| !matches!(self.0[byte as usize], SPACE | NUMBER)).count()
    }
}

/// Appends a block that holds nothing but ACGTU in either case; otherwise appends nothing.
#[expect(clippy::needless_bitwise_bool, reason = "without branches the loop becomes vector instructions")]
fn acgu(block: &[u8; BLOCK], out: &mut Vec<u8>, counts: &mut Changes) -> bool {
    let mut upper = [0; BLOCK];
    let (mut wrong, mut lower, mut thymine) = (0_u8, 0_u8, 0_u8);
    for (to, &from) in upper.iter_mut().zip(block) {
        let letter = from & 0xdf;
        let is_thymine = u8::from(letter == b'T');
        let letter = letter + is_thymine;
        let known = (letter == b'A') | (letter == b'C') | (letter == b'G') | (letter == b'U');
        wrong |= u8::from(!known);
        lower += u8::from(from & 0x20 != 0);
        thymine += is_thymine;
        *to = letter;
    }
    if wrong != 0 {
        return false;
    }
    out.extend_from_slice(&upper);
    counts.lower_case += u64::from(lower);
    counts.thymine += u64::from(thymine);
    true
}

fn count(rules: &Rules, from: u8, to: u8, counts: &mut Changes) {
    if from == to {
        return;
    }
    let upper = from.to_ascii_uppercase();
    counts.lower_case += u64::from(upper != from);
    if upper != to {
        if rules.kind == Molecule::Rna && to == b'U' {
            counts.thymine += 1;
        } else {
            counts.masked += 1;
        }
    }
}
