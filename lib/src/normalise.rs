//! Brings sequences into the one form that every tool reads, or says in one word why that cannot be done.

mod change;
mod letters;
mod reason;
mod rules;
mod smiles;

pub use change::Changes;
pub use reason::{Fault, Reason};
pub use rules::{Ambiguous, Case, Gaps, Identifier, InnerStop, Numbers, OtherLetters, Rules};

use std::borrow::Cow;

use letters::Table;

use crate::io::RawRecord;
use crate::record::{Molecule, RecordId};

/// Applies rules to one record after the other.
///
/// ```
/// use crossmamba::io::RawRecord;
/// use crossmamba::normalise::{Changes, Normaliser, Rules};
/// use crossmamba::record::Molecule;
///
/// let normaliser = Normaliser::new(Rules::new(Molecule::Rna));
/// let record = RawRecord { line: 1, id: b"r1", description: b"", sequence: b"acgT", qualities: None, bytes: 4 };
/// let (mut letters, mut changes) = (Vec::new(), Changes::default());
/// normaliser.apply(&record, &mut letters, &mut changes).unwrap();
/// assert_eq!(letters, b"ACGU");
/// assert_eq!((changes.lower_case, changes.thymine), (3, 1));
/// ```
#[derive(Debug, Clone)]
pub struct Normaliser {
    rules: Rules,
    table: Table,
}

impl Normaliser {
    /// Prepares the rules.
    pub fn new(rules: Rules) -> Self {
        Self { rules, table: Table::new(&rules) }
    }

    /// Gives the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Gives the number of bytes that the text of an allowed record may have: line ends and a header need
    /// room.
    pub fn longest_text(&self) -> usize {
        self.rules.max_length.get().saturating_mul(2).saturating_add(1 << 16)
    }

    /// Gives the fault of a record beyond [`Normaliser::longest_text`] or with too many letters.
    pub fn too_long(&self) -> Fault {
        Fault::new(Reason::TooLong, format!("the limit is {} letters", self.rules.max_length))
    }

    /// Checks a record and appends its normalised letters to `out`, which is left as it was if there is a
    /// fault.
    ///
    /// Of several faults the first in the order of [`Reason`] is given.
    ///
    /// # Errors
    /// Why the record cannot be used.
    pub fn apply(
        &self,
        record: &RawRecord<'_>,
        out: &mut Vec<u8>,
        changes: &mut Changes,
    ) -> Result<(), Fault> {
        if record.bytes > self.longest_text() || record.sequence.len() > self.rules.max_length.get() {
            return Err(self.too_long());
        }
        if record.qualities.is_some_and(|count| count != record.sequence.len()) {
            let (letters, values) = (record.sequence.len(), record.qualities.unwrap_or_default());
            return Err(Fault::new(Reason::QualityLength, format!("{letters} letters, {values} qualities")));
        }
        if record.sequence.is_empty() {
            return Err(Fault::new(Reason::Empty, ""));
        }
        match self.rules.kind {
            Molecule::SmallMolecule => {
                smiles::check(record.sequence).map_err(|problem| self.bad_smiles(record, problem))?;
                out.extend_from_slice(record.sequence);
                Ok(())
            }
            Molecule::Rna | Molecule::Protein => {
                let start = out.len();
                self.table
                    .apply(&self.rules, record.sequence, out, changes)
                    .inspect_err(|_| out.truncate(start))
            }
        }
    }

    /// Says what is wrong with a SMILES string, and whether it may have changed places with its identifier.
    fn bad_smiles(&self, record: &RawRecord<'_>, problem: String) -> Fault {
        let swapped = self.rules.identifier == Identifier::After && smiles::check(record.id).is_ok();
        let hint = "; the identifier is a SMILES string: `--identifier before` reads lists that begin with identifiers";
        Fault::new(Reason::BadSmiles, if swapped { problem + hint } else { problem })
    }
}

/// Makes one word of a name with blanks inside: `acetic acid` becomes `acetic_acid`.
///
/// ```
/// assert_eq!(*crossmamba::normalise::one_word(b"acetic acid"), *b"acetic_acid");
/// ```
pub fn one_word(name: &[u8]) -> Cow<'_, [u8]> {
    if name.contains(&b' ') {
        let words: Vec<&[u8]> = name.split(|&b| b == b' ').filter(|word| !word.is_empty()).collect();
        Cow::Owned(words.join(&b'_'))
    } else {
        Cow::Borrowed(name)
    }
}

