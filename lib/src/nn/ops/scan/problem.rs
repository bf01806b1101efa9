//! Holds what a scan takes and gives, for tensors as well as for plain slices.

use super::geometry::Geometry;
use super::inputs::ScanInputs;
use crate::nn::{Direction, Segments};
use crate::{Error, Result};

/// A scan over slices, with every size checked.
#[derive(Debug, Clone)]
pub struct Problem<'a, F> {
    pub(super) x: ScanInputs<&'a [F]>,
    pub(super) w: Option<&'a [F]>,
    pub(super) e: usize,
    pub(super) n: usize,
    pub(super) segments: &'a Segments,
    pub(super) direction: Direction,
}

impl<'a, F> Problem<'a, F> {
    /// Checks sizes; pooling weights `w` (t, e) ask for the read-out form.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if a slice has another length than its shape says, or a read-out has a gate.
    pub fn new(
        x: ScanInputs<&'a [F]>,
        w: Option<&'a [F]>,
        (e, n): (usize, usize),
        segments: &'a Segments,
        direction: Direction,
    ) -> Result<Self> {
        let geometry = Geometry { e, n, segments: segments.clone(), direction };
        for (name, slice, shape) in geometry.inputs(x.clone(), w) {
            let length: usize = shape.iter().product();
            if slice.len() != length {
                let problem = format!("{name} has {} values where its shape asks for {length}", slice.len());
                return Err(Error::defect("scan", problem));
            }
        }
        if w.is_some() && x.z.is_some() {
            return Err(Error::defect("scan", "a read-out has no gate: it belongs into w"));
        }
        Ok(Self { x, w, e, n, segments, direction })
    }
}

/// The outputs of a scan or of a read-out.
#[derive(Debug, Clone)]
pub struct Outputs<T> {
    /// Per token (t, e); of a read-out, pooled per segment (s, e).
    pub out: T,
    /// Final states (s, e, n); those of an empty segment are its initial ones.
    pub h_last: T,
    /// Read-out K (s, e, n); absent from a plain scan.
    pub k: Option<T>,
}

impl<T> Outputs<T> {
    /// Borrows every output.
    pub fn as_ref(&self) -> Outputs<&T> {
        Outputs { out: &self.out, h_last: &self.h_last, k: self.k.as_ref() }
    }

    /// Changes every output, in the order of the fields.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Outputs<U> {
        Outputs { out: f(self.out), h_last: f(self.h_last), k: self.k.map(f) }
    }
}

/// Gradients of a loss by the outputs; an absent one is zero.
#[derive(Debug, Clone)]
pub struct OutputGradients<'a, F> {
    /// By `out` (t, e), or by the pool (s, e).
    pub out: Option<&'a [F]>,
    /// By the final states (s, e, n).
    pub h_last: Option<&'a [F]>,
    /// By the read-out (s, e, n).
    pub k: Option<&'a [F]>,
}

/// Gradients of a loss by the inputs, present where the input is.
#[derive(Debug, Clone)]
pub struct Gradients<T> {
    /// By the scan's inputs.
    pub x: ScanInputs<T>,
    /// By the pooling weights (t, e).
    pub w: Option<T>,
}
