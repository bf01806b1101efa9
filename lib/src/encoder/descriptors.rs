//! Describes a whole sequence: what boosted trees and the relay's global token read beside k-mers.
//!
//! Each block of columns is a pure function of the sequence: a fixed number of finite values, in f64 until the last
//! step. Letters outside the alphabet take part in no k-mer and have the mean of every scale; an empty sequence gives
//! zeros.

mod autocovariance;
mod charge;
mod motif;
mod motif_pattern;
mod physico;
mod place;
pub(super) mod rna;
mod scale;
mod series;

pub(super) use autocovariance::{AUTOCOVARIANCE, autocovariance_names, push_autocovariance};
pub(super) use motif::{MOTIF, motif_names, push_motifs};
pub(super) use physico::{PHYSICO, physico_names, push_physico};
pub(super) use place::{PLACE, place_names, push_place};
pub(super) use scale::scaled;
