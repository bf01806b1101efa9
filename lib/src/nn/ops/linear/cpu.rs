//! Multiplies by candle's product and adds the bias in place.

use candle_core::backend::BackendStorage as _;
use candle_core::{CpuStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};

use super::Linear;
use crate::nn::ops::dispatch::Operation as _;
use crate::nn::ops::nary::NaryOp;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::with_views;
use crate::nn::ops::vectors::fill_and_sum;
use crate::simd::simd;

impl NaryOp for Linear {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        match inputs[0].dtype() {
            DType::F32 => self.run::<f32>(inputs),
            DType::F64 => self.run::<f64>(inputs),
            dtype => bail!("linear: no kernel for {dtype:?}"),
        }
    }

    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(grad) = &grads[0] else { return Ok(vec![None; inputs.len()]) };
        let grad = grad.contiguous()?;
        let x = if self.needs_x { Some(grad.matmul(&inputs[1])?) } else { None };
        let mut all = vec![x, Some(grad.t()?.matmul(&inputs[0])?)];
        if inputs.len() > 2 {
            let sums = match grad.dtype() {
                DType::F32 => self.column_sums::<f32>(&grad)?,
                _ => self.column_sums::<f64>(&grad)?,
            };
            all.push(Some(sums));
        }
        Ok(all)
    }
}

impl Linear {
    fn run<F: Real>(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let (x, x_layout) = inputs[0].storage_and_layout();
        let (weight, weight_layout) = inputs[1].storage_and_layout();
        let (Storage::Cpu(x), Storage::Cpu(weight)) = (&*x, &*weight) else {
            bail!("linear: a tensor is not on the CPU")
        };
        let transposed: Layout = weight_layout.transpose(0, 1)?;
        let mut product = if self.rows == 0 {
            Vec::new()
        } else {
            let sizes = (1, self.rows, self.output, self.input);
            F::cpu_storage_data(x.matmul(weight, sizes, x_layout, &transposed)?)?
        };
        if let Some(bias) = inputs.get(2) {
            let bias = bias.flatten_all()?.to_vec1::<F>()?;
            simd!(|| {
                for row in product.chunks_exact_mut(self.output) {
                    for (value, &bias) in row.iter_mut().zip(&bias) {
                        *value += bias;
                    }
                }
            });
        }
        let storage: CpuStorage = F::to_cpu_storage_owned(product);
        Ok(vec![(Storage::Cpu(storage), (self.rows, self.output).into())])
    }

    fn column_sums<F: Real>(&self, grad: &Tensor) -> Result<Tensor> {
        let sums =
            with_views(std::slice::from_ref(grad), |grad| Ok(sum_rows::<F>(grad[0].values, self.output)))?;
        Tensor::from_vec(sums, self.output, grad.device())
    }
}

/// Adds up the rows of a matrix.
fn sum_rows<F: Real>(values: &[F], width: usize) -> Vec<F> {
    // The unit vector stands for the rows, so that the blocks are those of every other operation.
    let mut rows = vec![F::ZERO; values.len() / width.max(1)];
    fill_and_sum(&mut rows, 1, width, |first, block, sums| {
        let values = &values[first * width..(first + block.len()) * width];
        simd!(|| {
            for row in values.chunks_exact(width) {
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum += x;
                }
            }
        });
    })
}
