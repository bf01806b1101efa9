//! Modules, functions, launches.
#![expect(unsafe_code, reason = "the names and pointers of the driver's interface")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use cuda_emulator::Launch;

use super::{Code, give, in_context};
use crate::call::Refusal;
use crate::status::Status;

/// The first bytes of machine code: an ELF file, and a container of several.
const MACHINE_CODE: [[u8; 4]; 2] = [*b"\x7fELF", [0x50, 0xed, 0x55, 0xba]];
/// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`.
const DYNAMIC: c_int = 8;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleLoadData(out: *mut usize, image: *const c_char) -> Code {
    in_context("cuModuleLoadData", |d| {
        if image.is_null() {
            return Err(Refusal::invalid("there is no image"));
        }
        // SAFETY: an image holds at least four bytes, of whatever kind it is: PTX text begins with `.version`.
        let first = unsafe { image.cast::<[u8; 4]>().read_unaligned() };
        if MACHINE_CODE.contains(&first) {
            return Err(Refusal::new(Status::NoBinaryForGpu, "the emulator runs PTX and no machine code"));
        }
        // SAFETY: what is no machine code is text, and text ends in a NUL.
        let text = unsafe { CStr::from_ptr(image) }.to_str();
        let text = text.map_err(|_| Refusal::new(Status::InvalidImage, "the image is no text"))?;
        let module = d.module_load(text)?;
        // SAFETY: the caller passes a place for the answer; so below.
        unsafe { give(out, module) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleUnload(module: usize) -> Code {
    in_context("cuModuleUnload", |d| d.module_unload(module))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleGetFunction(out: *mut usize, module: usize, name: *const c_char) -> Code {
    in_context("cuModuleGetFunction", |d| {
        if name.is_null() {
            return Err(Refusal::invalid("there is no name"));
        }
        // SAFETY: a name ends in a NUL.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        let function = d.function(module, &name)?;
        // SAFETY: as above.
        unsafe { give(out, function) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuFuncSetAttribute(function: usize, attribute: c_int, value: c_int) -> Code {
    in_context("cuFuncSetAttribute", |d| match attribute {
        DYNAMIC => d.allow_dynamic(function, value.max(0) as usize),
        _ => d.known_function(function).map(|_| ()),
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuFuncGetAttribute(out: *mut c_int, attribute: c_int, function: usize) -> Code {
    in_context("cuFuncGetAttribute", |d| {
        let value = d.function_attribute(function, attribute)?;
        // SAFETY: as above.
        unsafe { give(out, value) }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuLaunchKernel(
    function: usize,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    shared: c_uint,
    stream: usize,
    values: *const *const c_void,
    extra: *const *const c_void,
) -> Code {
    in_context("cuLaunchKernel", |d| {
        let kernel = std::sync::Arc::clone(&d.known_function(function)?.kernel);
        if !extra.is_null() || (values.is_null() && !kernel.params.is_empty()) {
            return Err(Refusal::invalid("parameters are taken from an array of pointers only"));
        }
        let mut params = vec![0u8; kernel.param_bytes];
        for (i, &(at, bytes)) in kernel.params.iter().enumerate() {
            // SAFETY: the caller passes a pointer per parameter, each to as many bytes as the kernel declares.
            let value = unsafe { std::slice::from_raw_parts((*values.add(i)).cast::<u8>(), bytes) };
            params[at..at + bytes].copy_from_slice(value);
        }
        let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
        let launch = Launch { kernel: kernel.name.clone(), grid, block, shared: shared as usize, params };
        d.launch(function, launch, stream)
    })
}
