//! Opens an NVIDIA card: asks the driver for what could make it unusable, step by step, before candle is let near it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use candle_core::Device;
use candle_core::cuda_backend::cudarc::driver::sys::CUdevice_attribute as Attribute;
use candle_core::cuda_backend::cudarc::driver::{result, sys};
use candle_core::cuda_backend::cudarc::{cublas, curand};

use super::failure::explain_driver;
use super::{Opened, Unusable};
use crate::words::Size;

/// The version of CUDA that kernels and bindings were made with: an older driver does not take them.
const CUDA: i32 = 13_000;
/// The oldest series of NVIDIA's driver with this CUDA.
const DRIVER: &str = "R580";
/// The compute capability that the kernels are made for; the driver translates them for every newer one.
const CAPABILITY: (i32, i32) = (8, 0);

const REMEDY: &str = "use --device cpu";

/// Opens the card of a number.
pub(super) fn open(number: usize) -> Result<Opened, Unusable> {
    if !present() {
        let problem = "there is no NVIDIA driver (libcuda.so.1) on this machine";
        let remedy =
            "install the driver, hand it into the container (`apptainer exec --nv`), or use --device cpu";
        return Err(Unusable::new(problem, remedy));
    }
    let driver = driver()?;
    result::init().map_err(explain_driver)?;
    let count = result::device::get_count().map_err(explain_driver)?;
    let ordinal = i32::try_from(number).unwrap_or(i32::MAX);
    if ordinal >= count {
        let problem = match count {
            0 => "the driver sees no card".to_owned(),
            1 => "the driver sees one card, cuda:0".into(),
            count => format!("the driver sees {count} cards, cuda:0 to cuda:{}", count - 1),
        };
        let remedy = "name one of them, look at CUDA_VISIBLE_DEVICES, or use --device cpu";
        return Err(Unusable::new(problem, remedy));
    }
    let handle = result::device::get(ordinal).map_err(explain_driver)?;
    let model = result::device::get_name(handle).map_err(explain_driver)?;
    let capability = (
        attribute(handle, Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
        attribute(handle, Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
    );
    if capability < CAPABILITY {
        let (major, minor) = capability;
        let problem = format!(
            "{model} has compute capability {major}.{minor}, and 8.0 (Ampere, 2020) is the least that is taken"
        );
        return Err(Unusable::new(problem, "use a newer card, or --device cpu"));
    }
    libraries()?;
    let device = on_one_stream(number)?;
    if let Some(pool) = pool(handle)? {
        keep_freed(pool)?;
    }
    let free = result::mem_get_info().map_err(explain_driver)?.0;
    let words = format!(
        "cuda:{number}, {model}, CUDA {}.{} of the driver, {} free",
        driver / 1000,
        driver % 1000 / 10,
        Size(free as u64)
    );
    Ok(Opened { device, name: format!("cuda ({model})"), words, passed_over: None })
}

/// Opens the card for tensors, with one stream for all threads: what one thread asks for comes after what another did.
#[expect(unsafe_code, reason = "candle leaves the order of streams to its caller")]
fn on_one_stream(number: usize) -> Result<Device, Unusable> {
    // A library of another version lacks functions, which is a panic of the bindings.
    let opened = catch_unwind(AssertUnwindSafe(|| Device::new_cuda_with_stream(number)));
    let device = opened
        .map_err(|_| {
            let remedy = "put those of CUDA 13 first in LD_LIBRARY_PATH, or use --device cpu";
            Unusable::new("cuBLAS or cuRAND are not those of CUDA 13", remedy)
        })?
        .map_err(|error| super::failure::explain(&error).unwrap_or_else(|| other(&error.to_string())))?;
    // The bindings take it ill when the handles of a card that was lost are given back: the system does so at the end.
    std::mem::forget(device.clone());
    if let Device::Cuda(card) = &device {
        // SAFETY: every tensor is made and used on the card's one stream, so there is nothing to be ordered by events.
        unsafe { card.disable_event_tracking() };
    }
    Ok(device)
}

/// Finds the pool from which tensors get their memory; none on a card that has no pools.
#[expect(unsafe_code, reason = "the bindings mark the question so")]
pub(super) fn pool(card: sys::CUdevice) -> Result<Option<sys::CUmemoryPool>, Unusable> {
    if attribute(card, Attribute::CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED)? == 0 {
        return Ok(None);
    }
    // SAFETY: the card was given by the driver.
    unsafe { result::device::get_default_mem_pool(card) }.map(Some).map_err(explain_driver)
}

/// Lets a pool keep what is freed until the program ends. By default it is given back whenever the host waits for the card,
/// and taking it again costs more than most kernels: a millisecond for each 300 MB on an H200.
#[expect(unsafe_code, reason = "settings of a pool are untyped")]
fn keep_freed(pool: sys::CUmemoryPool) -> Result<(), Unusable> {
    let mut most = u64::MAX;
    let threshold = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    // SAFETY: this setting is read as a u64, which the variable is.
    unsafe { result::mem_pool::set_attribute(pool, threshold, (&raw mut most).cast()) }
        .map_err(explain_driver)
}

/// Counts the bytes that a pool keeps and nothing uses: free for whoever allocates from it.
#[expect(unsafe_code, reason = "settings of a pool are untyped")]
pub(super) fn kept_free(pool: sys::CUmemoryPool) -> Option<u64> {
    let read = |which| {
        let mut bytes = 0_u64;
        // SAFETY: these counts are written as a u64, which the variable is.
        unsafe { result::mem_pool::get_attribute(pool, which, (&raw mut bytes).cast()) }.ok().map(|()| bytes)
    };
    let kept = read(sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT)?;
    Some(kept.saturating_sub(read(sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT)?))
}

/// Says whether there is a driver.
#[expect(unsafe_code, reason = "libraries are loaded by their C names")]
fn present() -> bool {
    // SAFETY: the library that is loaded is NVIDIA's, or one that the user put into its place.
    unsafe { sys::is_culib_present() }
}

/// Checks that the libraries of CUDA are there.
#[expect(unsafe_code, reason = "libraries are loaded by their C names")]
fn libraries() -> Result<(), Unusable> {
    // SAFETY: as above.
    let found = unsafe { [cublas::sys::is_culib_present(), curand::sys::is_culib_present()] };
    let missing: Vec<&str> = ["cuBLAS (libcublas.so.13)", "cuRAND (libcurand.so.10)"]
        .into_iter()
        .zip(found)
        .filter(|x| !x.1)
        .map(|x| x.0)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let problem = format!("{} cannot be loaded", missing.join(" and "));
    let remedy = "add their folder to LD_LIBRARY_PATH, use the CUDA image, or use --device cpu";
    Err(Unusable::new(problem, remedy))
}

/// Gives the version of CUDA that the driver has, if it is new enough.
#[expect(unsafe_code, reason = "the bindings have no safe form of this question")]
fn driver() -> Result<i32, Unusable> {
    let mut version = 0;
    // SAFETY: the answer goes into a variable of the type that the function wants.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result().map_err(explain_driver)?;
    if version >= CUDA {
        return Ok(version);
    }
    let problem = format!(
        "the NVIDIA driver is too old: it has CUDA {}.{}, and the kernels need {}.{} ({DRIVER})",
        version / 1000,
        version % 1000 / 10,
        CUDA / 1000,
        CUDA % 1000 / 10,
    );
    Err(Unusable::new(problem, format!("install driver {DRIVER} or newer, or use --device cpu")))
}

#[expect(unsafe_code, reason = "the bindings mark the question so")]
fn attribute(device: sys::CUdevice, which: Attribute) -> Result<i32, Unusable> {
    // SAFETY: the device was given by the driver.
    unsafe { result::device::get_attribute(device, which) }.map_err(explain_driver)
}

fn other(problem: &str) -> Unusable {
    Unusable::new(problem.lines().next().unwrap_or_default(), REMEDY)
}
