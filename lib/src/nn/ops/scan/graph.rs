//! Puts the scans of the CPU on candle's graph.

use std::sync::OnceLock;

use candle_core::{DType, Result, Shape, Storage, Tensor, WithDType, bail};

use super::cpu;
use super::job::{Form, Scan};
use super::{Gradients, OutputGradients, Outputs, Problem, reference};
use crate::nn::ops::dispatch::Operation as _;
use crate::nn::ops::nary::{self, NaryOp};
use crate::nn::ops::slices::with_views;
use crate::simd::Instructions;

/// Runs the scans and puts them on the graph.
pub(super) fn apply(scan: Scan, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let x = x.iter().map(|x| x.contiguous()).collect::<Result<Vec<_>>>()?;
    let differentiable = x.iter().any(Tensor::track_op);
    let op = OnCpu { scan, instructions: Instructions::chosen()?, differentiable, saved: OnceLock::new() };
    Ok(nary::apply(op, &x.iter().collect::<Vec<_>>())?)
}

struct OnCpu {
    scan: Scan,
    instructions: Instructions,
    /// Whether any input is on a graph.
    differentiable: bool,
    saved: OnceLock<Saved>,
}

/// What the forward keeps for the backward, by the kernels that made it.
enum Saved {
    /// The reference computes everything again.
    Nothing,
    /// The vectorised kernels keep cuts and states.
    Vectorised(cpu::Saved),
}

/// A number type that has kernels.
trait Kernels: WithDType {
    fn forward(p: &[Problem<'_, Self>], instructions: Instructions) -> Vec<Outputs<Vec<Self>>>;
    fn forward_saving(
        p: &[Problem<'_, Self>],
        instructions: Instructions,
    ) -> (Vec<Outputs<Vec<Self>>>, Saved);
    fn backward(
        p: &[Problem<'_, Self>],
        saved: &Saved,
        by: &[OutputGradients<'_, Self>],
    ) -> Option<Vec<Gradients<Vec<Self>>>>;
}

impl Kernels for f64 {
    fn forward(p: &[Problem<'_, Self>], _: Instructions) -> Vec<Outputs<Vec<Self>>> {
        p.iter().map(reference::forward).collect()
    }
    fn forward_saving(p: &[Problem<'_, Self>], _: Instructions) -> (Vec<Outputs<Vec<Self>>>, Saved) {
        (p.iter().map(reference::forward).collect(), Saved::Nothing)
    }
    fn backward(
        p: &[Problem<'_, Self>],
        saved: &Saved,
        by: &[OutputGradients<'_, Self>],
    ) -> Option<Vec<Gradients<Vec<Self>>>> {
        let Saved::Nothing = saved else { return None };
        Some(p.iter().zip(by).map(|(p, by)| reference::backward(p, by)).collect())
    }
}

impl Kernels for f32 {
    fn forward(p: &[Problem<'_, Self>], instructions: Instructions) -> Vec<Outputs<Vec<Self>>> {
        cpu::forward(p, instructions)
    }
    fn forward_saving(
        p: &[Problem<'_, Self>],
        instructions: Instructions,
    ) -> (Vec<Outputs<Vec<Self>>>, Saved) {
        let (outputs, saved) = cpu::forward_saving(p, instructions);
        (outputs, Saved::Vectorised(saved))
    }
    fn backward(
        p: &[Problem<'_, Self>],
        saved: &Saved,
        by: &[OutputGradients<'_, Self>],
    ) -> Option<Vec<Gradients<Vec<Self>>>> {
        let Saved::Vectorised(saved) = saved else { return None };
        Some(cpu::backward(p, saved, by))
    }
}

impl NaryOp for OnCpu {
    fn name(&self) -> &'static str {
        Scan::NAME
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        match inputs[0].dtype() {
            DType::F32 => self.run_forward::<f32>(inputs),
            DType::F64 => self.run_forward::<f64>(inputs),
            dtype => bail!("{}: no kernel for {dtype:?}", self.name()),
        }
    }

    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        match inputs[0].dtype() {
            DType::F32 => self.run_backward::<f32>(inputs, grads),
            DType::F64 => self.run_backward::<f64>(inputs, grads),
            dtype => bail!("{}: no kernel for {dtype:?}", self.name()),
        }
    }
}

impl OnCpu {
    fn run_forward<F: Kernels>(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let outputs = self.with_problems(inputs, |problems| {
            if !self.differentiable {
                return Ok(F::forward(problems, self.instructions));
            }
            let (outputs, saved) = F::forward_saving(problems, self.instructions);
            // Set once: an operation runs forward once.
            let _ = self.saved.set(saved);
            Ok(outputs)
        })?;
        let mut all = Vec::new();
        for (form, outputs) in self.scan.0.iter().zip(outputs) {
            let states = form.geometry.states();
            all.push(store(outputs.out, form.geometry.out(form.w.is_some())));
            all.push(store(outputs.h_last, states));
            all.extend(outputs.k.map(|k| store(k, states)));
        }
        Ok(all)
    }

    fn run_backward<F: Kernels>(
        &self,
        inputs: &[Tensor],
        grads: &[Option<Tensor>],
    ) -> Result<Vec<Option<Tensor>>> {
        let given = grads.iter().flatten().map(Tensor::contiguous).collect::<Result<Vec<_>>>()?;
        let Some(saved) = self.saved.get() else { bail!("{}: the forward kept nothing", self.name()) };
        let gradients = with_views(&given, |given| {
            let mut given = given.iter().map(|view| view.values);
            let mut grads = grads.iter();
            let mut next = || grads.next().and_then(Option::as_ref).and_then(|_| given.next());
            let by: Vec<OutputGradients<'_, F>> = (self.scan.0.iter())
                .map(|form| OutputGradients { out: next(), h_last: next(), k: form.w.and_then(|_| next()) })
                .collect();
            self.with_problems(inputs, |problems| match F::backward(problems, saved, &by) {
                Some(gradients) => Ok(gradients),
                None => bail!("{}: another kernel ran forward", self.name()),
            })
        })?;
        (gradients.into_iter().flat_map(|gradients| gradients.x.into_vec().into_iter().chain(gradients.w)))
            .zip(inputs)
            .map(|(grad, x)| Tensor::from_vec(grad, x.shape(), x.device()).map(Some))
            .collect()
    }

    /// Calls `f` with the scans over the values of the inputs.
    fn with_problems<F: WithDType, R>(
        &self,
        inputs: &[Tensor],
        f: impl FnOnce(&[Problem<'_, F>]) -> Result<R>,
    ) -> Result<R> {
        with_views(inputs, |views| {
            let values = |at: usize| views[at].values;
            let mut problems = Vec::with_capacity(self.scan.0.len());
            for Form { x, w, geometry } in &self.scan.0 {
                let (x, size) = (x.clone().map(values), (geometry.e, geometry.n));
                let problem = Problem::new(x, w.map(values), size, &geometry.segments, geometry.direction);
                problems.push(problem.map_err(|error| candle_core::Error::Msg(error.to_string()))?);
            }
            f(&problems)
        })
    }
}

fn store<F: Kernels>(values: Vec<F>, shape: impl Into<Shape>) -> (Storage, Shape) {
    (Storage::Cpu(F::to_cpu_storage_owned(values)), shape.into())
}
