//! Tells which molecules are the same, and which pairs.
//!
//! Molecules become numbers that run over both columns of a table: equal numbers, equal molecule, whichever column it
//! stands in. Where the two columns name molecules of two kinds no number is in both. Between RNAs a molecule may stand
//! in either, and A–B is the same pair as B–A. Everything that counts molecules or pairs (splits and their audit, how
//! familiar test pairs are, baselines) counts these numbers, so that none of it needs to know of the two cases.

mod familiarity;
mod families;
mod mirrors;
mod sequences;

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;

pub use familiarity::{Familiarity, Shares};
pub use families::Families;
pub use mirrors::{is_name, is_one_molecule, mirrors};
pub use sequences::Sequences;

use crate::pair::{PairTable, Side};
use crate::record::{Digest, RecordId};
use crate::{Place, Result};

/// The numbers of the two molecules of each pair of a table.
///
/// Numbers follow first appearance: those of the RNAs first, then those of the partners that are none of the RNAs.
///
/// ```
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
///
/// let pair = |rna, partner| -> Result<Pair, &str> {
///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
/// };
/// let pairs = PairTable::new(vec![pair("a", "b")?, pair("c", "b")?, pair("b", "a")?]);
/// let molecules = Identity::by_id(&pairs, None);
/// assert_eq!(molecules.rna(), [0, 1, 2]);
/// assert_eq!(molecules.partner(), [2, 2, 0]);
/// assert_eq!(molecules.pair(0), molecules.pair(2));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    rna: Vec<u32>,
    partner: Vec<u32>,
    molecules: usize,
}

/// What tells a molecule: the column matters only where the same word names two molecules.
#[derive(PartialEq, Eq, Hash)]
enum Key<T> {
    Either(T),
    Rna(T),
    Partner(T),
}

/// What tells a molecule by its sequence, or by its name where that is not known.
#[derive(PartialEq, Eq, Hash)]
enum Told<'a> {
    Sequence(Digest),
    Name(&'a RecordId),
}

impl Identity {
    /// Tells molecules apart by their identifiers.
    ///
    /// An identifier that stands in both columns is one molecule if it has the same sequence in both (`sequences`), or,
    /// where these are not known, if it is a name and not a mere number ([`is_name`]).
    pub fn by_id(pairs: &PairTable, sequences: Option<&Sequences>) -> Self {
        let one = |id: &RecordId| is_one_molecule(id, sequences);
        let key = |id, other: fn(_) -> Key<_>| if one(id) { Key::Either(id) } else { other(id) };
        let rna = pairs.pairs.iter().map(|pair| Ok(key(&pair.rna, Key::Rna)));
        let partner = pairs.pairs.iter().map(|pair| Ok(key(&pair.partner, Key::Partner)));
        let Ok::<_, Infallible>(numbered) = Self::numbered(rna, partner);
        numbered
    }

    /// Tells molecules apart by their sequences: equal letters are one molecule, under any identifier and in either
    /// column. On a side whose sequences are not known identifiers tell, and no molecule of the other side is met.
    ///
    /// # Errors
    /// A molecule whose sequence is not among those of its side.
    pub fn by_sequence(pairs: &PairTable, sequences: &Sequences) -> Result<Self> {
        let place = || Place::file(pairs.path());
        let found = |digests: &HashMap<RecordId, Digest>, id: &RecordId| {
            digests.get(id).map(|&digest| Key::Either(Told::Sequence(digest))).ok_or_else(|| {
                let remedy = "pass the file that holds it";
                place().record(id).error("is not among the sequences", remedy)
            })
        };
        let rna = pairs.pairs.iter().map(|pair| match &sequences.rna {
            Some(digests) => found(digests, &pair.rna),
            None => Ok(Key::Rna(Told::Name(&pair.rna))),
        });
        let partner = pairs.pairs.iter().map(|pair| match &sequences.partner {
            Some(digests) => found(digests, &pair.partner),
            None => Ok(Key::Partner(Told::Name(&pair.partner))),
        });
        Self::numbered(rna, partner)
    }

