//! Lets a kernel on a CUDA card run on candle's tensors: their addresses, memory for outputs, launches on candle's stream.

pub(super) mod graph;
mod product;

use candle_core::backend::{BackendDevice, BackendStorage};
use candle_core::cuda_backend::cudarc::driver::sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
use candle_core::cuda_backend::cudarc::driver::{CudaSlice, DevicePtr, LaunchConfig, PushKernelArg};
use candle_core::cuda_backend::{CudaDType, WrapErr};
use candle_core::{CudaDevice, CudaStorage, DType, Device, Result, Shape, Storage, Tensor, bail};
use half::{bf16, f16};

use super::card::{Launch, Number};

/// Bytes of dynamic shared memory that need no permission.
const SHARED_UNASKED: u32 = 48 << 10;
/// Words of the largest argument that a kernel can have.
const WORDS: usize = 512;

impl Number {
    /// Finds the number of a type of candle's, if the kernels have it.
    pub(crate) fn of(dtype: DType) -> Option<Self> {
        match dtype {
            DType::F32 => Some(Self::F32),
            DType::BF16 => Some(Self::BF16),
            DType::F16 => Some(Self::F16),
            _ => None,
        }
    }

    /// Gives the type of candle's.
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::BF16 => DType::BF16,
            Self::F16 => DType::F16,
        }
    }
}

/// A card and candle's stream on it. All that is launched is done in order, so memory may be dropped once what uses it is
/// launched.
pub(crate) struct Card(CudaDevice);

impl Card {
    /// Finds the card on which a tensor lies.
    pub(crate) fn of(x: &Tensor) -> Result<Self> {
        match x.device() {
            Device::Cuda(device) => Ok(Self(device.clone())),
            _ => bail!("a kernel of a card met a tensor that is not there"),
        }
    }

    /// Gives it as a device of candle's.
    pub(crate) fn device(&self) -> Device {
        Device::Cuda(self.0.clone())
    }

    /// Allocates memory for at least one number; what it holds is not set.
    #[expect(unsafe_code, reason = "memory that a kernel fills")]
    pub(crate) fn alloc(&self, count: usize, dtype: DType) -> Result<CudaStorage> {
        // SAFETY: the kernels write every number of an output, which the tests show, and read no workspace before.
        unsafe { self.0.alloc_uninit(&Shape::from(count.max(1)), dtype) }
    }

    /// Allocates a tensor; what it holds is not set.
    #[expect(unsafe_code, reason = "memory that a kernel fills")]
    pub(crate) fn tensor(&self, shape: &Shape, dtype: DType) -> Result<Tensor> {
        // SAFETY: as above.
        unsafe { Tensor::empty(shape, dtype, &self.device()) }
    }

    /// Gives the address of memory.
    pub(crate) fn address(&self, storage: &CudaStorage) -> Result<u64> {
        Ok(match storage.dtype() {
            DType::F32 => self.start(storage.as_cuda_slice::<f32>()?),
            DType::BF16 => self.start(storage.as_cuda_slice::<bf16>()?),
            DType::F16 => self.start(storage.as_cuda_slice::<f16>()?),
            DType::U32 => self.start(storage.as_cuda_slice::<u32>()?),
            dtype => bail!("a kernel of a card met {dtype:?}"),
        })
    }

    fn start<T: CudaDType>(&self, slice: &CudaSlice<T>) -> u64 {
        slice.device_ptr(&self.0.cuda_stream()).0
    }

    /// Gives the address of the first value of a tensor without gaps.
    pub(crate) fn address_of(&self, x: &Tensor) -> Result<u64> {
        if !x.is_contiguous() {
            bail!("a kernel of a card met a tensor with gaps")
        }
        self.first(x)
    }

    /// Gives the address of the first value of a tensor.
    fn first(&self, x: &Tensor) -> Result<u64> {
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cuda(storage) = &*storage else {
            bail!("a kernel of a card met a tensor that is not there")
        };
        Ok(self.address(storage)? + (layout.start_offset() * x.dtype().size_in_bytes()) as u64)
    }

    /// Gives a tensor without gaps and of a type, aligned to 16 bytes.
    pub(crate) fn aligned(&self, x: &Tensor, dtype: DType) -> Result<Tensor> {
        let x = x.to_dtype(dtype)?.contiguous()?;
        if x.elem_count() > 0 && !self.address_of(&x)?.is_multiple_of(16) { x.copy() } else { Ok(x) }
    }

    /// Puts launches into the stream.
    #[expect(unsafe_code, reason = "launches of kernels")]
    pub(crate) fn launch(&self, launches: &[Launch]) -> Result<()> {
        for launch in launches {
            let function =
                self.0.get_or_load_custom_func(&launch.kernel, launch.module.name, launch.module.ptx)?;
            if launch.shared > SHARED_UNASKED {
                let most = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
                function.set_attribute(most, launch.shared as i32).w()?;
            }
            let mut words = [0_u64; WORDS];
            words[..launch.words.len()].copy_from_slice(&launch.words);
            let [x, y, z] = launch.grid;
            let config = LaunchConfig {
                grid_dim: (x, y, z),
                block_dim: (launch.threads, 1, 1),
                shared_mem_bytes: launch.shared,
            };
            let mut builder = function.builder();
            builder.arg(&words);
            // SAFETY: the words are the one argument that the kernel declares, and its addresses are those of memory on
            // this card that is large enough, which the plan of the launch sees to.
            unsafe { builder.launch(config) }.w()?;
        }
        Ok(())
    }
}
