//! Finds homologous sequences: those whose best local alignment is better than chance.
//!
//! [`Sequences`] are compared by the score of the best local alignment (Smith and Waterman 1981, J Mol Biol 147:195), which
//! their lengths and the statistics of Karlin and Altschul turn into bits above chance. Descriptors of whole sequences tell
//! kin of less than half the same residues from strangers hardly at all; this does.

mod bits;
mod local;
mod sequences;

pub use sequences::{Homologs, Sequences};
