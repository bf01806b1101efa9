//! Lets a kernel of the CPU be written as loops over slices.

use candle_core::{DType, Result, Shape, Storage, Tensor, WithDType, bail};

use super::dispatch::Operation;
use super::nary::{self, NaryOp};
use super::real::Real;

/// An operation as loops over slices. Inputs are row-major without gaps.
pub(crate) trait SliceOp: Operation {
    /// Computes all outputs.
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>>;

    /// Computes one gradient per input (`None`: no gradient) from those of the outputs (`None`: zero).
    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>>;
}

/// A tensor's values and shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a, F> {
    pub(crate) values: &'a [F],
    pub(crate) dims: &'a [usize],
}

impl<F> View<'_, F> {
    /// Returns the product of all dimensions but the first.
    pub(crate) fn row(&self) -> usize {
        self.dims[1..].iter().product()
    }
}

/// Runs the loops and puts them on the graph.
pub(crate) fn apply<O: SliceOp>(op: O, inputs: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let inputs = inputs.iter().map(|x| x.contiguous()).collect::<Result<Vec<_>>>()?;
    Ok(nary::apply(Adapter(op), &inputs.iter().collect::<Vec<_>>())?)
}

struct Adapter<O>(O);

impl<O: SliceOp> NaryOp for Adapter<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        match inputs[0].dtype() {
            DType::F32 => forward::<f32, O>(&self.0, inputs),
            DType::F64 => forward::<f64, O>(&self.0, inputs),
            dtype => bail!("{}: no kernel for {dtype:?}", O::NAME),
        }
    }

    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        match inputs[0].dtype() {
            DType::F32 => backward::<f32, O>(&self.0, inputs, grads),
            DType::F64 => backward::<f64, O>(&self.0, inputs, grads),
            dtype => bail!("{}: no kernel for {dtype:?}", O::NAME),
        }
    }
}

fn forward<F: Real, O: SliceOp>(op: &O, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
    let outputs = with_views(inputs, |views| op.forward::<F>(views))?;
    Ok(outputs.into_iter().map(|(v, shape)| (Storage::Cpu(F::to_cpu_storage_owned(v)), shape)).collect())
}

fn backward<F: Real, O: SliceOp>(
    op: &O,
    inputs: &[Tensor],
    grads: &[Option<Tensor>],
) -> Result<Vec<Option<Tensor>>> {
    let given = grads.iter().flatten().map(Tensor::contiguous).collect::<Result<Vec<_>>>()?;
    let computed = with_views(&given, |given| {
        let mut given = given.iter().map(|view| view.values);
        let grads: Vec<_> = grads.iter().map(|grad| grad.as_ref().and_then(|_| given.next())).collect();
        with_views(inputs, |views| op.backward::<F>(views, &grads))
    })?;
    computed
        .into_iter()
        .zip(inputs)
        .map(|(grad, x)| grad.map(|grad| Tensor::from_vec(grad, x.shape(), x.device())).transpose())
        .collect()
}

/// Calls `f` with the values and shapes of contiguous CPU tensors, in place.
pub(crate) fn with_views<F: WithDType, R>(
    tensors: &[Tensor],
    f: impl FnOnce(&[View<'_, F>]) -> Result<R>,
) -> Result<R> {
    let held: Vec<_> = tensors.iter().map(Tensor::storage_and_layout).collect();
    let mut views = Vec::with_capacity(held.len());
    for ((storage, layout), tensor) in held.iter().zip(tensors) {
        let Storage::Cpu(storage) = &**storage else {
            bail!("a kernel of the CPU met a tensor that is not there")
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("a kernel of the CPU met a tensor with gaps")
        };
        views.push(View { values: &storage.as_slice::<F>()?[start..end], dims: tensor.dims() });
    }
    f(&views)
}
