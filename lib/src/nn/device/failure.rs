//! Says in words what a card or its libraries answered.

use candle_core::Error;
use candle_core::cuda_backend::CudaError;
use candle_core::cuda_backend::cudarc::cublas::sys::cublasStatus_t as Blas;
use candle_core::cuda_backend::cudarc::driver::DriverError;
use candle_core::cuda_backend::cudarc::driver::sys::CUresult as Answer;

use super::Unusable;

/// Explains the error of a tensor operation, if it comes from a card.
pub(super) fn explain(error: &Error) -> Option<Unusable> {
    match error {
        Error::Cuda(inner) => Some(match inner.downcast_ref::<CudaError>() {
            Some(CudaError::Cuda(driver) | CudaError::Load { cuda: driver, .. }) => explain_driver(*driver),
            Some(CudaError::Cublas(error)) => explain_blas(error.0),
            _ => defect(inner.to_string().lines().next().unwrap_or("an unknown error")),
        }),
        Error::WithBacktrace { inner, .. } | Error::Context { inner, .. } | Error::WithPath { inner, .. } => {
            explain(inner)
        }
        _ => None,
    }
}

/// Explains what the driver answered.
pub(super) fn explain_driver(error: DriverError) -> Unusable {
    let name = name(error);
    let said = |problem: &str, remedy: &str| Unusable::new(format!("{problem} ({name})"), remedy);
    match error.0 {
        Answer::CUDA_ERROR_OUT_OF_MEMORY => memory(&name),
        Answer::CUDA_ERROR_NO_DEVICE => said(
            "the driver sees no card",
            "look at CUDA_VISIBLE_DEVICES and at `nvidia-smi`, or use --device cpu",
        ),
        Answer::CUDA_ERROR_INVALID_DEVICE => {
            said("there is no card of this number", "look at `nvidia-smi`, or use --device cpu")
        }
        Answer::CUDA_ERROR_DEVICE_UNAVAILABLE => said(
            "the card is taken by another program",
            "wait for it, name another card, or use --device cpu",
        ),
        Answer::CUDA_ERROR_UNSUPPORTED_PTX_VERSION
        | Answer::CUDA_ERROR_NO_BINARY_FOR_GPU
        | Answer::CUDA_ERROR_INVALID_PTX
        | Answer::CUDA_ERROR_INVALID_IMAGE => said(
            "the driver does not take the kernels of this program",
            "install driver R580 or newer, or use --device cpu",
        ),
        Answer::CUDA_ERROR_SYSTEM_DRIVER_MISMATCH | Answer::CUDA_ERROR_STUB_LIBRARY => said(
            "the driver's library and its kernel module are not of one version",
            "restart the machine or install the driver again, or use --device cpu",
        ),
        Answer::CUDA_ERROR_ECC_UNCORRECTABLE => {
            said("the card's memory is damaged", "use another card, or --device cpu")
        }
        Answer::CUDA_ERROR_ILLEGAL_ADDRESS
        | Answer::CUDA_ERROR_MISALIGNED_ADDRESS
        | Answer::CUDA_ERROR_ILLEGAL_INSTRUCTION
        | Answer::CUDA_ERROR_INVALID_PC
        | Answer::CUDA_ERROR_LAUNCH_TIMEOUT
        | Answer::CUDA_ERROR_LAUNCH_FAILED
        | Answer::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES => said(
            "a kernel failed on the card",
            "run the same command again, and if it fails again use --device cpu and report it",
        ),
        Answer::CUDA_ERROR_UNKNOWN
        | Answer::CUDA_ERROR_NOT_INITIALIZED
        | Answer::CUDA_ERROR_DEINITIALIZED => {
            said("the card was lost", "look at `nvidia-smi`, run the same command again, or use --device cpu")
        }
        _ => defect(&format!("the card answered {name}")),
    }
}

fn explain_blas(status: Blas) -> Unusable {
    match status {
        Blas::CUBLAS_STATUS_ALLOC_FAILED => memory("CUBLAS_STATUS_ALLOC_FAILED"),
        Blas::CUBLAS_STATUS_NOT_INITIALIZED
        | Blas::CUBLAS_STATUS_EXECUTION_FAILED
        | Blas::CUBLAS_STATUS_INTERNAL_ERROR => Unusable::new(
            format!("a product of matrices failed on the card ({status:?})"),
            "run the same command again, and if it fails again use --device cpu and report it",
        ),
        _ => defect(&format!("cuBLAS answered {status:?}")),
    }
}

fn memory(name: &str) -> Unusable {
    Unusable {
        problem: format!("the card has too little free memory ({name})"),
        remedy: "end other programs on it, take smaller batches, or use --device cpu".into(),
        full: true,
    }
}

fn defect(problem: &str) -> Unusable {
    Unusable::new(problem, "use --device cpu, and report it with the command")
}

/// Names an answer as `cuda.h` does.
fn name(error: DriverError) -> String {
    format!("{:?}", error.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_card_is_found_inside_the_errors_around_it() {
        let error: Error = CudaError::Cublas(candle_core::cuda_backend::cudarc::cublas::result::CublasError(
            Blas::CUBLAS_STATUS_ALLOC_FAILED,
        ))
        .into();
        let words = crate::Error::from(error.context("while training")).to_string();
        assert_eq!(
            words,
            "cuda: the card has too little free memory (CUBLAS_STATUS_ALLOC_FAILED); end other programs on it, take \
             smaller batches, or use --device cpu"
        );
        assert!(explain(&Error::Msg("a shape does not fit".into())).is_none());
    }
}
