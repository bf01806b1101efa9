//! Puts the scans of a CUDA card on candle's graph.

use std::sync::OnceLock;

use candle_core::backend::BackendStorage;
use candle_core::{CudaStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};

use super::{Backward, By, Chunks, Forward, Kept, OnCard, Parts, Size, Split};
use crate::nn::Indices;
use crate::nn::ops::card::Number;
use crate::nn::ops::cuda::Card;
use crate::nn::ops::dispatch::Operation as _;
use crate::nn::ops::nary::{self, NaryOp};
use crate::nn::ops::scan::job::{Form, Scan};
use crate::nn::ops::scan::{Gradients, Outputs};

/// Runs the scans and puts them on the graph.
pub(in crate::nn::ops::scan) fn apply(scan: Scan, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let differentiable = x.iter().any(|x| x.track_op());
    let cuts = scan.0.iter().map(cut).collect();
    let op = OnGraph { scan, cuts, differentiable, kept: OnceLock::new() };
    Ok(nary::apply(op, x)?)
}

/// Cuts a scan into chunks, if that pays.
fn cut(form: &Form) -> Option<Chunks> {
    if form.w.is_some() {
        return None;
    }
    Chunks::where_they_pay(&form.geometry.segments, form.geometry.e)
}

/// Says how large a scan is, of chunks if it is cut.
pub(in crate::nn::ops::scan) fn size(form: &Form) -> Size {
    let chunks = cut(form);
    let Form { geometry, w, .. } = form;
    let segments = chunks.as_ref().map_or(&geometry.segments, |cut| &cut.chunks);
    let longest = segments.ranges().map(|range| range.len()).max().unwrap_or(0);
    let (t, s) = (segments.tokens(), segments.count());
    Size { t, s, e: geometry.e, n: geometry.n, longest, readout: w.is_some() }
}

struct OnGraph {
    scan: Scan,
    /// The chunks of each scan that is cut; they keep their copies on the card.
    cuts: Vec<Option<Chunks>>,
    /// Whether any input is on a graph.
    differentiable: bool,
    /// What the forward keeps, scan by scan.
    kept: OnceLock<Vec<Memory>>,
}

/// What the forward of a scan keeps: states and times by tiles, and the first states of chunks.
struct Memory {
    tiles: [CudaStorage; 2],
    chunks: Option<CudaStorage>,
}

impl NaryOp for OnGraph {
    fn name(&self) -> &'static str {
        Scan::NAME
    }

    fn forward(&self, given: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let card = Card::of(&given[0])?;
        let (number, dtype) = number(given)?;
        let inputs = self.prepare(&card, given)?;
        let (mut jobs, mut outputs, mut all_kept, mut passing) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (form, mut scan) in self.scan.0.iter().zip(self.scans(&card, &inputs)?) {
            let size = scan.size;
            let mut chunks = None;
            if let Some(split) = &mut scan.split {
                let [states, times] = split_memory(&card, size)?;
                (split.states, split.times) = (card.address(&states)?, card.address(&times)?);
                chunks = Some(states);
                passing.push(times);
            }
            let out = card.alloc(shape(form.geometry.out(size.readout)).elem_count(), dtype)?;
            let states = || card.alloc(shape(form.geometry.states()).elem_count(), DType::F32);
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
                let tiles = [card.alloc(states, DType::F32)?, card.alloc(times, DType::F32)?];
                kept = Some(places(&card, &tiles)?);
                all_kept.push(Memory { tiles, chunks });
            } else {
                passing.extend(chunks);
            }
            jobs.push(Forward { scan, to, kept });
            let wide = given[form.x.a].dtype();
            outputs.push((form.geometry.out(size.readout), form.geometry.states(), wide, out, h_last, k));
        }
        let launches =
            super::forward(number, &jobs).map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        card.launch(&launches)?;
        // Set once: an operation runs forward once.
        let _ = self.kept.set(all_kept);
        let mut all = Vec::new();
        for (out_shape, states, dtype, out, h_last, k) in outputs {
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
        for ((form, mut scan), kept) in self.scan.0.iter().zip(self.scans(&card, &prepared)?).zip(kept) {
            if let (Some(split), Some(states)) = (&mut scan.split, &kept.chunks) {
                let [gradients, times] = split_memory(&card, scan.size)?;
                split.states = card.address(states)?;
                (split.gradients, split.times) = (card.address(&gradients)?, card.address(&times)?);
                memory.extend([gradients, times]);
            }
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
            jobs.push(Backward { scan, kept: places(&card, &kept.tiles)?, by, to, parts });
        }
        let launches =
            super::backward(number, &jobs).map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        card.launch(&launches)?;
        gradients.into_iter().zip(inputs).map(|(x, input)| x.to_dtype(input.dtype()).map(Some)).collect()
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
        // What keeps positions keeps their copy on the card.
        let place = |positions: &Indices| {
            let tensor = positions.tensor(inputs[0].device());
            card.address_of(&tensor.map_err(|error| candle_core::Error::Msg(error.to_string()))?)
        };
        let scan = |(form, cut): (&Form, &Option<Chunks>)| {
            let segments = &form.geometry.segments;
            let split = |cut: &Chunks| -> Result<Split> {
                Ok(Split {
                    s: segments.count(),
                    first: place(&cut.first)?,
                    states: 0,
                    gradients: 0,
                    times: 0,
                })
            };
            Ok(OnCard {
                x: form.x.clone().map(|at| addresses[at]),
                w: form.w.map(|at| addresses[at]),
                offsets: place(cut.as_ref().map_or(segments, |cut| &cut.chunks).bounds())?,
                size: size(form),
                split: cut.as_ref().map(split).transpose()?,
                direction: form.geometry.direction,
            })
        };
        self.scan.0.iter().zip(&self.cuts).map(scan).collect()
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

/// Allocates states and times of chunks.
fn split_memory(card: &Card, size: Size) -> Result<[CudaStorage; 2]> {
    let channels = size.s * size.e;
    Ok([card.alloc(channels * size.n, DType::F32)?, card.alloc(channels, DType::F32)?])
}

fn shape(shape: impl Into<Shape>) -> Shape {
    shape.into()
}
