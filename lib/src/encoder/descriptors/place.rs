//! What stands at the ends, and in each third.

use super::scale::{NAMES, SCALES, Scaled};
use super::series::mean;
use crate::alphabet::AMINO_ACIDS;
use crate::encoder::spectrum::push_spectrum;

/// Residues of an end.
const END: usize = 20;
const THIRDS: usize = 3;
/// Number of columns.
pub(in crate::encoder) const PLACE: usize = 2 * AMINO_ACIDS.len() + THIRDS * SCALES;

/// Appends the composition of the first and of the last 20 residues, and the mean of each scale over each third.
///
/// A third holds at least one residue: of a sequence of one or two, the same residue stands in several.
pub(in crate::encoder) fn push_place(residues: &[u8], scaled: &[Scaled], out: &mut Vec<f32>) {
    let length = residues.len();
    push_spectrum(&residues[..length.min(END)], 1, AMINO_ACIDS.len(), out);
    push_spectrum(&residues[length.saturating_sub(END)..], 1, AMINO_ACIDS.len(), out);
    for third in 0..THIRDS {
        let from = third * length / THIRDS;
        let to = ((third + 1) * length / THIRDS).max(from + 1).min(length);
        for scale in 0..SCALES {
            let values: Vec<f64> = scaled[from..to].iter().map(|row| row[scale]).collect();
            out.push(mean(&values) as f32);
        }
    }
}

/// Names the columns.
pub(in crate::encoder) fn place_names() -> Vec<String> {
    let letters = |end: &'static str| AMINO_ACIDS.iter().map(move |&a| format!("{} {end}", char::from(a)));
    let thirds = (1..=THIRDS).flat_map(|third| NAMES.map(|name| format!("{name} in third {third}")));
    letters("at the start").chain(letters("at the end")).chain(thirds).collect()
}