    fn numbered<T: Eq + Hash, E>(
        rna: impl Iterator<Item = Result<Key<T>, E>>,
        partner: impl Iterator<Item = Result<Key<T>, E>>,
    ) -> Result<Self, E> {
        let mut numbers = HashMap::new();
        let mut number = |key: Result<Key<T>, E>| {
            let next = numbers.len() as u32;
            Ok(*numbers.entry(key?).or_insert(next))
        };
        let rna = rna.map(&mut number).collect::<Result<_, E>>()?;
        let partner = partner.map(&mut number).collect::<Result<_, E>>()?;
        Ok(Self { rna, partner, molecules: numbers.len() })
    }

    /// Gives molecules other numbers: `new[n]` in place of n, equal where they shall be one. Each must be smaller than the
    /// number of molecules.
    pub(crate) fn renumbered(&self, new: &[u32]) -> Self {
        let turn = |numbers: &[u32]| numbers.iter().map(|&number| new[number as usize]).collect();
        Self { rna: turn(&self.rna), partner: turn(&self.partner), molecules: self.molecules }
    }

    /// Takes numbers as they are, those of either column for themselves.
    #[cfg(test)]
    pub(crate) fn of_two_kinds(rna: &[u32], partner: &[u32]) -> Self {
        let rna = rna.iter().map(|&number| Ok(Key::Rna(number)));
        let partner = partner.iter().map(|&number| Ok(Key::Partner(number)));
        let Ok::<_, Infallible>(numbered) = Self::numbered(rna, partner);
        numbered
    }

    /// Gives the number of each pair's RNA.
    pub fn rna(&self) -> &[u32] {
        &self.rna
    }

    /// Gives the number of each pair's partner.
    pub fn partner(&self) -> &[u32] {
        &self.partner
    }

    /// Gives the number of each pair's molecule on a side.
    pub fn of(&self, side: Side) -> &[u32] {
        match side {
            Side::Rna => &self.rna,
            Side::Partner => &self.partner,
        }
    }

    /// Gives how many molecules there are: every number is smaller.
    pub const fn molecules(&self) -> usize {
        self.molecules
    }

    /// Gives the numbers of a pair's two molecules, the smaller first: equal for a pair and its mirror.
    pub fn pair(&self, pair: usize) -> [u32; 2] {
        let (a, b) = (self.rna[pair], self.partner[pair]);
        [a.min(b), a.max(b)]
    }

