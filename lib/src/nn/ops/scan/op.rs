//! Puts the scan on candle's graph.

use std::any::Any;
use std::sync::OnceLock;

use candle_core::{CpuStorage, DType, Shape, Storage, Tensor, WithDType, bail};

use super::cpu::{self, Instructions};
use super::{Gradients, OutputGradients, Outputs, Problem, ScanInputs, reference};
use crate::Result;
use crate::nn::ops::nary::{self, NaryOp};
use crate::nn::{Direction, Segments};

/// Scans packed sequences; differentiable in every input, through both outputs.
///
/// # Shapes
///
/// Inputs as in [`ScanInputs`], all f32 or all f64, on the CPU. Returns `out` (t, e) and `h_last` (s, e, n); the
/// final state of an empty segment is its initial one.
///
/// # Errors
///
/// If shapes or types do not fit together.
pub fn scan(
    inputs: &ScanInputs<Tensor>,
    segments: &Segments,
    direction: Direction,
) -> Result<(Tensor, Tensor)> {
    let [out, h_last] = apply(inputs, None, segments, direction)?;
    Ok((out, h_last))
}

/// Reads packed sequences out: pools the scan's output with the weights `w` and returns how the pool depends on
/// the initial state; differentiable in every input, through all outputs.
///
/// # Shapes
///
/// Inputs as in [`ScanInputs`] without `z`, and `w` (t, e), which may depend on the scanned sequence only (for
/// the mean of gated outputs, `silu(z) / length`). Returns `pool` (s, e), `h_last` (s, e, n) and `K` (s, e, n).
///
/// # Errors
///
/// If shapes or types do not fit together, or a gate `z` is given.
pub fn scan_readout(
    inputs: &ScanInputs<Tensor>,
    w: &Tensor,
    segments: &Segments,
    direction: Direction,
) -> Result<(Tensor, Tensor, Tensor)> {
    let [pool, h_last, k] = apply(inputs, Some(w), segments, direction)?;
    Ok((pool, h_last, k))
}

fn apply<const OUTPUTS: usize>(
    inputs: &ScanInputs<Tensor>,
    w: Option<&Tensor>,
    segments: &Segments,
    direction: Direction,
) -> Result<[Tensor; OUTPUTS]> {
    let (e, n) = inputs.a.dims2()?;
    let (t, s) = (segments.tokens(), segments.count());
    let shapes = ScanInputs {
        u: vec![t, e],
        delta: vec![t, e],
        a: vec![e, n],
        b: vec![t, n],
        c: vec![t, n],
        d: inputs.d.as_ref().map(|_| vec![e]),
        z: inputs.z.as_ref().map(|_| vec![t, e]),
        delta_bias: inputs.delta_bias.as_ref().map(|_| vec![e]),
        h0: inputs.h0.as_ref().map(|_| vec![s, e, n]),
    };
    let mut all: Vec<Tensor> = Vec::new();
    let weights_shape = vec![t, e];
    let shapes = shapes.into_vec().into_iter().chain([weights_shape]);
    for (x, shape) in inputs.as_ref().into_vec().into_iter().chain(w).zip(shapes) {
        if x.dims() != shape || x.dtype() != inputs.u.dtype() {
            let (found, wanted) = ((x.dtype(), x.dims()), (inputs.u.dtype(), &shape));
            let problem = format!("an input is {found:?} where {wanted:?} is expected");
            return Err(crate::Error::defect("scan", problem));
        }
        all.push(x.contiguous()?);
    }
    let op = ScanOp {
        differentiable: all.iter().any(Tensor::track_op),
        saved: OnceLock::new(),
        present: inputs.as_ref().map(|_| ()),
        readout: w.is_some(),
        e,
        n,
        segments: segments.clone(),
        direction,
    };
    let outputs = nary::apply(op, &all.iter().collect::<Vec<_>>())?;
    let count = outputs.len();
    outputs.try_into().map_err(|_| crate::Error::defect("scan", format!("{count} outputs")))
}

struct ScanOp {
    /// Whether any input is on a graph.
    differentiable: bool,
    saved: OnceLock<Box<dyn Any + Send + Sync>>,
    present: ScanInputs<()>,
    readout: bool,
    e: usize,
    n: usize,
    segments: Segments,
    direction: Direction,
}

