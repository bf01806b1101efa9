//! Matches short patterns of residues.

use std::iter::Peekable;
use std::str::Bytes;

/// One place of a pattern: the letters that may stand there, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// One bit for each letter from `A` to `Z`.
    letters: u32,
    fewest: usize,
    most: usize,
}

/// A pattern in the letters of regular expressions: `[KR]`, `[^P]`, `.`, `?`, `{3}`, `{2,4}`, `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Vec<Place>>);

const ANY: u32 = (1 << 26) - 1;

fn bit(letter: u8) -> u32 {
    if letter.is_ascii_uppercase() { 1 << (letter - b'A') } else { 0 }
}

impl Pattern {
    /// Reads a pattern of the table; what the table does not use is not understood.
    pub(super) fn new(text: &str) -> Self {
        Self(text.split('|').map(alternative).collect())
    }

    /// Counts the places of a sequence at which a match begins.
    pub(super) fn count(&self, sequence: &[u8]) -> usize {
        let begins = |&at: &usize| self.0.iter().any(|places| begins(places, &sequence[at..]));
        (0..sequence.len()).filter(begins).count()
    }
}

fn alternative(text: &str) -> Vec<Place> {
    let (mut places, mut rest) = (Vec::<Place>::new(), text.bytes().peekable());
    while let Some(byte) = rest.next() {
        let letters = match byte {
            b'.' => ANY,
            b'[' => class(&mut rest),
            letter => bit(letter),
        };
        let (fewest, most) = times(&mut rest);
        places.push(Place { letters, fewest, most });
    }
    places
}

fn class(rest: &mut Peekable<Bytes<'_>>) -> u32 {
    let but = rest.next_if_eq(&b'^').is_some();
    let letters = rest.by_ref().take_while(|&byte| byte != b']').map(bit).fold(0, |all, one| all | one);
    if but { ANY & !letters } else { letters }
}

fn times(rest: &mut Peekable<Bytes<'_>>) -> (usize, usize) {
    if rest.next_if_eq(&b'?').is_some() {
        return (0, 1);
    }
    if rest.next_if_eq(&b'{').is_none() {
        return (1, 1);
    }
    let mut numbers = vec![0];
    for byte in rest.by_ref().take_while(|&byte| byte != b'}') {
        match (byte, numbers.last_mut()) {
            (b'0'..=b'9', Some(last)) => *last = *last * 10 + usize::from(byte - b'0'),
            _ => numbers.push(0),
        }
    }
    (numbers[0], numbers[numbers.len() - 1])
}

fn begins(places: &[Place], sequence: &[u8]) -> bool {
    let Some((place, rest)) = places.split_first() else { return true };
    let fits =
        sequence.iter().take(place.most).take_while(|&&letter| place.letters & bit(letter) != 0).count();
    (place.fewest..=fits).any(|taken| begins(rest, &sequence[taken..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pattern: &str, sequence: &str) -> usize {
        Pattern::new(pattern).count(sequence.as_bytes())
    }

    #[test]
    fn patterns_are_read_as_regular_expressions() {
        assert_eq!(count("RGG", "RGGRGGRG"), 2);
        assert_eq!(count("[RK]GG?[RK]", "RGRGGKGGG"), 2);
        assert_eq!(count("SR|RS", "SRSRS"), 4);
        assert_eq!(count("[FYW][^P][FYW]", "FAWPYXF"), 2);
        assert_eq!(count("C.{2,4}C", "CAACCAAAAACAAAAC"), 2);
        assert_eq!(count("Q{3}|N{3}", "QQQQNNNQN"), 3);
    }

    #[test]
    fn every_place_counts_once_however_many_ways_it_matches() {
        assert_eq!(count("[KR].{0,1}[KR]", "KRKR"), 3);
        assert_eq!(count("H.{3,4}H", ""), 0);
    }
}
