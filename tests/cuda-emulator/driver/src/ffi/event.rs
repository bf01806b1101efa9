//! Events.
#![expect(unsafe_code, reason = "the names and pointers of the driver's interface")]

use std::ffi::c_uint;

use super::{Code, give, in_context};

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventCreate(out: *mut usize, _flags: c_uint) -> Code {
    in_context("cuEventCreate", |d| {
        let event = d.event_create();
        // SAFETY: the caller passes a place for the answer; so below.
        unsafe { give(out, event) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventDestroy_v2(event: usize) -> Code {
    in_context("cuEventDestroy_v2", |d| d.event_destroy(event))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventRecord(event: usize, stream: usize) -> Code {
    in_context("cuEventRecord", |d| d.event_record(event, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventSynchronize(event: usize) -> Code {
    in_context("cuEventSynchronize", |d| d.event_synchronize(event))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventQuery(event: usize) -> Code {
    in_context("cuEventQuery", |d| d.event_query(event))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventElapsedTime(out: *mut f32, from: usize, to: usize) -> Code {
    in_context("cuEventElapsedTime", |d| {
        let time = d.event_elapsed(from, to)?;
        // SAFETY: as above.
        unsafe { give(out, time) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventElapsedTime_v2(out: *mut f32, from: usize, to: usize) -> Code {
    // SAFETY: the arguments are those of the other function.
    unsafe { cuEventElapsedTime(out, from, to) }
}
