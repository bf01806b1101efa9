//! Describes an RNA beside its k-mers.

use super::series::{EXTREMES, extremes, mean};
use crate::alphabet::{NUCLEOTIDES, UNKNOWN};

const LETTERS: usize = NUCLEOTIDES.len();
/// Distances of the two nucleotides of a gapped dinucleotide; the nearest are dinucleotides already.
const DISTANCES: std::ops::RangeInclusive<usize> = 2..=8;
/// Number of columns of [`push_gapped`].
pub(in crate::encoder) const GAPPED: usize = 7 * LETTERS * LETTERS;

/// Appends for each distance from 2 to 8 the frequencies of the 16 pairs of nucleotides so far apart, relative to the
/// places where a pair can stand.
pub(in crate::encoder) fn push_gapped(codes: &[u8], out: &mut Vec<f32>) {
    for distance in DISTANCES {
        let mut counts = [0_u32; LETTERS * LETTERS];
        for (&one, &other) in codes.iter().zip(codes.iter().skip(distance)) {
            if one != UNKNOWN && other != UNKNOWN {
                counts[usize::from(one) * LETTERS + usize::from(other)] += 1;
            }
        }
        let places = codes.len().saturating_sub(distance).max(1) as f64;
        out.extend(counts.map(|count| (f64::from(count) / places) as f32));
    }
}

/// Names the columns of [`push_gapped`].
pub(in crate::encoder) fn gapped_names() -> Vec<String> {
    let letters = || NUCLEOTIDES.iter().map(|&letter| char::from(letter));
    let pairs = |distance| {
        letters().flat_map(move |a| letters().map(move |b| format!("{a}{}{b}", "·".repeat(distance - 1))))
    };
    DISTANCES.flat_map(pairs).collect()
}

/// What is told along the sequence: the letters, and the stretches in nucleotides.
const CONTENTS: [(&str, &[u8], usize); 3] = [("GC", b"GC", 30), ("GC", b"GC", 100), ("AG", b"AG", 30)];
/// Number of columns of [`push_content`].
pub(in crate::encoder) const CONTENT: usize = 1 + CONTENTS.len() * EXTREMES.len();

/// Appends the share of G and C; its extremes over stretches of 30 and 100 nucleotides, and those of the share of A and G
/// over 30.
pub(in crate::encoder) fn push_content(codes: &[u8], out: &mut Vec<f32>) {
    let shares = |letters: &[u8]| -> Vec<f64> {
        let of = |&code: &u8| {
            let among = |&letter: &u8| letters.contains(&letter);
            f64::from(u8::from(NUCLEOTIDES.get(code as usize).is_some_and(among)))
        };
        codes.iter().map(of).collect()
    };
    out.push(mean(&shares(b"GC")) as f32);
    for (_, letters, size) in CONTENTS {
        out.extend(extremes(&shares(letters), size).map(|value| value as f32));
    }
}

/// Names the columns of [`push_content`].
pub(in crate::encoder) fn content_names() -> Vec<String> {
    let stretches =
        CONTENTS.iter().flat_map(|(name, _, size)| EXTREMES.map(|what| format!("{what} {name} of {size}")));
    std::iter::once("GC".to_owned()).chain(stretches).collect()
}
