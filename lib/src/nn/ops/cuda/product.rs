//! Products of matrices by cuBLAS, summed in f32 whatever the numbers are; candle's own round the sums of bf16 to bf16.

use candle_core::cuda_backend::WrapErr;
use candle_core::cuda_backend::cudarc::cublas::result::gemm_strided_batched_ex;
use candle_core::cuda_backend::cudarc::cublas::sys::{
    cublasComputeType_t, cublasGemmAlgo_t, cublasOperation_t, cudaDataType_t,
};
use candle_core::{DType, Result, Tensor, bail};

use super::Card;

/// A matrix (b, rows, columns) as cuBLAS takes it: column by column, so that it is seen transposed.
struct Operand {
    at: u64,
    number: cudaDataType_t,
    operation: cublasOperation_t,
    /// Numbers from one row (one column, of a matrix that lies transposed) to the next.
    leading: i32,
    /// Numbers from one matrix to the next.
    stride: i64,
}

impl Card {
    /// Multiplies (b, m, k) by (b, k, n), one by one, without rounding to TF32; writes (b, m, n) as f32 to an address. The
    /// last two extents of both factors may be swapped, and matrices may lie apart.
    #[expect(unsafe_code, reason = "a call of cuBLAS")]
    pub(crate) fn multiply(&self, a: &Tensor, b: &Tensor, to: u64) -> Result<()> {
        let ((batch, m, k), (_, _, n)) = (a.dims3()?, b.dims3()?);
        let (first, second) = (self.operand(b)?, self.operand(a)?);
        let (one, zero) = (1.0_f32, 0.0_f32);
        let blas = self.0.cublas_handle();
        // SAFETY: the factors are tensors on this card with the extents and strides that are said, and the caller gives
        // memory for b · m · n numbers.
        let done = unsafe {
            gemm_strided_batched_ex(
                *blas.handle(),
                first.operation,
                second.operation,
                n as i32,
                m as i32,
                k as i32,
                (&raw const one).cast(),
                first.at as *const _,
                first.number,
                first.leading,
                first.stride,
                second.at as *const _,
                second.number,
                second.leading,
                second.stride,
                (&raw const zero).cast(),
                to as *mut _,
                cudaDataType_t::CUDA_R_32F,
                n as i32,
                (m * n) as i64,
                batch as i32,
                cublasComputeType_t::CUBLAS_COMPUTE_32F,
                cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
        };
        done.w()
    }

    fn operand(&self, x: &Tensor) -> Result<Operand> {
        let number = match x.dtype() {
            DType::F32 => cudaDataType_t::CUDA_R_32F,
            DType::BF16 => cudaDataType_t::CUDA_R_16BF,
            dtype => bail!("a product of matrices met {dtype:?}"),
        };
        let (_, rows, columns) = x.dims3()?;
        let [stride, of_row, of_column] = *x.stride() else { bail!("a product met no matrices") };
        let (operation, leading) = if of_column == 1 || columns == 1 {
            (cublasOperation_t::CUBLAS_OP_N, of_row.max(columns))
        } else if of_row == 1 || rows == 1 {
            (cublasOperation_t::CUBLAS_OP_T, of_column.max(rows))
        } else {
            bail!("a product met a matrix with gaps")
        };
        Ok(Operand { at: self.first(x)?, number, operation, leading: leading as i32, stride: stride as i64 })
    }
}
