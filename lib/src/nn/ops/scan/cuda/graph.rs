//! Puts the scans of a CUDA card on candle's graph.

use std::sync::OnceLock;

use candle_core::backend::BackendStorage;
use candle_core::{CudaStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};

use super::{Backward, By, Forward, Kept, OnCard, Parts, Size};
use crate::nn::ops::card::Number;
use crate::nn::ops::cuda::Card;
use crate::nn::ops::dispatch::Operation as _;
use crate::nn::ops::nary::{self, NaryOp};
use crate::nn::ops::scan::job::{Form, Scan};
use crate::nn::ops::scan::{Gradients, Outputs};

/// Runs the scans and puts them on the graph.
pub(in crate::nn::ops::scan) fn apply(scan: Scan, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let differentiable = x.iter().any(|x| x.track_op());
    let op = OnGraph { scan, differentiable, kept: OnceLock::new() };
    Ok(nary::apply(op, x)?)
}

/// Says how large a scan is.
pub(in crate::nn::ops::scan) fn size(form: &Form) -> Size {
    let Form { geometry, w, .. } = form;
    let (t, s) = (geometry.segments.tokens(), geometry.segments.count());
    Size { t, s, e: geometry.e, n: geometry.n, readout: w.is_some() }
}

struct OnGraph {
    scan: Scan,
    /// Whether any input is on a graph.
    differentiable: bool,
    /// States and times that the forward keeps, scan by scan.
    kept: OnceLock<Vec<[CudaStorage; 2]>>,
}

impl NaryOp for OnGraph {
    fn name(&self) -> &'static str {
        Scan::NAME
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let card = Card::of(&inputs[0])?;
        let (number, dtype) = number(inputs)?;
        let inputs = self.prepare(&card, inputs)?;
        let (mut jobs, mut outputs, mut all_kept) = (Vec::new(), Vec::new(), Vec::new());
        for (form, scan) in self.scan.0.iter().zip(self.scans(&card, &inputs)?) {
            let size = scan.size;
            let out = card.alloc(shape(form.geometry.out(size.readout)).elem_count(), dtype)?;
            let states = || card.alloc(size.s * size.e * size.n, DType::F32);
            let h_last = states()?;
            let k = if size.readout { Some(states()?) } else { None };
            let to = Outputs {
                out: card.address(&out)?,
                h_last: card.address(&h_last)?,
                k: k.as_ref().map(|k| card.address(k)).transpose()?,
            };
            let mut kept = None;
            if self.differentiable {
                let [states, times] = size.kept();
                let memory = [card.alloc(states, DType::F32)?, card.alloc(times, DType::F32)?];
                kept = Some(places(&card, &memory)?);
                all_kept.push(memory);
            }
            jobs.push(Forward { scan, to, kept });
            outputs.push((form.geometry.out(size.readout), form.geometry.states(), out, h_last, k));
        }
        let launches =
            super::forward(number, &jobs).map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        card.launch(&launches)?;
        // Set once: an operation runs forward once.
        let _ = self.kept.set(all_kept);
        let mut all = Vec::new();
        for (out_shape, states, out, h_last, k) in outputs {
            all.push((Storage::Cuda(out), shape(out_shape)));
            for x in [Some(h_last), k].into_iter().flatten() {
                let shape = shape(states);
                let x = if dtype == DType::F32 { x } else { x.to_dtype(&Layout::contiguous(&shape), dtype)? };
                all.push((Storage::Cuda(x), shape));
            }
        }
        Ok(all)
    }

    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let card = Card::of(&inputs[0])?;
        let (number, dtype) = number(inputs)?;
        let Some(kept) = self.kept.get().filter(|kept| kept.len() == self.scan.0.len()) else {
            bail!("{}: the forward kept nothing", self.name())
        };
        let prepared = self.prepare(&card, inputs)?;
        let mut grads = grads.iter();
        let mut given = Vec::new();
        let mut next = |dtype| -> Result<Option<u64>> {
            let Some(Some(grad)) = grads.next() else { return Ok(None) };
            let grad = card.aligned(grad, dtype)?;
            let address = card.address_of(&grad)?;
            given.push(grad);
            Ok(Some(address))
        };
        let (mut jobs, mut gradients, mut memory) = (Vec::new(), Vec::new(), Vec::new());
        for ((form, scan), kept) in self.scan.0.iter().zip(self.scans(&card, &prepared)?).zip(kept) {
            let readout = scan.size.readout;
            let by = By {
                out: next(dtype)?,
                h_last: next(DType::F32)?,
                k: if readout { next(DType::F32)? } else { None },
            };
            let like = |at: usize| card.tensor(prepared[at].shape(), prepared[at].dtype());
            let mut failed = None;
            let mut address = |at: usize| match like(at).and_then(|x| Ok((card.address_of(&x)?, x))) {
                Ok((address, x)) => {
                    gradients.push(x);
                    address
                }
                Err(error) => {
                    failed = Some(error);
                    0
                }
            };
            let to = Gradients { x: form.x.clone().map(&mut address), w: form.w.map(&mut address) };
            if let Some(error) = failed {
                return Err(error);
            }
            let mut parts = [0; 4];
            for (part, count) in parts.iter_mut().zip(scan.size.parts()) {
                let own = card.alloc(count, DType::F32)?;
                *part = card.address(&own)?;
                memory.push(own);
            }
            let [tokens, rates, skips, biases] = parts;
            let parts = Parts { tokens, rates, skips, biases };
            jobs.push(Backward { scan, kept: places(&card, kept)?, by, to, parts });
        }
        let launches =
            super::backward(number, &jobs).map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        card.launch(&launches)?;
        gradients.into_iter().map(|x| x.to_dtype(dtype).map(Some)).collect()
    }
}