/// Checks an identifier as it stands in a file.
///
/// # Errors
/// [`Reason::NoId`] or [`Reason::BadId`].
///
/// ```
/// use crossmamba::normalise::{Reason, check_id};
///
/// assert_eq!(check_id(b"P12345"), Ok("P12345"));
/// assert_eq!(check_id(b"").unwrap_err().reason, Reason::NoId);
/// ```
pub fn check_id(id: &[u8]) -> Result<&str, Fault> {
    if id.is_empty() {
        return Err(Fault::new(Reason::NoId, ""));
    }
    let text = str::from_utf8(id).map_err(|_| Fault::new(Reason::BadId, "is not UTF-8 text"))?;
    match RecordId::check(text) {
        Ok(()) => Ok(text),
        Err(problem) => Err(Fault::new(Reason::BadId, problem)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(kind: Molecule, change: impl Fn(&mut Rules), text: &str) -> Result<String, String> {
        let mut rules = Rules::new(kind);
        change(&mut rules);
        let record = RawRecord {
            line: 1,
            id: b"x",
            description: b"",
            sequence: text.as_bytes(),
            qualities: None,
            bytes: text.len(),
        };
        let mut out = b"kept".to_vec();
        let result = Normaliser::new(rules).apply(&record, &mut out, &mut Changes::default());
        let text = String::from_utf8(out).unwrap();
        match result {
            Ok(()) => Ok(text[4..].to_owned()),
            Err(fault) => {
                assert_eq!(text, "kept");
                Err(format!("{} {}", fault.reason, fault.detail))
            }
        }
    }

    #[test]
    fn each_rule_for_rna_changes_or_rejects_the_letters_it_names() {
        let rna = |change: fn(&mut Rules), text: &str| apply(Molecule::Rna, change, text);
        let text = "acguTtRYn".repeat(20);
        assert_eq!(rna(|_| (), &text), Ok("ACGUUURYN".repeat(20)));
        assert_eq!(rna(|r| r.ambiguous = Ambiguous::Mask, "ARYN"), Ok("ANNN".into()));
        assert_eq!(
            rna(|r| r.ambiguous = Ambiguous::Reject, "ACRN"),
            Err("ambiguous `R` at position 3".into())
        );
        assert_eq!(rna(|r| r.case = Case::Reject, "ACg"), Err("bad-letter `g` at position 3".into()));
        assert_eq!(rna(|_| (), "AC-GU"), Err("gap `-` at position 3".into()));
        assert_eq!(rna(|r| r.gaps = Gaps::Remove, "A-C.GU"), Ok("ACGU".into()));
        assert_eq!(rna(|r| r.gaps = Gaps::Remove, "-.-"), Err("empty ".into()));
        assert_eq!(rna(|_| (), "ACGUACGUAC GUACGUACGU  \tAC "), Ok("ACGUACGUACGUACGUACGUAC".into()));
        assert_eq!(rna(|_| (), "  \t"), Err("empty ".into()));
        assert_eq!(rna(|_| (), "ACGU ACGJ"), Err("bad-letter `J` at position 8".into()));
        let numbered = "        1 acguacguac guac        15 ggca 18";
        assert_eq!(rna(|r| r.numbers = Numbers::Remove, numbered), Ok("ACGUACGUACGUACGGCA".into()));
        assert_eq!(
            rna(|_| (), numbered),
            Err("bad-letter `1` at position 1; --numbers remove drops position numbers".into())
        );
        let late = format!("{}*", "ACGU".repeat(100));
        assert_eq!(rna(|_| (), &late), Err("bad-letter `*` at position 401".into()));
        assert_eq!(rna(|_| (), "AC\0"), Err("bad-letter `\\x00` at position 3".into()));
        assert_eq!(
            rna(|r| r.max_length = 3.try_into().unwrap(), "ACGU"),
            Err("too-long the limit is 3 letters".into())
        );
    }

    #[test]
    fn letters_outside_the_alphabet_are_masked_on_request_and_nothing_else_is() {
        let masked = |text: &str| apply(Molecule::Rna, |r| r.other_letters = OtherLetters::Mask, text);
        assert_eq!(masked("ACXxGU"), Ok("ACNNGU".into()));
        assert_eq!(
            masked("AC1GU"),
            Err("bad-letter `1` at position 3; --numbers remove drops position numbers".into())
        );
        assert_eq!(masked("AC*GU"), Err("bad-letter `*` at position 3".into()));
        assert_eq!(masked("AC-GU"), Err("gap `-` at position 3".into()));
        let rejected = |r: &mut Rules| {
            r.other_letters = OtherLetters::Mask;
            r.case = Case::Reject;
        };
        assert_eq!(apply(Molecule::Rna, rejected, "ACx"), Err("bad-letter `x` at position 3".into()));
    }

    #[test]
    fn a_list_that_begins_with_identifiers_is_told() {
        let read = |identifier, id: &str, text: &str| {
            let rules = Rules { identifier, ..Rules::new(Molecule::SmallMolecule) };
            let bytes = text.len();
            let record = RawRecord {
                line: 1,
                id: id.as_bytes(),
                description: b"",
                sequence: text.as_bytes(),
                qualities: None,
                bytes,
            };
            Normaliser::new(rules)
                .apply(&record, &mut Vec::new(), &mut Changes::default())
                .unwrap_err()
                .detail
        };
        assert!(read(Identifier::After, "CCO", "ethanol").contains("`--identifier before`"));
        assert!(!read(Identifier::After, "ethanol", "CCz").contains("--identifier"));
        assert!(!read(Identifier::Before, "CCO", "CCz").contains("--identifier"));
    }

    #[test]
    fn each_rule_for_protein_changes_or_rejects_the_letters_it_names() {
        let protein = |change: fn(&mut Rules), text: &str| apply(Molecule::Protein, change, text);
        assert_eq!(protein(|_| (), "mkUOBZJX*"), Ok("MKUOBZJX".into()));
        assert_eq!(protein(|r| r.ambiguous = Ambiguous::Mask, "MUBZJX"), Ok("MUXXXX".into()));
        assert_eq!(protein(|_| (), "MK*LV"), Err("stop inside, at position 3".into()));
        assert_eq!(protein(|r| r.inner_stop = InnerStop::Mask, "MK*LV*"), Ok("MKXLV".into()));
        assert_eq!(protein(|_| (), "**"), Err("empty ".into()));
        assert_eq!(
            protein(|_| (), "MK1"),
            Err("bad-letter `1` at position 3; --numbers remove drops position numbers".into())
        );
    }

    #[test]
    fn what_was_normalised_stays_as_it_is() {
        for (kind, text) in [(Molecule::Rna, "acguTRYN"), (Molecule::Protein, "mkUOBZJX*")] {
            let once = apply(kind, |_| (), text).unwrap();
            assert_eq!(apply(kind, |r| r.case = Case::Reject, &once), Ok(once));
        }
    }
}
