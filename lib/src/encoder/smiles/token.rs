//! Divides a SMILES string into tokens.

use std::ops::Range;

use crate::alphabet::split_symbol;

/// The classes of tokens, in the order of their columns.
///
/// `[C]`, `[n]`, `[N+]`, `[N]`, `[O-]`, `[+]`, `[-]` and `[]` are bracket atoms: carbon without charge, aromatic
/// nitrogen without charge, positive nitrogen, other nitrogen, negative oxygen, other positive, other negative, and
/// the rest. `1` is a ring closure, `?` anything that is no SMILES token.
pub(in crate::encoder) const CLASSES: [&str; 36] = [
    "C", "c", "N", "n", "O", "o", "S", "s", "P", "F", "Cl", "Br", "I", "B", "*", "[C]", "[n]", "[N+]", "[N]",
    "[O-]", "[+]", "[-]", "[]", "-", "=", "#", "$", ":", "/", "\\", "~", "(", ")", "1", ".", "?",
];

/// One token: its class, and its place in the string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::encoder) struct Token {
    /// Index into [`CLASSES`].
    pub(in crate::encoder) class: u8,
    pub(in crate::encoder) text: Range<usize>,
}

impl Token {
    /// Tells whether the token is an atom.
    pub(in crate::encoder) fn is_atom(&self) -> bool {
        usize::from(self.class) <= 22
    }
}

/// Longer than any atom in brackets: an open bracket must not make the rest be searched for every letter.
const LONGEST_ATOM: usize = 64;

/// Divides any string into tokens; together they cover it without gaps.
pub(in crate::encoder) fn tokens(smiles: &[u8]) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < smiles.len() {
        let (class, length) = token(&smiles[at..]);
        found.push(Token { class: class_of(class), text: at..at + length });
        at += length;
    }
    found
}

fn token(rest: &[u8]) -> (&'static str, usize) {
    let digits = |from: usize, count: usize| {
        rest.get(from..from + count).is_some_and(|text| text.iter().all(u8::is_ascii_digit))
    };
    match (rest[0], rest.get(1)) {
        (b'C', Some(b'l')) => ("Cl", 2),
        (b'B', Some(b'r')) => ("Br", 2),
        (b'[', _) => match rest.iter().take(LONGEST_ATOM).position(|&b| b == b']') {
            Some(end) if end > 1 => (bracket(&rest[1..end]), end + 1),
            _ => ("?", 1),
        },
        (b'%', Some(b'(')) => {
            let count = rest[2..].iter().take_while(|b| b.is_ascii_digit()).count();
            if count > 0 && rest.get(2 + count) == Some(&b')') { ("1", count + 3) } else { ("?", 1) }
        }
        // Dative bonds are single ones.
        (b'-', Some(b'>')) | (b'<', Some(b'-')) => ("-", 2),
        (b'%', _) if digits(1, 2) => ("1", 3),
        (b'0'..=b'9', _) => ("1", 1),
        (b'p', _) => ("P", 1),
        (b'b', _) => ("B", 1),
        (letter, _) => {
            let single = CLASSES.iter().find(|class| class.as_bytes() == [letter]);
            (single.copied().unwrap_or("?"), 1)
        }
    }
}

fn bracket(inner: &[u8]) -> &'static str {
    let isotope = inner.iter().take_while(|b| b.is_ascii_digit()).count();
    let symbol = split_symbol(&inner[isotope..]).map_or("", |(symbol, _)| symbol);
    let positive = inner.contains(&b'+');
    // A hyphen before the symbol cannot be: it is a charge wherever it stands.
    let negative = inner.contains(&b'-');
    match symbol {
        "C" | "c" if !positive && !negative => "[C]",
        "n" if !positive && !negative => "[n]",
        "N" | "n" if positive => "[N+]",
        "N" if !negative => "[N]",
        "O" if negative => "[O-]",
        _ if positive => "[+]",
        _ if negative => "[-]",
        _ => "[]",
    }
}

fn class_of(name: &str) -> u8 {
    CLASSES.iter().position(|class| *class == name).unwrap_or(CLASSES.len() - 1) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn classes(smiles: &str) -> Vec<&'static str> {
        tokens(smiles.as_bytes()).iter().map(|token| CLASSES[usize::from(token.class)]).collect()
    }

    #[test]
    fn two_letter_elements_brackets_and_long_ring_numbers_are_one_token() {
        assert_eq!(classes("ClCBr"), ["Cl", "C", "Br"]);
        assert_eq!(classes("c1cc[nH]c1"), ["c", "1", "c", "c", "[n]", "c", "1"]);
        assert_eq!(
            classes("C[C@@H](O)[N+](=O)[O-]"),
            ["C", "[C]", "(", "O", ")", "[N+]", "(", "=", "O", ")", "[O-]"]
        );
        assert_eq!(classes("C%12CC%(103)"), ["C", "1", "C", "C", "1"]);
        assert_eq!(classes("[Cl-].[Na+].[13C].[Ni]"), ["[-]", ".", "[+]", ".", "[C]", ".", "[]"]);
        assert_eq!(classes("F/C=C\\F"), ["F", "/", "C", "=", "C", "\\", "F"]);
        assert_eq!(classes("C[x%1&"), ["C", "?", "?", "?", "1", "?"]);
    }

    #[test]
    fn dative_bonds_are_bonds_and_atomic_numbers_are_elements() {
        assert_eq!(classes("N->[Fe]<-N"), ["N", "-", "[]", "-", "N"]);
        assert_eq!(classes("[#6][#7+][#8-][#26]"), ["[C]", "[N+]", "[O-]", "[]"]);
        assert_eq!(classes("C%(1)C%(100)C%(C"), ["C", "1", "C", "1", "C", "?", "(", "C"]);
    }

    #[test]
    fn what_never_closes_takes_no_longer_than_its_length() {
        for text in ["[", "%(", "%(1", "[C"] {
            let text = text.repeat(200_000);
            assert_eq!(
                tokens(text.as_bytes()).iter().map(|token| token.text.len()).sum::<usize>(),
                text.len()
            );
        }
    }

    #[test]
    fn atoms_come_before_bonds_in_the_classes() {
        let atoms: Vec<_> = tokens(b"C[Na+]*=(1.").iter().map(Token::is_atom).collect();
        assert_eq!(atoms, [true, true, true, false, false, false, false]);
    }

    proptest! {
        #[test]
        fn tokens_cover_any_string(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert_eq!(token.text.start, end);
                prop_assert!(token.text.end > end);
                end = token.text.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
