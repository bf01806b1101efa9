//! Holds what a scan takes and gives, for tensors as well as for plain slices.

use crate::nn::{Direction, Segments};
use crate::{Error, Result};

/// The inputs of a scan; letters as in [the module](super).
#[derive(Debug, Clone)]
pub struct ScanInputs<T> {
    /// What is scanned (t, e).
    pub u: T,
    /// Time steps before bias and softplus (t, e).
    pub delta: T,
    /// Decay rates (e, n), negative: `-exp(A_log)`.
    pub a: T,
    /// Input projections (t, n).
    pub b: T,
    /// Output projections (t, n).
    pub c: T,
    /// Skip weights D (e); absent: no skip.
    pub d: Option<T>,
    /// Gate (t, e); absent: no gate. Not allowed in a read-out, where the weights take its place.
    pub z: Option<T>,
    /// Added to `delta` (e); absent: 0.
    pub delta_bias: Option<T>,
    /// Initial states (s, e, n); absent: 0.
    pub h0: Option<T>,
}

impl<T> ScanInputs<T> {
    /// Borrows every input.
    pub fn as_ref(&self) -> ScanInputs<&T> {
        ScanInputs {
            u: &self.u,
            delta: &self.delta,
            a: &self.a,
            b: &self.b,
            c: &self.c,
            d: self.d.as_ref(),
            z: self.z.as_ref(),
            delta_bias: self.delta_bias.as_ref(),
            h0: self.h0.as_ref(),
        }
    }

    /// Changes every input, in the order of the fields.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> ScanInputs<U> {
        ScanInputs {
            u: f(self.u),
            delta: f(self.delta),
            a: f(self.a),
            b: f(self.b),
            c: f(self.c),
            d: self.d.map(&mut f),
            z: self.z.map(&mut f),
            delta_bias: self.delta_bias.map(&mut f),
            h0: self.h0.map(&mut f),
        }
    }

    /// Lists the inputs that are there, in the order of the fields.
    pub fn into_vec(self) -> Vec<T> {
        let mut all = Vec::with_capacity(9);
        let _: ScanInputs<()> = self.map(|x| all.push(x));
        all
    }
}

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
    /// [`Error::Setting`] if a slice has another length than its shape says, or a read-out has a gate.
    pub fn new(
        x: ScanInputs<&'a [F]>,
        w: Option<&'a [F]>,
        (e, n): (usize, usize),
        segments: &'a Segments,
        direction: Direction,
    ) -> Result<Self> {
        let (t, s) = (segments.tokens(), segments.count());
        let wanted = [
            ("u", Some(x.u), t * e),
            ("delta", Some(x.delta), t * e),
            ("a", Some(x.a), e * n),
            ("b", Some(x.b), t * n),
            ("c", Some(x.c), t * n),
            ("d", x.d, e),
            ("z", x.z, t * e),
            ("delta_bias", x.delta_bias, e),
            ("h0", x.h0, s * e * n),
            ("w", w, t * e),
        ];
        for (name, slice, length) in wanted {
            if let Some(slice) = slice.filter(|slice| slice.len() != length) {
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
#[derive(Debug, Clone, Default)]
pub struct Outputs<F> {
    /// Per token (t, e); of a read-out, pooled per segment (s, e).
    pub out: Vec<F>,
    /// Final states (s, e, n).
    pub h_last: Vec<F>,
    /// Read-out K (s, e, n); empty for a plain scan.
    pub k: Vec<F>,
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
pub struct Gradients<F> {
    /// By the scan's inputs.
    pub x: ScanInputs<Vec<F>>,
    /// By the pooling weights (t, e).
    pub w: Option<Vec<F>>,
}
