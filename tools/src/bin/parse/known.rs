//! The identifiers that may occur, and which of them was perhaps meant.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};

use crossmamba::record::RecordId;

use crossmamba_tools::sequences::accession;

/// Identifiers that are compared letter by letter: each takes a look at all that are known.
const COMPARED: u32 = 10;
/// Shorter ones differ by a letter from too many.
const COMPARABLE: usize = 4;

/// The identifiers of one side.
pub(crate) struct Known {
    ids: HashSet<RecordId>,
    spellings: OnceCell<HashMap<String, RecordId>>,
    compared: Cell<u32>,
}

impl Known {
    pub(crate) fn new(ids: HashSet<RecordId>) -> Self {
        Self { ids, spellings: OnceCell::new(), compared: Cell::new(0) }
    }

    pub(crate) fn holds(&self, id: &RecordId) -> bool {
        self.ids.contains(id)
    }

    /// Gives the known identifier that is the same but for case, version or the names of databases around it, or that
    /// differs by one letter.
    pub(crate) fn nearest(&self, id: &RecordId) -> Option<&RecordId> {
        let spellings = self.spellings.get_or_init(|| {
            let mut found = HashMap::new();
            let mut ids: Vec<&RecordId> = self.ids.iter().collect();
            // Which of two comes first must not depend on the order of a hash table.
            ids.sort();
            for id in ids {
                for key in keys(id.as_str()) {
                    found.entry(key).or_insert_with(|| id.clone());
                }
            }
            found
        });
        if let Some(found) = keys(id.as_str()).iter().find_map(|key| spellings.get(key)) {
            return Some(found);
        }
        if id.as_str().len() < COMPARABLE || self.compared.get() == COMPARED {
            return None;
        }
        self.compared.set(self.compared.get() + 1);
        self.ids.iter().filter(|other| one_letter_apart(id.as_str(), other.as_str())).min()
    }
}

/// Gives the spellings under which an identifier may be meant.
fn keys(id: &str) -> Vec<String> {
    let lower = id.to_lowercase();
    let mut keys = vec![lower.clone(), accession(&lower).to_owned()];
    keys.extend(lower.split('|').filter(|part| part.len() >= COMPARABLE).map(str::to_owned));
    keys.dedup();
    keys
}

/// Tells whether one letter is missing, too many or another.
fn one_letter_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let rest = if short.len() == long.len() { (same + 1).min(short.len()) } else { same };
    short[rest..] == long[(same + 1).min(long.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_that_was_meant_is_found() {
        let ids = ["sp|P12345|NAME_HUMAN", "NM_1234", "ENST00000456328.2", "HOTAIR"];
        let known = Known::new(ids.iter().map(|id| RecordId::new(*id).unwrap()).collect());
        for (id, meant) in [
            ("P12345", Some("sp|P12345|NAME_HUMAN")),
            ("NAME_HUMAN", Some("sp|P12345|NAME_HUMAN")),
            ("nm_1234.2", Some("NM_1234")),
            ("ENST00000456328", Some("ENST00000456328.2")),
            ("hotair", Some("HOTAIR")),
            ("HOTAR", Some("HOTAIR")),
            ("HOTAIRX", Some("HOTAIR")),
            ("HOTXIR", Some("HOTAIR")),
            ("XIST", None),
            ("r9", None),
        ] {
            let found = known.nearest(&RecordId::new(id).unwrap()).map(RecordId::as_str);
            assert_eq!(found, meant, "{id}");
        }
    }
}
