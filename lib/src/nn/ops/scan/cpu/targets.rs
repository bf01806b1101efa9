//! Holds the outputs and the gradients of a scan while tasks fill them.

use super::super::{Gradients, Outputs, Problem, ScanInputs};
use super::backward::GradientPointers;
use super::forward::OutputPointers;
use super::scratch::{Shared, Target};
use super::task::{Call, padded};

/// The outputs of one scan.
pub(super) struct OutputTargets(Outputs<Target>);

impl OutputTargets {
    pub(super) fn new(p: &Problem<'_, f32>) -> Self {
        let (t, s) = (p.segments.tokens(), p.segments.count());
        Self(Outputs {
            out: Target::new(if p.w.is_some() { s } else { t } * p.e),
            h_last: Target::new(s * p.e * p.n),
            k: p.w.map(|_| Target::new(s * p.e * p.n)),
        })
    }

    pub(super) fn pointers(&mut self) -> OutputPointers {
        OutputPointers {
            out: self.0.out.shared(),
            h_last: self.0.h_last.shared(),
            k: self.0.k.as_mut().map_or(Shared::NONE, Target::shared),
        }
    }

    /// # Safety
    ///
    /// The tasks must have run.
    pub(super) unsafe fn written(self) -> Outputs<Vec<f32>> {
        self.0.map(|target| target.written())
    }
}

/// The gradients of one scan, with the sums that each unit collects for itself.
pub(super) struct GradientTargets {
    /// Those by rates, skip weights and bias are sums of units; those by the projections have a part for each range of
    /// channels.
    x: ScanInputs<Target>,
    w: Option<Target>,
    rates: Vec<f32>,
    skip: Vec<f32>,
    bias: Vec<f32>,
}

impl GradientTargets {
    pub(super) fn new(call: &Call<'_>) -> Self {
        let (p, units) = (call.p, call.plan.units.len());
        let mut x = p.x.as_ref().map(|x| Target::new(x.len()));
        let projections = call.ranges() * p.segments.tokens() * p.n;
        x.b = Target::new(projections);
        x.c = Target::new(projections);
        Self {
            x,
            w: p.w.map(|w| Target::new(w.len())),
            rates: vec![0.0; units * call.rates.len()],
            skip: vec![0.0; p.x.d.map_or(0, |_| units * p.e)],
            bias: vec![0.0; p.x.delta_bias.map_or(0, |_| units * p.e)],
        }
    }

    pub(super) fn pointers(&mut self) -> GradientPointers {
        let optional = |target: &mut Option<Target>| target.as_mut().map_or(Shared::NONE, Target::shared);
        let sums =
            |sums: &mut Vec<f32>| if sums.is_empty() { Shared::NONE } else { Shared(sums.as_mut_ptr()) };
        GradientPointers {
            u: self.x.u.shared(),
            delta: self.x.delta.shared(),
            z: optional(&mut self.x.z),
            w: optional(&mut self.w),
            h0: optional(&mut self.x.h0),
            b: self.x.b.shared(),
            c: self.x.c.shared(),
            a: Shared(self.rates.as_mut_ptr()),
            skip: sums(&mut self.skip),
            bias: sums(&mut self.bias),
        }
    }

    /// Adds up the parts.
    ///
    /// # Safety
    ///
    /// The tasks must have run.
    pub(super) unsafe fn written(self, call: &Call<'_>, width: usize) -> Gradients<Vec<f32>> {
        let (p, units, ranges) = (call.p, call.plan.units.len(), call.ranges());
        let x = ScanInputs {
            u: self.x.u.written(),
            delta: self.x.delta.written(),
            a: unpack(&sum_of(self.rates, units), (p.e, p.n), width),
            b: sum_of(self.x.b.written(), ranges),
            c: sum_of(self.x.c.written(), ranges),
            d: p.x.d.map(|_| sum_of(self.skip, units)),
            z: self.x.z.map(|z| z.written()),
            delta_bias: p.x.delta_bias.map(|_| sum_of(self.bias, units)),
            h0: self.x.h0.map(|h0| h0.written()),
        };
        Gradients { x, w: self.w.map(|w| w.written()) }
    }
}

/// Sums equal parts in their order.
fn sum_of(mut parts: Vec<f32>, count: usize) -> Vec<f32> {
    if count > 1 {
        let length = parts.len() / count;
        let (sum, others) = parts.split_at_mut(length);
        for other in others.chunks_exact(length.max(1)) {
            for (sum, x) in sum.iter_mut().zip(other) {
                *sum += x;
            }
        }
        parts.truncate(length);
    }
    parts
}

/// Reads (blocks, padded states, lanes) as (e, n).
fn unpack(x: &[f32], (e, n): (usize, usize), width: usize) -> Vec<f32> {
    let np = padded(n);
    let at = |d: usize, i: usize| (d / width * np + i) * width + d % width;
    (0..e).flat_map(|d| (0..n).map(move |i| x.get(at(d, i)).copied().unwrap_or(0.0))).collect()
}
