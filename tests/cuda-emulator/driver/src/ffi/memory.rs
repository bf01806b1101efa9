//! Allocations, copies, fills.
#![expect(unsafe_code, reason = "the names and pointers of the driver's interface")]

use std::ffi::{c_uint, c_void};

use super::{Code, Driver, give, in_context};
use crate::host::Host;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemAlloc_v2(out: *mut u64, bytes: usize) -> Code {
    in_context("cuMemAlloc_v2", |d| {
        let address = d.alloc(bytes)?;
        // SAFETY: the caller passes a place for the answer; so below.
        unsafe { give(out, address) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemAllocAsync(out: *mut u64, bytes: usize, stream: usize) -> Code {
    in_context("cuMemAllocAsync", |d| {
        let address = d.alloc_async(bytes, stream)?;
        // SAFETY: as above.
        unsafe { give(out, address) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemFree_v2(address: u64) -> Code {
    in_context("cuMemFree_v2", |d| d.free(address))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemFreeAsync(address: u64, stream: usize) -> Code {
    in_context("cuMemFreeAsync", |d| d.free_async(address, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> Code {
    in_context("cuMemGetInfo_v2", |d| {
        // SAFETY: as above, for two answers.
        unsafe { give(free, d.free_memory()).and(give(total, d.settings.memory)) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemHostAlloc(out: *mut *mut c_void, bytes: usize, _flags: c_uint) -> Code {
    in_context("cuMemHostAlloc", |d| {
        let address = d.host_alloc(bytes);
        // SAFETY: as above.
        unsafe { give(out, address as *mut c_void) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemFreeHost(address: *mut c_void) -> Code {
    in_context("cuMemFreeHost", |d| d.host_free(address as usize))
}

/// Copies at once, as the calls without a stream do: in the stream of those that name none, and waiting for it.
fn at_once(
    function: &'static str,
    call: impl FnOnce(&mut Driver) -> Result<(), crate::call::Refusal>,
) -> Code {
    in_context(function, |d| {
        call(d)?;
        d.stream_synchronize(Driver::LEGACY)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyHtoD_v2(to: u64, from: *const u8, bytes: usize) -> Code {
    // SAFETY: the caller vouches for its own memory during the call.
    let from = unsafe { Host::new(from, bytes) };
    at_once("cuMemcpyHtoD_v2", |d| d.upload(to, from, Driver::LEGACY))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyHtoDAsync_v2(to: u64, from: *const u8, bytes: usize, stream: usize) -> Code {
    // SAFETY: the caller vouches for its own memory until the stream is synchronised, if it is pinned.
    let from = unsafe { Host::new(from, bytes) };
    in_context("cuMemcpyHtoDAsync_v2", |d| d.upload(to, from, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoH_v2(to: *mut u8, from: u64, bytes: usize) -> Code {
    // SAFETY: the caller vouches for its own memory during the call.
    let to = unsafe { Host::new(to, bytes) };
    at_once("cuMemcpyDtoH_v2", |d| d.download(to, from, Driver::LEGACY))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoHAsync_v2(to: *mut u8, from: u64, bytes: usize, stream: usize) -> Code {
    // SAFETY: the caller vouches for its own memory until the stream is synchronised, if it is pinned.
    let to = unsafe { Host::new(to, bytes) };
    in_context("cuMemcpyDtoHAsync_v2", |d| d.download(to, from, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) -> Code {
    in_context("cuMemcpyDtoD_v2", |d| d.copy(to, from, bytes, Driver::LEGACY))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, stream: usize) -> Code {
    in_context("cuMemcpyDtoDAsync_v2", |d| d.copy(to, from, bytes, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemsetD8_v2(at: u64, value: u8, bytes: usize) -> Code {
    in_context("cuMemsetD8_v2", |d| d.fill(at, value, bytes, Driver::LEGACY))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemsetD8Async(at: u64, value: u8, bytes: usize, stream: usize) -> Code {
    in_context("cuMemsetD8Async", |d| d.fill(at, value, bytes, stream))
}
