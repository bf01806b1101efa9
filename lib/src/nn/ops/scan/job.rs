//! Describes the scans of a call: with their tensors, and with the places of these in a list.

use candle_core::Tensor;

use super::geometry::Geometry;
use super::inputs::ScanInputs;
use crate::nn::{Direction, Segments};

/// One of the scans of a call.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is scanned.
    pub x: ScanInputs<Tensor>,
    /// Pooling weights (t, e), which ask for a read-out; they may depend on the scanned sequence only (for the mean of
    /// gated outputs, `silu(z) / length`), and take the place of the gate `z`.
    pub w: Option<Tensor>,
    /// Where the sequences lie.
    pub segments: Segments,
    /// Which way they are walked.
    pub direction: Direction,
}

/// Which of a call's tensors are the inputs of one scan, and how it goes.
pub(super) struct Form {
    pub(super) x: ScanInputs<usize>,
    pub(super) w: Option<usize>,
    pub(super) geometry: Geometry,
}

/// The scans of a call.
pub(super) struct Scan(pub(super) Vec<Form>);
