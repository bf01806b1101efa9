//! Counts k-mers over a small alphabet.

use crate::alphabet::UNKNOWN;

/// Appends the frequencies of the `letters`ᵏ k-mers of a coded sequence.
///
/// Frequencies are relative to the number of places where a k-mer can stand; k-mers that hold an unknown letter
/// count as places and as nothing else, so the frequencies then sum to less than one.
pub(super) fn push_spectrum(codes: &[u8], k: usize, letters: usize, out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + letters.pow(k as u32), 0.0);
    let places = (codes.len() + 1).saturating_sub(k);
    if places == 0 {
        return;
    }
    let spectrum = &mut out[start..];
    for code in codes.windows(k).filter_map(|kmer| code(kmer, letters)) {
        spectrum[code] += 1.0;
    }
    for count in spectrum {
        *count /= places as f32;
    }
}

/// Appends `letters`ᵏ values that are 0 but for the k-mer that begins at a place, if one does.
pub(super) fn push_kmer_at(codes: &[u8], place: usize, k: usize, letters: usize, out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + letters.pow(k as u32), 0.0);
    if let Some(code) = codes.get(place..place + k).and_then(|kmer| code(kmer, letters)) {
        out[start + code] = 1.0;
    }
}

/// Names the columns of a spectrum over some letters.
pub(super) fn kmer_names(letters: &[char], k: usize) -> Vec<String> {
    (0..k).fold(vec![String::new()], |shorter, _| {
        shorter.iter().flat_map(|kmer| letters.iter().map(move |letter| format!("{kmer}{letter}"))).collect()
    })
}

fn code(kmer: &[u8], letters: usize) -> Option<usize> {
    kmer.iter().try_fold(0, |code, &letter| (letter != UNKNOWN).then_some(code * letters + letter as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_columns() {
        assert_eq!(kmer_names(&['A', 'C'], 2), ["AA", "AC", "CA", "CC"]);
    }

    #[test]
    fn frequencies_are_relative_to_places() {
        let mut out = Vec::new();
        push_spectrum(&[0, 1, 0, UNKNOWN, 1], 2, 2, &mut out);
        assert_eq!(out, [0.0, 0.25, 0.25, 0.0]);
        out.clear();
        push_spectrum(&[0], 2, 2, &mut out);
        assert_eq!(out, [0.0; 4]);
        out.clear();
        push_kmer_at(&[0, 1, 0], 1, 2, 2, &mut out);
        push_kmer_at(&[0, 1, 0], 2, 2, 2, &mut out);
        assert_eq!(out, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
