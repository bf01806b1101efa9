//! Unmodified cudarc on the emulated card: what it does, and what it says when the card or the driver fails.
//!
//! The driver is loaded once per process and told what to be by the environment, so each test runs the program below
//! in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use cudarc::cublas::sys::cublasOperation_t::{CUBLAS_OP_N, CUBLAS_OP_T};
use cudarc::cublas::{CudaBlas, Gemm, GemmConfig, StridedBatchedConfig};
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
    for name in ["libcuda.so", "libcublas.so", "libcurand.so"] {
        let link = folder.join(name);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&library, link).unwrap();
    }
    folder
}

/// Runs the first program.
fn run(name: &str, variables: &[(&str, &str)]) -> String {
    run_program("program_in_a_process_of_its_own", name, variables)
}

/// Runs a program in a process of its own; gives what it and the driver said.
fn run_program(program: &str, name: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", program, "--ignored", "--nocapture"]);
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

/// Two products of 5 × 3 by 3 × 4, all row-major, as candle asks for them: with the factors exchanged.
#[test]
#[ignore = "another test runs it"]
fn products_in_a_process_of_their_own() {
    let (m, n, k) = (5, 4, 3);
    let context = CudaContext::new(0).unwrap();
    let stream = context.per_thread_stream();
    let blas = CudaBlas::new(stream.clone()).unwrap();
    let _random = cudarc::curand::CudaRng::new(1, stream.clone()).unwrap();
    let value = |i: usize| (i % 7) as f32 - 3.0;
    let right: Vec<f32> = (0..2 * m * n)
        .map(|i| {
            let (batch, row, column) = (i / (m * n), i / n % m, i % n);
            (0..k).map(|p| value((batch * m + row) * k + p) * value((batch * n + column) * k + p)).sum()
        })
        .collect();
    macro_rules! check {
        ($ty:ty, $from:expr, $to:expr) => {{
            let fill = |len: usize| (0..len).map(|i| $from(value(i))).collect::<Vec<$ty>>();
            let (a, b) =
                (stream.clone_htod(&fill(2 * m * k)).unwrap(), stream.clone_htod(&fill(2 * n * k)).unwrap());
            let mut c = stream.alloc_zeros::<$ty>(2 * m * n).unwrap();
            let gemm = GemmConfig {
                transa: CUBLAS_OP_T,
                transb: CUBLAS_OP_N,
                m: n as i32,
                n: m as i32,
                k: k as i32,
                alpha: $from(1.0),
                lda: k as i32,
                ldb: k as i32,
                beta: $from(0.0),
                ldc: n as i32,
            };
            let (stride_a, stride_b, stride_c) = ((n * k) as i64, (m * k) as i64, (m * n) as i64);
            let config = StridedBatchedConfig { gemm, batch_size: 2, stride_a, stride_b, stride_c };
            #[expect(unsafe_code, reason = "sizes are not checked by the library")]
            // SAFETY: the arrays have the sizes that the configuration says.
            unsafe { blas.gemm_strided_batched(config, &b, &a, &mut c) }.unwrap();
            let got: Vec<f32> = stream.clone_dtoh(&c).unwrap().into_iter().map($to).collect();
            assert_eq!(got, right);
        }};
    }
    check!(f32, |x| x, |x| x);
    check!(f64, f64::from, |x| x as f32);
    check!(half::f16, half::f16::from_f32, half::f16::to_f32);
    check!(half::bf16, half::bf16::from_f32, half::bf16::to_f32);
    println!("all is right");
}

/// One stream uploads, another computes. cudarc puts an event between them unless it is told not to.
#[test]
#[ignore = "another test runs it"]
fn streams_in_a_process_of_their_own() {
    let context = CudaContext::new(0).unwrap();
    let (one, two) = (context.new_stream().unwrap(), context.new_stream().unwrap());
    if std::env::var_os("NO_EVENTS").is_some() {
        #[expect(unsafe_code, reason = "the mistake that the test is about")]
        // SAFETY: none: the streams are not ordered, which the emulator must notice.
        unsafe {
            context.disable_event_tracking();
        }
    }
    let scale = context.load_module(Ptx::from_src(PTX)).unwrap().load_function("scale").unwrap();
    let mut x = one.clone_htod(&[1f32; 8]).unwrap();
    let mut launch = two.launch_builder(&scale);
    launch.arg(&mut x).arg(&3f32).arg(&8u32);
    #[expect(unsafe_code, reason = "a launch")]
    // SAFETY: the arguments are those that the kernel declares.
    unsafe { launch.launch(LaunchConfig::for_num_elems(8)) }.unwrap();
    match two.synchronize().and_then(|()| two.clone_dtoh(&x)) {
        Ok(got) => println!("got {got:?}"),
        Err(error) => println!("refused: {:?}", error.0),
    }
}

#[test]
fn cublas_multiplies_as_candle_asks_it_to() {
    let said = run_program("products_in_a_process_of_their_own", "products", &[]);
    assert!(said.contains("all is right"), "{said}");
}

#[test]
fn a_missing_event_between_two_streams_is_noticed() {
    let said = run_program("streams_in_a_process_of_their_own", "events", &[]);
    assert!(said.contains("got [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]"), "{said}");
    let said = run_program("streams_in_a_process_of_their_own", "no-events", &[("NO_EVENTS", "1")]);
    assert!(said.contains("refused: CUDA_ERROR_LAUNCH_FAILED"), "{said}");
    assert!(said.contains("memory that nobody wrote was read at PTX line 21"), "{said}");
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
