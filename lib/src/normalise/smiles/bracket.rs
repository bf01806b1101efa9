//! Checks an atom in brackets: isotope, symbol, then chirality, hydrogens, charge and class, in this order.

use crate::alphabet::split_symbol;

/// Longer than any atom: a bracket that is not closed within so many bytes is none.
const LONGEST: usize = 64;

/// Gives the length of the atom in brackets that a text starts with, or what is wrong with it.
pub(super) fn length(text: &[u8]) -> Result<usize, &'static str> {
    const MORE: &str = "holds more than an atom";
    let Some(end) = text.iter().take(LONGEST).position(|&b| b == b']') else {
        return Err("is not closed");
    };
    let inside = &text[1..end];
    let isotope = digits(inside);
    if isotope > 1 && inside[0] == b'0' {
        return Err("holds an isotope that begins with 0");
    }
    let Some((_, rest)) = split_symbol(&inside[isotope..]) else { return Err("holds no element") };
    let rest = hydrogens(chirality(rest));
    let rest = class(charge(rest)).ok_or(MORE)?;
    if rest.is_empty() { Ok(end + 1) } else { Err(MORE) }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Leaves out `@`, `@@`, or a class such as `@TH1` or `@OH30`.
fn chirality(text: &[u8]) -> &[u8] {
    let Some(rest) = text.strip_prefix(b"@") else { return text };
    if let Some(rest) = rest.strip_prefix(b"@") {
        return rest;
    }
    for class in [b"TH", b"AL", b"SP", b"TB", b"OH"] {
        if let Some(rest) = rest.strip_prefix(class) {
            return &rest[digits(rest)..];
        }
    }
    rest
}

/// Leaves out `H` and the number of hydrogens.
fn hydrogens(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"H").map_or(text, |rest| &rest[digits(rest)..])
}

/// Leaves out `+2`, `++` or the like.
fn charge(text: &[u8]) -> &[u8] {
    let Some(&sign @ (b'+' | b'-')) = text.first() else { return text };
    let signs = text.iter().take_while(|&&b| b == sign).count();
    let rest = &text[signs..];
    if signs == 1 { &rest[digits(rest)..] } else { rest }
}

/// Leaves out `:` and a number; nothing if there is no number.
fn class(text: &[u8]) -> Option<&[u8]> {
    let Some(rest) = text.strip_prefix(b":") else { return Some(text) };
    let count = digits(rest);
    (count > 0).then(|| &rest[count..])
}
