//! Decides, in this one place, what computes an operation: a kernel written for the device and the type of numbers, or
//! else the operation's composite.

use candle_core::{DType, Device, Tensor};

use crate::{Error, Result};

/// An operation on packed tensors: what it is, and the kernels that compute it faster.
pub(crate) trait Operation: Sized + Send + Sync + 'static {
    /// Names the operation in messages.
    const NAME: &'static str;

    /// Computes all outputs by candle's tensor operations, on any device. This defines the operation: tests hold the
    /// kernels to it, outputs and every gradient. It must use only operations whose gradients candle knows (not
    /// candle-nn's norms and `softmax_last_dim`, whose gradients are silently absent).
    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>>;

    /// Computes all outputs, and later the gradients, by the kernel for f32 and f64 on the CPU.
    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>>;

    /// Computes all outputs, and later the gradients, by the kernels for f32, bf16 and f16 on a CUDA card. An operation that
    /// has none is computed by its composite.
    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.composite(x)
    }
}

/// Runs an operation where its first input lives, and puts it on the graph.
pub(crate) fn apply<O: Operation>(op: O, x: &[&Tensor]) -> Result<Vec<Tensor>> {
    let Some(first) = x.first() else {
        return Err(Error::defect(O::NAME, "there are no inputs"));
    };
    match (first.device(), first.dtype()) {
        (Device::Cpu, DType::F32 | DType::F64) => op.cpu(x),
        #[cfg(feature = "cuda")]
        (Device::Cuda(_), DType::F32 | DType::BF16 | DType::F16) => op.cuda(x),
        _ => op.composite(x),
    }
}

/// Runs an operation with one output and puts it on the graph.
pub(crate) fn apply_one<O: Operation>(op: O, x: &[&Tensor]) -> Result<Tensor> {
    match apply(op, x)?.pop() {
        Some(output) => Ok(output),
        None => Err(Error::defect(O::NAME, "there is no output")),
    }
}
