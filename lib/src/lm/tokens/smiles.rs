//! Divides SMILES strings as MoLFormer's published regular expression does.

/// Characters that are a token by themselves.
const SINGLE: &[u8] = b"NOSPFIbcnosp().=#-+\\/:~@?>*$0123456789";

/// Gives the tokens of a string from left to right; what belongs to none is left out.
///
/// The expression is `\[[^\]]+\]|Br?|Cl?|N|O|S|P|F|I|b|c|n|o|s|p|\(|\)|\.|=|#|-|\+|\\|/|:|~|@|\?|>|\*|\$|%[0-9]{2}|[0-9]`.
pub(super) fn split(smiles: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    // Behind the last one no bracket closes: a search for each open one would take the square of the length.
    let closed = smiles.iter().rposition(|&b| b == b']').map_or(0, |last| last + 1);
    std::iter::from_fn(move || {
        while at < smiles.len() {
            let start = at;
            match token(&smiles[start..], start < closed) {
                Some(length) => {
                    at += length;
                    return Some(&smiles[start..at]);
                }
                None => at += 1,
            }
        }
        None
    })
}

/// Gives the length of the token that a string begins with; `closes` tells whether a bracket closes in it.
fn token(rest: &[u8], closes: bool) -> Option<usize> {
    let next = rest.get(1).copied();
    match rest[0] {
        b'[' if !closes => None,
        b'[' => {
            let end = rest.iter().position(|&b| b == b']')?;
            (end > 1).then_some(end + 1)
        }
        b'B' => Some(1 + usize::from(next == Some(b'r'))),
        b'C' => Some(1 + usize::from(next == Some(b'l'))),
        b'%' => (rest.len() > 2 && rest[1..3].iter().all(u8::is_ascii_digit)).then_some(3),
        letter => SINGLE.contains(&letter).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn tokens(text: &str) -> Vec<&str> {
        split(text.as_bytes()).map(|token| std::str::from_utf8(token).unwrap()).collect()
    }

    #[test]
    fn brackets_two_letter_elements_and_ring_numbers_are_one_token() {
        assert_eq!(tokens("ClCBr[C@@H]%12B"), ["Cl", "C", "Br", "[C@@H]", "%12", "B"]);
        assert_eq!(tokens("[[C]"), ["[[C]"]);
    }

    #[test]
    fn what_the_expression_does_not_match_is_left_out() {
        assert_eq!(tokens("C[]C%1CX"), ["C", "C", "1", "C"]);
        assert_eq!(tokens("[CC"), ["C", "C"]);
        assert_eq!(tokens("%(103)"), ["(", "1", "0", "3", ")"]);
        assert_eq!(tokens("é日"), [""; 0]);
    }

    #[test]
    fn open_brackets_take_no_longer_than_their_number() {
        assert_eq!(split("[".repeat(1_000_000).as_bytes()).count(), 0);
        assert_eq!(split(format!("C]{}", "[".repeat(1_000_000)).as_bytes()).count(), 1);
    }
}
