//! Names the inputs of a scan, whatever holds them.

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