/// A number type that has kernels.
trait Kernels: WithDType {
    /// What the forward keeps for the backward.
    type Saved: Send + Sync + 'static;
    fn forward(p: &Problem<'_, Self>) -> Outputs<Self>;
    fn forward_saving(p: &Problem<'_, Self>) -> (Outputs<Self>, Self::Saved);
    fn backward(
        p: &Problem<'_, Self>,
        saved: &Self::Saved,
        by: &OutputGradients<'_, Self>,
    ) -> Gradients<Self>;
}

impl Kernels for f64 {
    type Saved = ();
    fn forward(p: &Problem<'_, Self>) -> Outputs<Self> {
        reference::forward(p)
    }
    fn forward_saving(p: &Problem<'_, Self>) -> (Outputs<Self>, ()) {
        (reference::forward(p), ())
    }
    fn backward(p: &Problem<'_, Self>, (): &(), by: &OutputGradients<'_, Self>) -> Gradients<Self> {
        reference::backward(p, by)
    }
}

impl Kernels for f32 {
    type Saved = cpu::Saved;
    fn forward(p: &Problem<'_, Self>) -> Outputs<Self> {
        cpu::forward(p, Instructions::best())
    }
    fn forward_saving(p: &Problem<'_, Self>) -> (Outputs<Self>, cpu::Saved) {
        cpu::forward_saving(p, Instructions::best())
    }
    fn backward(
        p: &Problem<'_, Self>,
        saved: &cpu::Saved,
        by: &OutputGradients<'_, Self>,
    ) -> Gradients<Self> {
        cpu::backward(p, saved, by)
    }
}

impl NaryOp for ScanOp {
    fn name(&self) -> &'static str {
        if self.readout { "scan-readout" } else { "scan" }
    }

    fn forward(&self, inputs: &[Tensor]) -> candle_core::Result<Vec<(Storage, Shape)>> {
        match inputs[0].dtype() {
            DType::F32 => self.run_forward::<f32>(inputs),
            DType::F64 => self.run_forward::<f64>(inputs),
            dtype => bail!("{}: no kernel for {dtype:?}", self.name()),
        }
    }

    fn backward(
        &self,
        inputs: &[Tensor],
        grads: &[Option<Tensor>],
    ) -> candle_core::Result<Vec<Option<Tensor>>> {
        match inputs[0].dtype() {
            DType::F32 => self.run_backward::<f32>(inputs, grads),
            DType::F64 => self.run_backward::<f64>(inputs, grads),
            dtype => bail!("{}: no kernel for {dtype:?}", self.name()),
        }
    }
}

impl ScanOp {
    fn run_forward<F: Kernels>(&self, inputs: &[Tensor]) -> candle_core::Result<Vec<(Storage, Shape)>> {
        let outputs = with_slices(inputs, |slices| {
            let problem = self.problem(slices)?;
            if !self.differentiable {
                return Ok(F::forward(&problem));
            }
            let (outputs, saved) = F::forward_saving(&problem);
            // Set once: an operation runs forward once.
            let _ = self.saved.set(Box::new(saved));
            Ok(outputs)
        })?;
        let s = self.segments.count();
        let rows = if self.readout { s } else { self.segments.tokens() };
        let mut all = vec![store(outputs.out, (rows, self.e)), store(outputs.h_last, (s, self.e, self.n))];
        if self.readout {
            all.push(store(outputs.k, (s, self.e, self.n)));
        }
        Ok(all)
    }

    fn run_backward<F: Kernels>(
        &self,
        inputs: &[Tensor],
        grads: &[Option<Tensor>],
    ) -> candle_core::Result<Vec<Option<Tensor>>> {
        let mut given = Vec::new();
        for grad in grads.iter().flatten() {
            given.push(grad.contiguous()?);
        }
        let Some(saved) = self.saved.get().and_then(|saved| saved.downcast_ref::<F::Saved>()) else {
            bail!("{}: the forward kept nothing", self.name())
        };
        let gradients = with_slices(&given, |given: &[&[F]]| {
            let mut given = given.iter().copied();
            let mut next = |at: usize| grads.get(at).and_then(Option::as_ref).and_then(|_| given.next());
            let by = OutputGradients { out: next(0), h_last: next(1), k: next(2) };
            with_slices(inputs, |slices| Ok(F::backward(&self.problem(slices)?, saved, &by)))
        })?;
        gradients
            .x
            .into_vec()
            .into_iter()
            .chain(gradients.w)
            .zip(inputs)
            .map(|(grad, x)| Tensor::from_vec(grad, x.shape(), x.device()).map(Some))
            .collect()
    }

    fn problem<'a, F>(&'a self, slices: &[&'a [F]]) -> candle_core::Result<Problem<'a, F>> {
        let mut slices = slices.iter().copied();
        let mut next = || slices.next().unwrap_or_default();
        let x = self.present.clone().map(|()| next());
        let w = self.readout.then(next);
        Problem::new(x, w, (self.e, self.n), &self.segments, self.direction)
            .map_err(|error| candle_core::Error::Msg(error.to_string()))
    }
}

fn store<F: Kernels>(values: Vec<F>, shape: impl Into<Shape>) -> (Storage, Shape) {
    (Storage::Cpu(F::to_cpu_storage_owned(values)), shape.into())
}

/// Calls `f` with the values of contiguous CPU tensors, in place.
fn with_slices<F: WithDType, R>(
    tensors: &[Tensor],
    f: impl FnOnce(&[&[F]]) -> candle_core::Result<R>,
) -> candle_core::Result<R> {
    let held: Vec<_> = tensors.iter().map(Tensor::storage_and_layout).collect();
    let mut slices = Vec::with_capacity(held.len());
    for (storage, layout) in &held {
        let Storage::Cpu(storage) = &**storage else { bail!("scan: a tensor is not on the CPU") };
        let Some((start, end)) = layout.contiguous_offsets() else { bail!("scan: a tensor has gaps") };
        slices.push(&cpu_slice::<F>(storage)?[start..end]);
    }
    f(&slices)
}

fn cpu_slice<F: WithDType>(storage: &CpuStorage) -> candle_core::Result<&[F]> {
    storage.as_slice::<F>()
}
