//! Finds pairs that a table holds in both orders.

use std::collections::HashMap;

use super::{Identity, Sequences};
use crate::record::RecordId;

/// Tells whether an identifier is a name: two columns that are numbered each for itself share their numbers, but not
/// their molecules.
///
/// ```
/// assert!(crossmamba::identity::is_name("r01"));
/// assert!(!crossmamba::identity::is_name("01"));
/// ```
pub fn is_name(id: &str) -> bool {
    !id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether an identifier in both columns names one molecule: by its sequences, or as a name where they are not
/// known.
///
/// ```
/// use crossmamba::identity::{Sequences, is_one_molecule};
/// use crossmamba::record::RecordId;
///
/// let id = RecordId::new("a")?;
/// assert!(is_one_molecule(&id, None));
/// // Both files are known, and neither holds it.
/// let empty = Sequences { rna: Some(Default::default()), partner: Some(Default::default()) };
/// assert!(!is_one_molecule(&id, Some(&empty)));
/// # Ok::<(), &str>(())
/// ```
pub fn is_one_molecule(id: &RecordId, sequences: Option<&Sequences>) -> bool {
    sequences.and_then(|sequences| sequences.agree_on(id)).unwrap_or_else(|| is_name(id.as_str()))
}

/// Gives each pair of a table that also stands in it in the other order (or, by sequence, under other names): the earlier
/// and the later, as indices into the table.
///
/// ```
/// use crossmamba::identity::{Identity, mirrors};
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
///
/// let pair = |rna, partner| -> Result<Pair, &str> {
///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
/// };
/// let pairs = PairTable::new(vec![pair("a", "b")?, pair("a", "c")?, pair("b", "a")?]);
/// assert_eq!(mirrors(&Identity::by_id(&pairs, None)), [(0, 2)]);
/// # Ok::<(), &str>(())
/// ```
pub fn mirrors(molecules: &Identity) -> Vec<(usize, usize)> {
    let mut first = HashMap::new();
    let mut found = Vec::new();
    for pair in 0..molecules.rna().len() {
        let earlier = *first.entry(molecules.pair(pair)).or_insert(pair);
        if earlier != pair {
            found.push((earlier, pair));
        }
    }
    found
}
