//! What candle calls of cuBLAS and of cuRAND; `libcublas.so` and `libcurand.so` are links to this library.
#![expect(unsafe_code, reason = "the names and pointers of the libraries' interfaces")]

use std::ffi::{c_int, c_void};

use super::{Code, Driver, give, with};
use crate::blas::{Element, Gemm, Matrix};
use crate::call::Refusal;
use crate::status::Status;

/// `CUBLAS_COMPUTE_64F` and its pedantic form; with the numbers below, f16; otherwise f32.
const COMPUTE_DOUBLE: [c_int; 2] = [70, 71];
const COMPUTE_HALF: [c_int; 2] = [64, 65];

/// Makes a call of cuBLAS, whose answers have numbers of their own.
fn blas(function: &'static str, call: impl FnOnce(&mut Driver) -> Result<(), Refusal>) -> Code {
    match with(function, call) {
        0 => 0,
        code if code == Status::InvalidValue as Code => 7,
        code if code == Status::OutOfMemory as Code => 3,
        _ => 13,
    }
}

/// Makes a call of cuRAND, likewise.
fn rand(function: &'static str, call: impl FnOnce(&mut Driver) -> Result<(), Refusal>) -> Code {
    if with(function, call) == 0 { 0 } else { 203 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cublasCreate_v2(out: *mut usize) -> Code {
    blas("cublasCreate_v2", |d| {
        let handle = d.blas_create();
        // SAFETY: the caller passes a place for the answer; so below.
        unsafe { give(out, handle) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cublasDestroy_v2(handle: usize) -> Code {
    blas("cublasDestroy_v2", |d| {
        d.blas.remove(&handle);
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cublasSetStream_v2(handle: usize, stream: usize) -> Code {
    blas("cublasSetStream_v2", |d| d.blas_stream(handle, stream))
}

/// Sums are exact here in every mode.
#[unsafe(no_mangle)]
unsafe extern "C" fn cublasSetMathMode(_handle: usize, _mode: c_int) -> Code {
    blas("cublasSetMathMode", |_| Ok(()))
}

/// Reads a weight, whose type goes with that of the computation.
///
/// # Safety
/// `at` must point to one.
unsafe fn weight(at: *const c_void, compute: c_int) -> f64 {
    // SAFETY: the caller vouches for it.
    unsafe {
        if COMPUTE_DOUBLE.contains(&compute) {
            at.cast::<f64>().read_unaligned()
        } else if COMPUTE_HALF.contains(&compute) {
            f64::from(cuda_emulator::value::Short::Half.widen(at.cast::<u16>().read_unaligned()))
        } else {
            f64::from(at.cast::<f32>().read_unaligned())
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cublasGemmStridedBatchedEx(
    handle: usize,
    transpose_a: c_int,
    transpose_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const c_void,
    a: u64,
    a_type: c_int,
    lda: c_int,
    stride_a: i64,
    b: u64,
    b_type: c_int,
    ldb: c_int,
    stride_b: i64,
    beta: *const c_void,
    c: u64,
    c_type: c_int,
    ldc: c_int,
    stride_c: i64,
    batch: c_int,
    compute: c_int,
    _algorithm: c_int,
) -> Code {
    blas("cublasGemmStridedBatchedEx", |d| {
        let matrix = |at, ty, leading: c_int, stride, transpose| {
            let element =
                Element::of(ty).ok_or_else(|| Refusal::invalid(format!("type {ty} is not emulated")))?;
            Ok::<_, Refusal>(Matrix {
                at,
                element,
                leading: leading as usize,
                stride,
                transposed: transpose != 0,
            })
        };
        // SAFETY: the weights lie in the host's memory, which is what candle sets.
        let (alpha, beta) = unsafe { (weight(alpha, compute), weight(beta, compute)) };
        let gemm = Gemm {
            size: [m, n, k].map(|x| x as usize),
            batch: batch as usize,
            a: matrix(a, a_type, lda, stride_a, transpose_a)?,
            b: matrix(b, b_type, ldb, stride_b, transpose_b)?,
            c: matrix(c, c_type, ldc, stride_c, 0)?,
            alpha,
            beta,
        };
        d.gemm(handle, gemm)
    })
}

macro_rules! typed {
    ($($name:ident $weight:ty, $ty:literal, $compute:literal;)*) => { $(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            handle: usize,
            transpose_a: c_int,
            transpose_b: c_int,
            m: c_int,
            n: c_int,
            k: c_int,
            alpha: *const $weight,
            a: u64,
            lda: c_int,
            stride_a: i64,
            b: u64,
            ldb: c_int,
            stride_b: i64,
            beta: *const $weight,
            c: u64,
            ldc: c_int,
            stride_c: i64,
            batch: c_int,
        ) -> Code {
            // SAFETY: the arguments are those of the general function, with the types that the name says.
            unsafe {
                cublasGemmStridedBatchedEx(
                    handle, transpose_a, transpose_b, m, n, k, alpha.cast(), a, $ty, lda, stride_a, b, $ty, ldb,
                    stride_b, beta.cast(), c, $ty, ldc, stride_c, batch, $compute, 0,
                )
            }
        }
    )* };
}
typed! {
    cublasSgemmStridedBatched f32, 0, 68;
    cublasDgemmStridedBatched f64, 1, 70;
}

/// A generator that is never asked for a number: candle makes one with every card.
#[unsafe(no_mangle)]
unsafe extern "C" fn curandCreateGenerator(out: *mut usize, _kind: c_int) -> Code {
    // SAFETY: as above.
    rand("curandCreateGenerator", |_| unsafe { give(out, 1) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn curandDestroyGenerator(_generator: usize) -> Code {
    rand("curandDestroyGenerator", |_| Ok(()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn curandSetStream(_generator: usize, stream: usize) -> Code {
    rand("curandSetStream", |d| d.stream(stream).map(|_| ()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn curandSetPseudoRandomGeneratorSeed(_generator: usize, _seed: u64) -> Code {
    rand("curandSetPseudoRandomGeneratorSeed", |_| Ok(()))
}
