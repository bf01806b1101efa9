//! Initialisation, cards, contexts, names of errors.
#![expect(unsafe_code, reason = "the names and pointers of the driver's interface")]

use std::ffi::{c_char, c_int, c_uint, c_void};

use super::{CONTEXT, Code, give, with};
use crate::call::Refusal;
use crate::status::{Status, c_name};

const NAME: &[u8] = b"PTX emulator on a CPU\0";

#[unsafe(no_mangle)]
unsafe extern "C" fn cuInit(_flags: c_uint) -> Code {
    with("cuInit", super::Driver::init)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDriverGetVersion(out: *mut c_int) -> Code {
    // SAFETY: the caller passes a place for the answer, as the driver's manual says; so everywhere below.
    with("cuDriverGetVersion", |d| unsafe { give(out, d.settings.driver as c_int) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetCount(out: *mut c_int) -> Code {
    // SAFETY: as above.
    with("cuDeviceGetCount", |d| unsafe { give(out, d.settings.devices as c_int) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGet(out: *mut c_int, ordinal: c_int) -> Code {
    with("cuDeviceGet", |d| {
        let device = d.device(ordinal)?;
        // SAFETY: as above.
        unsafe { give(out, device) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetName(out: *mut c_char, len: c_int, device: c_int) -> Code {
    with("cuDeviceGetName", |d| {
        d.device(device)?;
        let n = NAME.len().min(len.max(0) as usize);
        // SAFETY: the caller gives room for `len` bytes.
        unsafe { std::ptr::copy_nonoverlapping(NAME.as_ptr().cast(), out, n) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetUuid_v2(out: *mut [u8; 16], device: c_int) -> Code {
    with("cuDeviceGetUuid_v2", |d| {
        let device = d.device(device)?;
        // SAFETY: as above.
        unsafe { give(out, *b"emulated-card-\0\0") }?;
        // SAFETY: the place was just written to.
        unsafe { (*out)[15] = device as u8 };
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceTotalMem_v2(out: *mut usize, device: c_int) -> Code {
    with("cuDeviceTotalMem_v2", |d| {
        d.device(device)?;
        // SAFETY: as above.
        unsafe { give(out, d.settings.memory) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetAttribute(out: *mut c_int, attribute: c_int, device: c_int) -> Code {
    with("cuDeviceGetAttribute", |d| {
        d.device(device)?;
        // SAFETY: as above.
        unsafe { give(out, d.attribute(attribute)) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDevicePrimaryCtxRetain(out: *mut usize, device: c_int) -> Code {
    with("cuDevicePrimaryCtxRetain", |d| {
        let device = d.device(device)?;
        // SAFETY: as above. A context is the number of its card, from one.
        unsafe { give(out, device as usize + 1) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDevicePrimaryCtxRelease_v2(device: c_int) -> Code {
    with("cuDevicePrimaryCtxRelease_v2", |d| d.device(device).map(|_| ()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxGetCurrent(out: *mut usize) -> Code {
    // SAFETY: as above.
    with("cuCtxGetCurrent", |_| unsafe { give(out, CONTEXT.get()) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxSetCurrent(context: usize) -> Code {
    with("cuCtxSetCurrent", |d| {
        if context > d.settings.devices as usize {
            return Err(Refusal::new(Status::InvalidContext, "there is no such context"));
        }
        CONTEXT.set(context);
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxSynchronize() -> Code {
    super::in_context("cuCtxSynchronize", super::Driver::synchronize)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGetErrorName(error: c_int, out: *mut *const c_char) -> Code {
    let Some(name) = c_name(error) else { return Status::InvalidValue as Code };
    // SAFETY: as above.
    unsafe { give(out, name.as_ptr()) }.map_or_else(|r| r.status as Code, |()| 0)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGetErrorString(error: c_int, out: *mut *const c_char) -> Code {
    // SAFETY: the arguments are those of the other function.
    unsafe { cuGetErrorName(error, out) }
}

/// The memory pool of a card: its handle is the card's number, from one.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetDefaultMemPool(out: *mut usize, device: c_int) -> Code {
    with("cuDeviceGetDefaultMemPool", |d| {
        let device = d.device(device)?;
        // SAFETY: as above.
        unsafe { give(out, device as usize + 1) }
    })
}

/// Takes any setting: what is freed is never kept.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemPoolSetAttribute(_pool: usize, _attribute: c_int, _value: *mut c_void) -> Code {
    with("cuMemPoolSetAttribute", |_| Ok(()))
}

/// Counts bytes of the pool: as nothing is kept, none that is free.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemPoolGetAttribute(_pool: usize, _attribute: c_int, out: *mut u64) -> Code {
    // SAFETY: as above.
    with("cuMemPoolGetAttribute", |_| unsafe { give(out, 0) })
}
