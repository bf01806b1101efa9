//! Lets an operation be written once, as loops over slices, for f32 and f64.

use candle_core::{CpuStorage, DType, Result, Shape, Storage, Tensor, WithDType, bail};
use rayon::prelude::*;

use super::nary::{self, NaryOp};

/// Rows per unit of parallel work. It is fixed, so that sums over rows have one order for any number of threads.
const BLOCK: usize = 128;

/// A floating-point number of an operation.
pub(crate) trait Real: WithDType + std::ops::Neg<Output = Self> + Send + Sync {
    const ZERO: Self;
    const ONE: Self;
    fn exp(self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn larger(self, other: Self) -> Self;

    #[inline(always)]
    fn of(x: f64) -> Self {
        Self::from_f64(x)
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }

    /// Gives `x · sigmoid(x)`.
    #[inline(always)]
    fn silu(self) -> Self {
        self * self.sigmoid()
    }

    /// Gives the derivative of [`Real::silu`].
    #[inline(always)]
    fn silu_slope(self) -> Self {
        let s = self.sigmoid();
        s * (Self::ONE + self * (Self::ONE - s))
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn exp(self) -> Self {
        self.exp()
    }
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    fn abs(self) -> Self {
        self.abs()
    }
    fn larger(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    /// Without branches or calls, so that loops over it become vector code: powers of two by their bits, the rest by
    /// the polynomial of Cephes' `expf` (Moshier); at most 2 units in the last place wrong in ±87.
    #[inline(always)]
    fn exp(self) -> Self {
        const MAGIC: f32 = 12_582_912.0;
        let x = self.clamp(-87.3, 88.3);
        let shifted = x * std::f32::consts::LOG2_E + MAGIC;
        let whole = shifted - MAGIC;
        let r = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
        let mut p = 1.987_569_1e-4_f32;
        p = p * r + 1.398_199_9e-3;
        p = p * r + 8.333_452e-3;
        p = p * r + 4.166_579_6e-2;
        p = p * r + 0.166_666_65;
        p = p * r + 0.5;
        let p = p * r * r + r + 1.0;
        // The low bits of `shifted` hold the whole number plus 2²² · 3.
        let power = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23;
        p * f32::from_bits(power)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

/// An operation as loops over slices. Inputs are row-major without gaps.
pub(crate) trait SliceOp: Send + Sync + 'static {
    /// Names the operation in error messages.
    const NAME: &'static str;

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

/// Runs an operation and puts it on the graph.
pub(crate) fn apply<O: SliceOp>(op: O, inputs: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
    let inputs = inputs.iter().map(|x| x.contiguous()).collect::<Result<Vec<_>>>()?;
    Ok(nary::apply(Adapter(op), &inputs.iter().collect::<Vec<_>>())?)
}

/// Runs an operation with one output and puts it on the graph.
pub(crate) fn apply_one<O: SliceOp>(op: O, inputs: &[&Tensor]) -> crate::Result<Tensor> {
    match apply(op, inputs)?.pop() {
        Some(output) => Ok(output),
        None => Err(candle_core::Error::Msg(format!("{}: no output", O::NAME)).into()),
    }
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

/// Calls `f` with the values of contiguous CPU tensors, in place.
fn with_views<F: WithDType, R>(tensors: &[Tensor], f: impl FnOnce(&[View<'_, F>]) -> Result<R>) -> Result<R> {
    let held: Vec<_> = tensors.iter().map(Tensor::storage_and_layout).collect();
    let mut views = Vec::with_capacity(held.len());
    for ((storage, layout), tensor) in held.iter().zip(tensors) {
        let Storage::Cpu(storage) = &**storage else { bail!("a tensor is not on the CPU") };
        let Some((start, end)) = layout.contiguous_offsets() else { bail!("a tensor has gaps") };
        views.push(View { values: &cpu_slice::<F>(storage)?[start..end], dims: tensor.dims() });
    }
    f(&views)
}

fn cpu_slice<F: WithDType>(storage: &CpuStorage) -> Result<&[F]> {
    storage.as_slice::<F>()
}

/// Runs a closure compiled for the widest vectors of this processor; everything it calls must be inlined.
#[inline(always)]
pub(crate) fn simd<R>(f: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(f)
}

/// Fills blocks of rows of `out` in parallel; `fill` gets the first row of its block and the block.
pub(crate) fn fill_rows<F: Real>(out: &mut [F], width: usize, fill: impl Fn(usize, &mut [F]) + Send + Sync) {
    if width == 0 || out.is_empty() {
        return;
    }
    out.par_chunks_mut(BLOCK * width).enumerate().for_each(|(at, block)| fill(at * BLOCK, block));
}

/// Fills blocks of rows of `out` in parallel, and adds up what each block returns, in the order of the blocks.
pub(crate) fn fill_and_sum<F: Real>(
    out: &mut [F],
    width: usize,
    sums: usize,
    fill: impl Fn(usize, &mut [F], &mut [F]) + Send + Sync,
) -> Vec<F> {
    let mut total = vec![F::ZERO; sums];
    if width == 0 || out.is_empty() {
        return total;
    }
    let parts: Vec<Vec<F>> = out
        .par_chunks_mut(BLOCK * width)
        .enumerate()
        .map(|(at, block)| {
            let mut part = vec![F::ZERO; sums];
            fill(at * BLOCK, block, &mut part);
            part
        })
        .collect();
    for part in parts {
        total.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
    total
}

/// Multiplies two slices and adds up, in 16 lanes that the compiler turns into vectors.
#[inline(always)]
pub(crate) fn dot<F: Real>(a: &[F], b: &[F]) -> F {
    let mut lanes = [F::ZERO; 16];
    let (a_blocks, b_blocks) = (a.chunks_exact(16), b.chunks_exact(16));
    let (a_rest, b_rest) = (a_blocks.remainder(), b_blocks.remainder());
    for (a, b) in a_blocks.zip(b_blocks) {
        for lane in 0..16 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let mut width = 8;
    while width > 0 {
        for lane in 0..width {
            let other = lanes[lane + width];
            lanes[lane] += other;
        }
        width /= 2;
    }
    let mut sum = lanes[0];
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        sum += a * b;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_exponential_is_close_to_the_exact_one() {
        for step in -870..=880 {
            let x = step as f32 * 0.1 + 0.013;
            let exact = f64::from(x.min(88.3)).exp();
            assert!((f64::from(Real::exp(x)) / exact - 1.0).abs() < 2.5e-7, "{x}");
        }
        assert_eq!(Real::exp(0.0_f32), 1.0);
        assert!(Real::exp(-1e30_f32) < 1e-37 && Real::exp(f32::NAN).is_nan());
        assert_eq!(1e30_f32.sigmoid(), 1.0);
    }
}
