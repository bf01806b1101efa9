//! Puts the smaller operations of a CUDA card on candle's graph.

use candle_core::{CudaStorage, DType, Result, Shape, Storage, Tensor, bail};

use super::Card;
use crate::nn::Indices;
use crate::nn::ops::card::desk::{CardOp, Desk, Lies};
use crate::nn::ops::card::{Launch, Number};
use crate::nn::ops::nary::{self, NaryOp};

/// Runs the kernels and puts them on the graph; what they cannot count is computed by the composite.
pub(crate) fn apply<O: CardOp>(op: O, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let dims: Vec<&[usize]> = x.iter().map(|x| x.dims()).collect();
    let alike = x.iter().all(|other| other.dtype() == x[0].dtype());
    if !alike || !op.fits(&dims) {
        return op.composite(x);
    }
    Ok(nary::apply(OnGraph(op), x)?)
}

struct OnGraph<O>(O);

impl<O: CardOp> NaryOp for OnGraph<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let mut work = Work::new(O::NAME, inputs, Memory::Storages(Vec::new()))?;
        let x = work.take(inputs)?;
        let outputs = self.0.forward(&mut work, &x)?;
        let Memory::Storages(mut memory) = work.memory else { return foreign() };
        let give = |out: Lies| match memory.iter().position(|(at, _)| *at == out.at) {
            Some(place) => Ok((Storage::Cuda(memory.swap_remove(place).1), out.dims.into())),
            None => foreign(),
        };
        outputs.into_iter().map(give).collect()
    }

    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let mut work = Work::new(O::NAME, inputs, Memory::Tensors(Vec::new()))?;
        let x = work.take(inputs)?;
        let grads = grads.iter().map(|grad| work.address(grad.as_ref())).collect::<Result<Vec<_>>>()?;
        let gradients = self.0.backward(&mut work, &x, &grads)?;
        let Memory::Tensors(memory) = work.memory else { return foreign() };
        let give = |(at, x): (Option<u64>, &Tensor)| -> Result<Option<Tensor>> {
            let Some(at) = at else { return Ok(None) };
            match memory.iter().find(|(own, _)| *own == at) {
                // An allocation has at least one number.
                Some((_, memory)) => Ok(Some(memory.narrow(0, 0, x.elem_count())?.reshape(x.shape())?)),
                None => foreign(),
            }
        };
        gradients.into_iter().zip(inputs).map(give).collect()
    }
}

fn foreign<T>() -> Result<T> {
    bail!("an operation of a card gave memory that is not its own")
}

/// What was allocated, by its address: outputs leave as storages, gradients as tensors.
enum Memory {
    Storages(Vec<(u64, CudaStorage)>),
    Tensors(Vec<(u64, Tensor)>),
}

/// One call on a card. It keeps what its launches use until all of them are in the stream.
struct Work {
    card: Card,
    number: Number,
    dtype: DType,
    memory: Memory,
    tensors: Vec<Tensor>,
}

impl Work {
    fn new(name: &str, inputs: &[Tensor], memory: Memory) -> Result<Self> {
        let (card, dtype) = (Card::of(&inputs[0])?, inputs[0].dtype());
        let Some(number) = Number::of(dtype) else { bail!("{name}: no kernel for {dtype:?}") };
        Ok(Self { card, number, dtype, memory, tensors: Vec::new() })
    }

    /// Says where the inputs lie.
    fn take(&mut self, inputs: &[Tensor]) -> Result<Vec<Lies>> {
        let lies = |x: &Tensor| -> Result<Lies> {
            Ok(Lies { at: self.address(Some(x))?.unwrap_or(0), dims: x.dims().to_vec() })
        };
        inputs.iter().map(lies).collect()
    }

    fn address(&mut self, x: Option<&Tensor>) -> Result<Option<u64>> {
        let Some(x) = x else { return Ok(None) };
        let x = self.card.aligned(x, self.dtype)?;
        let at = self.card.address_of(&x)?;
        self.tensors.push(x);
        Ok(Some(at))
    }
}

impl Desk for Work {
    fn number(&self) -> Number {
        self.number
    }

    fn alloc(&mut self, number: Number, count: usize) -> Result<u64> {
        Ok(match &mut self.memory {
            Memory::Storages(all) => {
                let own = self.card.alloc(count, number.dtype())?;
                let at = self.card.address(&own)?;
                all.push((at, own));
                at
            }
            Memory::Tensors(all) => {
                let own = self.card.tensor(&Shape::from(count.max(1)), number.dtype())?;
                let at = self.card.address_of(&own)?;
                all.push((at, own));
                at
            }
        })
    }

    fn positions(&mut self, of: &Indices) -> Result<u64> {
        if of.is_empty() {
            return Ok(0);
        }
        let tensor = of.tensor(&self.card.device());
        let tensor = tensor.map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        let at = self.card.address_of(&tensor)?;
        self.tensors.push(tensor);
        Ok(at)
    }

    fn launch(&mut self, launch: Launch) -> Result<()> {
        self.card.launch(&[launch])
    }
}