    /// Tells of each molecule whether it stands in some pairs, in either column.
    ///
    /// ```
    /// use crossmamba::identity::Identity;
    /// use crossmamba::pair::{Pair, PairTable};
    /// use crossmamba::record::RecordId;
    ///
    /// let pair = |rna, partner| -> Result<Pair, &str> {
    ///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
    /// };
    /// let molecules = Identity::by_id(&PairTable::new(vec![pair("r", "p")?, pair("s", "p")?]), None);
    /// let known = molecules.of_pairs([0]);
    /// assert!(known[molecules.partner()[1] as usize] && !known[molecules.rna()[1] as usize]);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn of_pairs(&self, pairs: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut found = vec![false; self.molecules];
        for molecule in pairs.into_iter().flat_map(|pair| self.pair(pair)) {
            found[molecule as usize] = true;
        }
        found
    }

    /// Numbers the pairs by first appearance, a pair and its mirror alike.
    pub fn pairs(&self) -> Vec<u32> {
        let mut numbers = HashMap::new();
        (0..self.rna.len())
            .map(|pair| {
                let next = numbers.len() as u32;
                *numbers.entry(self.pair(pair)).or_insert(next)
            })
            .collect()
    }

    /// Numbers the molecules of one column (`rna()` or `partner()`) by first appearance there, and names for each of
    /// these numbers the first pair that has it.
    pub fn column(numbers: &[u32]) -> (Vec<u32>, Vec<usize>) {
        let (mut known, mut first) = (HashMap::new(), Vec::new());
        let column = numbers.iter().enumerate().map(|(pair, number)| {
            *known.entry(number).or_insert_with(|| {
                first.push(pair);
                first.len() as u32 - 1
            })
        });
        (column.collect(), first)
    }

    /// Gives how many molecules stand in both columns.
    pub fn in_both_columns(&self) -> usize {
        let mut seen = vec![[false; 2]; self.molecules];
        for (side, numbers) in [&self.rna, &self.partner].into_iter().enumerate() {
            for &number in numbers {
                seen[number as usize][side] = true;
            }
        }
        seen.iter().filter(|sides| **sides == [true; 2]).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::Pair;

    fn table(pairs: &[(&str, &str)]) -> PairTable {
        let id = |text: &str| RecordId::new(text).unwrap();
        PairTable::new(pairs.iter().map(|(r, p)| Pair { rna: id(r), partner: id(p), label: None }).collect())
    }

    fn digests(of: &[(&str, &str)]) -> HashMap<RecordId, Digest> {
        of.iter().map(|(id, text)| (RecordId::new(*id).unwrap(), Digest::of(text.as_bytes()))).collect()
    }

    #[test]
    fn columns_of_two_kinds_share_no_number() {
        let molecules = Identity::by_id(&table(&[("r", "p"), ("r", "q"), ("s", "p")]), None);
        assert_eq!((molecules.rna(), molecules.partner()), (&[0, 0, 1][..], &[2, 3, 2][..]));
        assert_eq!((molecules.molecules(), molecules.in_both_columns()), (4, 0));
        assert_eq!(molecules.pairs(), [0, 1, 2]);
    }

    #[test]
    fn mere_numbers_in_both_columns_are_two_molecules_and_names_are_one() {
        let numbers = Identity::by_id(&table(&[("1", "2"), ("2", "1")]), None);
        assert_eq!((numbers.molecules(), numbers.pairs()), (4, vec![0, 1]));
        let names = Identity::by_id(&table(&[("a1", "a2"), ("a2", "a1")]), None);
        assert_eq!((names.molecules(), names.pairs()), (2, vec![0, 0]));
        assert_eq!(names.in_both_columns(), 2);
    }

    #[test]
    fn sequences_decide_whether_an_identifier_in_both_columns_is_one_molecule() {
        let pairs = table(&[("a", "b"), ("b", "a")]);
        let of = |partner: &[(&str, &str)]| Sequences {
            rna: Some(digests(&[("a", "ACGU"), ("b", "GGCC")])),
            partner: Some(digests(partner)),
        };
        let same = Identity::by_id(&pairs, Some(&of(&[("a", "ACGU"), ("b", "GGCC")])));
        assert_eq!(same.pairs(), [0, 0]);
        // A gene's RNA and its protein bear one name.
        let two_kinds = of(&[("a", "MKV"), ("b", "MLL")]);
        assert_eq!(Identity::by_id(&pairs, Some(&two_kinds)).molecules(), 4);
        assert_eq!(Identity::by_sequence(&pairs, &two_kinds).unwrap().molecules(), 4);
    }

    #[test]
    fn equal_sequences_are_one_molecule_in_either_column() {
        let pairs = table(&[("a", "x"), ("y", "b")]);
        let sequences = Sequences {
            rna: Some(digests(&[("a", "ACGU"), ("y", "GGCC")])),
            partner: Some(digests(&[("x", "GGCC"), ("b", "ACGU")])),
        };
        let molecules = Identity::by_sequence(&pairs, &sequences).unwrap();
        assert_eq!((molecules.molecules(), molecules.pairs()), (2, vec![0, 0]));
        let one_side = Sequences { rna: sequences.rna, partner: None };
        assert_eq!(Identity::by_sequence(&pairs, &one_side).unwrap().molecules(), 4);
    }

    #[test]
    fn a_molecule_without_a_sequence_is_named() {
        let sequences = Sequences { rna: Some(digests(&[])), partner: None };
        let message = Identity::by_sequence(&table(&[("a", "x")]), &sequences).unwrap_err().to_string();
        assert_eq!(message, "pairs, record `a`: is not among the sequences; pass the file that holds it");
    }
}
