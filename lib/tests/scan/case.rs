//! Scans with all their inputs, in f64 numbers that f32 holds exactly.

use crossmamba::nn::ops::scan::{OutputGradients, Problem, ScanInputs};
use crossmamba::nn::{Direction, Segments};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A scan and the gradients of a loss by its outputs.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) x: ScanInputs<Vec<f64>>,
    pub(crate) w: Option<Vec<f64>>,
    pub(crate) size: (usize, usize),
    pub(crate) segments: Segments,
    pub(crate) direction: Direction,
    pub(crate) dout: Option<Vec<f64>>,
    pub(crate) dh_last: Option<Vec<f64>>,
    pub(crate) dk: Option<Vec<f64>>,
}

/// Which optional inputs a random case has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// No skip, gate, bias or initial state.
    Bare,
    /// All of them.
    Full,
    /// The read-out form, with skip, bias and initial state.
    Readout,
    /// The read-out form without any.
    BareReadout,
}

impl Form {
    pub(crate) const ALL: [Self; 4] = [Self::Bare, Self::Full, Self::Readout, Self::BareReadout];

    /// Lists every form in either direction.
    pub(crate) fn both_ways() -> impl Iterator<Item = (Self, Direction)> {
        Self::ALL.into_iter().flat_map(|form| [(form, Direction::Forward), (form, Direction::Reverse)])
    }
}

impl Case {
    /// Draws a case; `dt` is the typical time step.
    pub(crate) fn random(
        seed: u64,
        lengths: &[usize],
        (e, n): (usize, usize),
        form: Form,
        direction: Direction,
        dt: f64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = |count: usize, scale: f64, shift: f64| -> Vec<f64> {
            let draw = |_| {
                let sum: f64 = (0..6).map(|_| rng.random::<f64>()).sum();
                f64::from(((sum - 3.0) * 1.414 * scale + shift) as f32)
            };
            (0..count).map(draw).collect()
        };
        let segments = Segments::from_lengths(lengths.iter().copied());
        let (t, s) = (segments.tokens(), segments.count());
        let readout = matches!(form, Form::Readout | Form::BareReadout);
        let full = matches!(form, Form::Full | Form::Readout);
        // softplus⁻¹
        let shift = dt.exp_m1().ln();
        let a: Vec<f64> = normal(e * n, 0.6, 0.0)
            .iter()
            .enumerate()
            .map(|(i, x)| -(x.exp() * (1 + i % n) as f64))
            .collect();
        let x = ScanInputs {
            u: normal(t * e, 1.0, 0.0),
            delta: normal(t * e, 0.5, if full { 0.0 } else { shift }),
            a: a.iter().map(|&a| f64::from(a as f32)).collect(),
            b: normal(t * n, 1.0, 0.0),
            c: normal(t * n, 1.0, 0.0),
            d: full.then(|| normal(e, 1.0, 0.0)),
            z: (full && !readout).then(|| normal(t * e, 1.5, 0.0)),
            delta_bias: full.then(|| normal(e, 0.3, shift)),
            h0: full.then(|| normal(s * e * n, 1.0, 0.0)),
        };
        Self {
            x,
            w: readout.then(|| normal(t * e, 0.3, 0.2)),
            size: (e, n),
            dout: Some(normal(if readout { s } else { t } * e, 1.0, 0.0)),
            dh_last: Some(normal(s * e * n, 1.0, 0.0)),
            dk: readout.then(|| normal(s * e * n, 1.0, 0.0)),
            segments,
            direction,
        }
    }

    pub(crate) fn problem(&self) -> Problem<'_, f64> {
        let x = self.x.as_ref().map(Vec::as_slice);
        Problem::new(x, self.w.as_deref(), self.size, &self.segments, self.direction).unwrap()
    }

    pub(crate) fn by(&self) -> OutputGradients<'_, f64> {
        OutputGradients { out: self.dout.as_deref(), h_last: self.dh_last.as_deref(), k: self.dk.as_deref() }
    }
}
