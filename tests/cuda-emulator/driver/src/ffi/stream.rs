//! Streams.
#![expect(unsafe_code, reason = "the names and pointers of the driver's interface")]

use std::ffi::{c_int, c_uint};

use super::{Code, give, in_context};

/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: c_uint = 1;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamCreate(out: *mut usize, flags: c_uint) -> Code {
    in_context("cuStreamCreate", |d| {
        let stream = d.stream_create(flags & NON_BLOCKING == 0);
        // SAFETY: the caller passes a place for the answer; so below.
        unsafe { give(out, stream) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamCreateWithPriority(out: *mut usize, flags: c_uint, _priority: c_int) -> Code {
    in_context("cuStreamCreateWithPriority", |d| {
        let stream = d.stream_create(flags & NON_BLOCKING == 0);
        // SAFETY: as above.
        unsafe { give(out, stream) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) -> Code {
    in_context("cuCtxGetStreamPriorityRange", |_| {
        // SAFETY: as above, for two answers.
        unsafe { give(least, 0).and(give(greatest, 0)) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamDestroy_v2(stream: usize) -> Code {
    in_context("cuStreamDestroy_v2", |d| d.stream_destroy(stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamSynchronize(stream: usize) -> Code {
    in_context("cuStreamSynchronize", |d| d.stream_synchronize(stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamWaitEvent(stream: usize, event: usize, _flags: c_uint) -> Code {
    in_context("cuStreamWaitEvent", |d| d.stream_wait(stream, event))
}

/// No stream is ever recorded into a graph.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamIsCapturing(stream: usize, out: *mut c_int) -> Code {
    in_context("cuStreamIsCapturing", |d| {
        d.stream(stream)?;
        // SAFETY: as above.
        unsafe { give(out, 0) }
    })
}