impl OnGraph {
    /// Gives the inputs as the kernels want them: without gaps, and those of the channels and states in f32.
    fn prepare(&self, card: &Card, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut wide = vec![false; inputs.len()];
        for Form { x, .. } in &self.scan.0 {
            for at in [Some(x.a), x.d, x.delta_bias, x.h0].into_iter().flatten() {
                wide[at] = true;
            }
        }
        let each = inputs.iter().zip(wide);
        each.map(|(x, wide)| card.aligned(x, if wide { DType::F32 } else { x.dtype() })).collect()
    }

    /// Says where everything lies.
    fn scans(&self, card: &Card, inputs: &[Tensor]) -> Result<Vec<OnCard>> {
        let addresses = inputs.iter().map(|x| card.address_of(x)).collect::<Result<Vec<_>>>()?;
        let scan = |form: &Form| {
            let bounds = form.geometry.segments.bounds().tensor(inputs[0].device());
            let bounds = bounds.map_err(|error| candle_core::Error::Msg(error.to_string()))?;
            Ok(OnCard {
                x: form.x.clone().map(|at| addresses[at]),
                w: form.w.map(|at| addresses[at]),
                // The segments, which the operation keeps, keep their copy on the card.
                offsets: card.address_of(&bounds)?,
                size: size(form),
                direction: form.geometry.direction,
            })
        };
        self.scan.0.iter().map(scan).collect()
    }
}

fn number(inputs: &[Tensor]) -> Result<(Number, DType)> {
    let dtype = inputs[0].dtype();
    match Number::of(dtype) {
        Some(number) => Ok((number, dtype)),
        None => bail!("{}: no kernel for {dtype:?}", Scan::NAME),
    }
}

fn places(card: &Card, [states, times]: &[CudaStorage; 2]) -> Result<Kept> {
    Ok(Kept { states: card.address(states)?, times: card.address(times)? })
}

fn shape(shape: impl Into<Shape>) -> Shape {
    shape.into()
}
