//! Unmodified cudarc on the emulated card: what it does, and what it says when the card or the driver fails.
//!
//! The driver is loaded once per process and told what to be by the environment, so each test runs the program below
//! in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use cudarc::driver::{CudaContext, DriverError, LaunchConfig, PushKernelArg, sys};
use cudarc::nvrtc::Ptx;

/// Scales `n` floats by a factor.
const PTX: &str = "
.version 8.0
.target sm_80
.address_size 64
.visible .entry scale(.param .u64 x, .param .f32 factor, .param .u32 n) {
    .reg .pred %p<2>;
    .reg .b32 %r<6>;
    .reg .f32 %f<4>;
    .reg .b64 %rd<3>;
    ld.param.u64 %rd1, [x];
    ld.param.f32 %f1, [factor];
    ld.param.u32 %r1, [n];
    mov.u32 %r2, %ctaid.x;
    mov.u32 %r3, %ntid.x;
    mov.u32 %r4, %tid.x;
    mad.lo.s32 %r5, %r2, %r3, %r4;
    setp.ge.u32 %p1, %r5, %r1;
    @%p1 bra $end;
    mul.wide.u32 %rd2, %r5, 4;
    add.s64 %rd2, %rd1, %rd2;
    ld.global.f32 %f2, [%rd2];
    mul.rn.f32 %f3, %f2, %f1;
    st.global.f32 [%rd2], %f3;
$end:
    ret;
}";

/// Floats in the array; the program launches for as many as it is told to.
const N: usize = 1000;

fn program(launched: u32) -> Result<Vec<f32>, DriverError> {
    let context = CudaContext::new(0)?;
    assert_eq!(context.name()?, "PTX emulator on a CPU", "another libcuda was found");
    let stream = context.new_stream()?;
    let module = context.load_module(Ptx::from_src(PTX))?;
    let scale = module.load_function("scale")?;
    let x: Vec<f32> = (0..N).map(|i| i as f32).collect();
    let mut x = stream.clone_htod(&x)?;
    let mut launch = stream.launch_builder(&scale);
    launch.arg(&mut x).arg(&3f32).arg(&launched);
    #[expect(unsafe_code, reason = "a launch")]
    // SAFETY: the arguments are those that the kernel declares.
    unsafe { launch.launch(LaunchConfig::for_num_elems(launched)) }?;
    let got = stream.clone_dtoh(&x)?;
    stream.synchronize()?;
    Ok(got)
}

/// The folder in which the driver that was built with this test is called libcuda.so.
fn folder(name: &str) -> PathBuf {
    let library = std::env::current_exe().unwrap().with_file_name("libcuda_emulator_driver.so");
    assert!(library.exists(), "{} was not built", library.display());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let link = folder.join("libcuda.so");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(library, link).unwrap();
    folder
}

/// Runs the program in a process of its own; gives what it and the driver said.
fn run(name: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "program_in_a_process_of_its_own", "--ignored", "--nocapture"]);
    command.env("LD_LIBRARY_PATH", folder(name)).envs(variables.iter().copied());
    let output = command.output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

#[test]
#[ignore = "the other tests run it"]
fn program_in_a_process_of_its_own() {
    #[expect(unsafe_code, reason = "opens a library")]
    // SAFETY: the library has no code that runs when it is opened.
    let present = unsafe { sys::is_culib_present() };
    if !present {
        println!("no driver");
        return;
    }
    let launched = std::env::var("LAUNCHED").map_or(N as u32, |n| n.parse().unwrap());
    match program(launched) {
        Ok(got) => {
            assert!(got.iter().enumerate().all(|(i, &v)| v == 3.0 * i as f32));
            println!("all is right");
        }
        Err(error) => println!("refused: {:?}", error.0),
    }
}

#[test]
fn cudarc_computes_on_the_emulated_card() {
    let said = run("right", &[]);
    assert!(said.contains("all is right"), "{said}");
}

#[test]
fn a_kernel_that_writes_past_the_end_is_named() {
    let said = run("past", &[("LAUNCHED", "1001")]);
    assert!(said.contains("refused: CUDA_ERROR_ILLEGAL_ADDRESS"), "{said}");
    assert!(said.contains("4 bytes at +4000 of allocation 1 (4000 bytes) are out of bounds"), "{said}");
}

#[test]
fn every_bad_driver_and_card_is_an_answer_and_no_panic() {
    let cases = [
        (("CUDA_EMULATOR_DEVICES", "0"), "CUDA_ERROR_NO_DEVICE"),
        (("CUDA_EMULATOR_DRIVER", "11080"), "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
        (("CUDA_EMULATOR_MEMORY", "3999"), "CUDA_ERROR_OUT_OF_MEMORY"),
        (
            ("CUDA_EMULATOR_FAIL", "cuDevicePrimaryCtxRetain@1=device-unavailable"),
            "CUDA_ERROR_DEVICE_UNAVAILABLE",
        ),
        (("CUDA_EMULATOR_FAIL", "cuLaunchKernel@1=launch-failed"), "CUDA_ERROR_LAUNCH_FAILED"),
        (("CUDA_EMULATOR_FAIL", "cuMemcpyDtoHAsync_v2@1=unknown"), "CUDA_ERROR_UNKNOWN"),
    ];
    for (i, (variable, answer)) in cases.into_iter().enumerate() {
        let said = run(&format!("bad{i}"), &[variable]);
        assert!(said.contains(&format!("refused: {answer}")), "{variable:?}: {said}");
    }
}

#[test]
fn without_a_driver_cudarc_says_so() {
    let said = run("none", &[("LD_LIBRARY_PATH", "/nowhere")]);
    assert!(said.contains("no driver"), "{said}");
}
