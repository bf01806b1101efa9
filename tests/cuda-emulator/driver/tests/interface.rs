//! The C interface, called as a C program calls it. One test: the driver is one for the process.
#![expect(unsafe_code, reason = "the driver's interface")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

// Brings the functions below into the program.
use cuda_emulator_driver as _;

unsafe extern "C" {
    fn cuInit(flags: c_uint) -> c_int;
    fn cuDeviceGetCount(out: *mut c_int) -> c_int;
    fn cuDeviceGet(out: *mut c_int, ordinal: c_int) -> c_int;
    fn cuDevicePrimaryCtxRetain(out: *mut usize, device: c_int) -> c_int;
    fn cuCtxSetCurrent(context: usize) -> c_int;
    fn cuMemAlloc_v2(out: *mut u64, bytes: usize) -> c_int;
    fn cuMemcpyHtoD_v2(to: u64, from: *const u8, bytes: usize) -> c_int;
    fn cuMemcpyDtoH_v2(to: *mut u8, from: u64, bytes: usize) -> c_int;
    fn cuModuleLoadData(out: *mut usize, image: *const c_char) -> c_int;
    fn cuModuleGetFunction(out: *mut usize, module: usize, name: *const c_char) -> c_int;
    fn cuLaunchKernel(
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
    ) -> c_int;
    fn cuGetErrorName(error: c_int, out: *mut *const c_char) -> c_int;
}

const PTX: &CStr = c"
.version 8.0
.target sm_80
.visible .entry put(.param .u64 at, .param .u32 value) {
    .reg .b32 %r<2>;
    .reg .b64 %rd<2>;
    ld.param.u64 %rd1, [at];
    ld.param.u32 %r1, [value];
    st.global.u32 [%rd1], %r1;
    ret;
}";

#[test]
fn a_c_program_gets_numbers_and_names() {
    // SAFETY: every pointer is to a variable of the type that the function asks for, alive during the call.
    unsafe {
        let (mut count, mut device, mut context) = (0, 0, 0);
        assert_eq!((cuInit(0), cuDeviceGetCount(&raw mut count), count), (0, 0, 1));
        assert_eq!(cuDeviceGet(&raw mut device, 1), 101);
        assert_eq!(cuDeviceGet(&raw mut device, 0), 0);
        let mut at = 0u64;
        assert_eq!(cuMemAlloc_v2(&raw mut at, 4), 201, "the thread has no context yet");
        assert_eq!(cuDevicePrimaryCtxRetain(&raw mut context, device), 0);
        assert_eq!(cuCtxSetCurrent(context), 0);
        assert_eq!(cuMemAlloc_v2(&raw mut at, 4), 0);
        assert_eq!(cuMemAlloc_v2(std::ptr::null_mut(), 4), 1);

        let (mut module, mut function) = (0, 0);
        assert_eq!(cuModuleLoadData(&raw mut module, c"\x7fELF".as_ptr()), 209);
        assert_eq!(cuModuleLoadData(&raw mut module, PTX.as_ptr()), 0);
        assert_eq!(cuModuleGetFunction(&raw mut function, module, c"get".as_ptr()), 500);
        assert_eq!(cuModuleGetFunction(&raw mut function, module, c"put".as_ptr()), 0);
        let value = 42u32;
        let values = [(&raw const at).cast::<c_void>(), (&raw const value).cast()];
        assert_eq!(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, 0, values.as_ptr(), std::ptr::null()), 0);
        let mut got = [0u8; 4];
        assert_eq!((cuMemcpyDtoH_v2(got.as_mut_ptr(), at, 4), got), (0, 42u32.to_le_bytes()));
        assert_eq!(cuMemcpyHtoD_v2(at + 1, got.as_ptr(), 4), 1);

        let mut name = std::ptr::null();
        assert_eq!(cuGetErrorName(209, &raw mut name), 0);
        assert_eq!(CStr::from_ptr(name), c"CUDA_ERROR_NO_BINARY_FOR_GPU");
    }
}
