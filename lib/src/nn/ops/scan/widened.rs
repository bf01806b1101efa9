//! Runs f32 scans through the f64 reference.

use super::{Gradients, OutputGradients, Outputs, Problem, ScanInputs, reference};

pub(super) fn forward(p: &Problem<'_, f32>) -> Outputs<f32> {
    let wide = Wide::new(p);
    let y = reference::forward(&wide.problem(p));
    Outputs { out: narrow(&y.out), h_last: narrow(&y.h_last), k: narrow(&y.k) }
}

pub(super) fn backward(p: &Problem<'_, f32>, by: &OutputGradients<'_, f32>) -> Gradients<f32> {
    let wide = Wide::new(p);
    let [out, h_last, k] = [by.out, by.h_last, by.k].map(|g| g.map(widen));
    let by = OutputGradients { out: out.as_deref(), h_last: h_last.as_deref(), k: k.as_deref() };
    let g = reference::backward(&wide.problem(p), &by);
    Gradients { x: g.x.map(|g| narrow(&g)), w: g.w.map(|g| narrow(&g)) }
}

struct Wide {
    x: ScanInputs<Vec<f64>>,
    w: Option<Vec<f64>>,
}

impl Wide {
    fn new(p: &Problem<'_, f32>) -> Self {
        Self { x: p.x.clone().map(widen), w: p.w.map(widen) }
    }

    fn problem<'a>(&'a self, p: &Problem<'a, f32>) -> Problem<'a, f64> {
        Problem {
            x: self.x.as_ref().map(Vec::as_slice),
            w: self.w.as_deref(),
            e: p.e,
            n: p.n,
            segments: p.segments,
            direction: p.direction,
        }
    }
}

fn widen(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

fn narrow(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}
