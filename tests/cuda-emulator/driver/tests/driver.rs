//! What a program sees of the driver: order of streams, memory, modules, and failures on demand.

use cuda_emulator::Launch;
use cuda_emulator_driver::{Driver, Handle, Host, Plan, Refusal, Settings, Status};

/// Adds one to each of `n` floats.
const PTX: &str = "
.version 8.0
.target sm_80
.address_size 64
.extern .shared .align 4 .b8 heap[];
.visible .entry add_one(.param .u64 x, .param .u32 n) {
    .reg .pred %p<2>;
    .reg .b32 %r<6>;
    .reg .f32 %f<3>;
    .reg .b64 %rd<3>;
    ld.param.u64 %rd1, [x];
    ld.param.u32 %r1, [n];
    mov.u32 %r2, %ctaid.x;
    mov.u32 %r3, %ntid.x;
    mov.u32 %r4, %tid.x;
    mad.lo.s32 %r5, %r2, %r3, %r4;
    setp.ge.u32 %p1, %r5, %r1;
    @%p1 bra $end;
    mul.wide.u32 %rd2, %r5, 4;
    add.s64 %rd2, %rd1, %rd2;
    ld.global.f32 %f1, [%rd2];
    add.f32 %f2, %f1, 0f3F800000;
    st.global.f32 [%rd2], %f2;
$end:
    ret;
}
.visible .entry shared() {
    .reg .b32 %r<2>;
    mov.u32 %r1, heap;
    st.shared.u32 [%r1], 1;
    ret;
}";

fn host(values: &mut [f32]) -> Host {
    #[expect(unsafe_code, reason = "the driver takes addresses")]
    // SAFETY: the slice outlives the call, and it is not pinned.
    unsafe {
        Host::new(values.as_mut_ptr().cast(), size_of_val(values))
    }
}

fn pinned(address: usize, n: usize) -> (&'static mut [f32], Host) {
    #[expect(unsafe_code, reason = "the driver takes addresses")]
    // SAFETY: the driver pinned as many floats at this address, and no test uses them after it frees them.
    unsafe {
        (std::slice::from_raw_parts_mut(address as *mut f32, n), Host::new(address as *const u8, 4 * n))
    }
}

fn add_one(driver: &mut Driver, function: Handle, x: u64, n: u32, stream: Handle) -> Result<(), Refusal> {
    let launch = Launch::new("").blocks(n.div_ceil(32)).threads(32).pointer(x).int(n as i32);
    driver.launch(function, launch, stream)
}

/// A driver with the kernel loaded.
fn ready(settings: Settings) -> (Driver, Handle) {
    let mut driver = Driver::new(settings);
    let module = driver.module_load(PTX).unwrap();
    let function = driver.function(module, "add_one").unwrap();
    (driver, function)
}

#[test]
fn a_copy_into_pinned_memory_arrives_only_when_the_host_waits() {
    let (mut driver, function) = ready(Settings::default());
    let stream = driver.stream_create(false);
    let x = driver.alloc(4 * 40).unwrap();
    driver.upload(x, host(&mut [1.0; 40]), stream).unwrap();
    add_one(&mut driver, function, x, 40, stream).unwrap();
    let address = driver.host_alloc(4 * 40);
    let (values, place) = pinned(address, 40);
    values.fill(7.0);
    driver.download(place, x, stream).unwrap();
    assert!(values.iter().all(|v| v.is_nan()), "what is on its way must not be read");
    assert!(driver.host_free(address).unwrap_err().what.contains("on its way"));
    driver.stream_synchronize(stream).unwrap();
    assert_eq!(values, [2.0; 40]);
    driver.host_free(address).unwrap();
    // Memory that is not pinned is there when the call returns, as the manual says.
    let mut plain = [0.0; 40];
    driver.download(host(&mut plain), x, stream).unwrap();
    assert_eq!(plain, [2.0; 40]);
}

#[test]
fn pinned_memory_is_read_when_the_copy_is_made() {
    let mut driver = Driver::default();
    let stream = driver.stream_create(false);
    let x = driver.alloc(8).unwrap();
    let address = driver.host_alloc(8);
    let (values, place) = pinned(address, 2);
    values.fill(1.0);
    driver.upload(x, place, stream).unwrap();
    // The mistake: the host goes on before the card has read.
    values.fill(2.0);
    let mut got = [0.0; 2];
    driver.download(host(&mut got), x, stream).unwrap();
    assert_eq!(got, [2.0; 2]);
}

#[test]
fn a_stream_waits_for_another_only_with_an_event() {
    let (mut driver, function) = ready(Settings::default());
    let (one, two) = (driver.stream_create(false), driver.stream_create(false));
    let x = driver.alloc(4).unwrap();
    driver.upload(x, host(&mut [1.0]), one).unwrap();
    let event = driver.event_create();
    driver.event_record(event, one).unwrap();
    driver.stream_wait(two, event).unwrap();
    add_one(&mut driver, function, x, 1, two).unwrap();
    let mut got = [0.0];
    driver.download(host(&mut got), x, two).unwrap();
    assert_eq!(got, [2.0]);

    let y = driver.alloc(4).unwrap();
    driver.upload(y, host(&mut [1.0]), one).unwrap();
    add_one(&mut driver, function, y, 1, two).unwrap();
    let refusal = driver.stream_synchronize(two).unwrap_err();
    assert_eq!(refusal.status, Status::LaunchFailed);
    assert!(refusal.what.contains("was never set"), "{refusal}");
}

#[test]
fn the_stream_without_a_name_is_ordered_with_the_blocking_ones() {
    let (mut driver, function) = ready(Settings::default());
    let (blocking, free) = (driver.stream_create(true), driver.stream_create(false));
    let (x, y) = (driver.alloc(4).unwrap(), driver.alloc(4).unwrap());
    driver.upload(x, host(&mut [1.0]), blocking).unwrap();
    add_one(&mut driver, function, x, 1, Driver::LEGACY).unwrap();
    add_one(&mut driver, function, x, 1, blocking).unwrap();
    let mut got = [0.0];
    driver.download(host(&mut got), x, blocking).unwrap();
    assert_eq!(got, [3.0]);
    driver.upload(y, host(&mut [1.0]), free).unwrap();
    assert!(driver.download(host(&mut got), y, Driver::LEGACY).is_err());
}

#[test]
fn each_thread_has_a_stream_of_its_own() {
    let (mut driver, function) = ready(Settings::default());
    let own = Driver::PER_THREAD;
    let x = driver.alloc(4).unwrap();
    driver.upload(x, host(&mut [1.0]), own).unwrap();
    // Another thread does not wait for this one, nor this one's synchronisation for another thread.
    let other = std::thread::scope(|scope| {
        let run = || add_one(&mut driver, function, x, 1, own).and_then(|()| driver.stream_synchronize(own));
        scope.spawn(run).join().unwrap()
    });
    assert!(other.unwrap_err().what.contains("was never set"));
    add_one(&mut driver, function, x, 1, own).unwrap();
    let mut got = [0.0];
    driver.download(host(&mut got), x, own).unwrap();
    assert_eq!(got, [2.0]);
}

#[test]
fn a_broken_kernel_is_said_when_the_host_waits_and_loses_the_context() {
    let (mut driver, function) = ready(Settings::default());
    let x = driver.alloc(4 * 31).unwrap();
    driver.fill(x, 0, 4 * 31, Driver::LEGACY).unwrap();
    driver.call("cuLaunchKernel", |d| add_one(d, function, x, 32, Driver::LEGACY)).unwrap();
    let refusal = driver.call("cuCtxSynchronize", Driver::synchronize).unwrap_err();
    assert_eq!(refusal.status, Status::IllegalAddress);
    let said = refusal.to_string();
    assert!(said.contains("add_one, PTX line 21"), "{said}");
    assert!(said.contains("thread 31: 4 bytes at +124 of allocation 1 (124 bytes)"), "{said}");
    let later = driver.call("cuMemAlloc_v2", |d| d.alloc(4)).unwrap_err();
    assert_eq!(later.status, Status::IllegalAddress);
}

/// What a program does, call by call; gives what it computed.
fn program(driver: &mut Driver) -> Result<f32, Refusal> {
    driver.call("cuInit", Driver::init)?;
    driver.call("cuDeviceGet", |d| d.device(0))?;
    let module = driver.call("cuModuleLoadData", |d| d.module_load(PTX))?;
    let function = driver.call("cuModuleGetFunction", |d| d.function(module, "add_one"))?;
    let stream = driver.call("cuStreamCreate", |d| Ok(d.stream_create(false)))?;
    let x = driver.call("cuMemAllocAsync", |d| d.alloc_async(4, stream))?;
    driver.call("cuMemcpyHtoDAsync_v2", |d| d.upload(x, host(&mut [1.0]), stream))?;
    driver.call("cuLaunchKernel", |d| add_one(d, function, x, 1, stream))?;
    let mut got = [0.0];
    driver.call("cuMemcpyDtoHAsync_v2", |d| d.download(host(&mut got), x, stream))?;
    driver.call("cuMemFreeAsync", |d| d.free_async(x, stream))?;
    driver.call("cuStreamSynchronize", |d| d.stream_synchronize(stream))?;
    Ok(got[0])
}

#[test]
fn any_call_can_be_told_to_fail() {
    let mut whole = Driver::default();
    assert_eq!(program(&mut whole), Ok(2.0));
    for n in 1..=whole.settings.plan.calls() {
        let plan = Plan::parse(&format!("*@{n}=unknown")).unwrap();
        let mut driver = Driver::new(Settings { plan, ..Settings::default() });
        assert_eq!(program(&mut driver).unwrap_err().status, Status::Unknown);
        assert_eq!(driver.settings.plan.calls(), n, "the program went on after a failure");
        // A lost card stays lost; nothing else is counted.
        assert_eq!(program(&mut driver).unwrap_err().status, Status::Unknown);
    }
    let plan = Plan::parse("cuMemAllocAsync@1=out-of-memory").unwrap();
    let mut driver = Driver::new(Settings { plan, ..Settings::default() });
    assert_eq!(program(&mut driver).unwrap_err().status, Status::OutOfMemory);
    assert_eq!(program(&mut driver), Ok(2.0), "a second try succeeds");
}

#[test]
fn a_driver_can_be_too_old_and_a_card_too_small() {
    let fails = |settings: Settings| program(&mut Driver::new(settings)).unwrap_err().status;
    assert_eq!(fails(Settings { devices: 0, ..Settings::default() }), Status::NoDevice);
    assert_eq!(fails(Settings { driver: 11_080, ..Settings::default() }), Status::UnsupportedPtxVersion);
    assert_eq!(fails(Settings { memory: 3, ..Settings::default() }), Status::OutOfMemory);
    let mut driver = Driver::default();
    assert_eq!(driver.device(1).unwrap_err().status, Status::InvalidDevice);
    let newer = PTX.replace("sm_80", "sm_100");
    assert_eq!(driver.module_load(&newer).unwrap_err().status, Status::NoBinaryForGpu);
}

#[test]
fn memory_that_a_stream_frees_can_be_used_again_in_its_order() {
    let mut driver = Driver::new(Settings { memory: 100, ..Settings::default() });
    let stream = driver.stream_create(false);
    let x = driver.alloc_async(80, stream).unwrap();
    driver.free_async(x, stream).unwrap();
    assert_eq!(driver.free_memory(), 20);
    let y = driver.alloc_async(80, stream).unwrap();
    assert_ne!(x, y);
    let (other, third) = (driver.stream_create(false), driver.alloc_async(80, stream));
    assert_eq!(third.unwrap_err().status, Status::OutOfMemory);
    driver.free(y).unwrap();
    assert!(driver.free(y).is_err());
    driver.copy(x, y, 4, other).unwrap();
    let late = driver.stream_synchronize(other).unwrap_err();
    assert!(late.what.contains("was freed before"), "{late}");
}

#[test]
fn dynamic_shared_memory_must_be_asked_for() {
    let mut driver = Driver::default();
    let module = driver.module_load(PTX).unwrap();
    let function = driver.function(module, "shared").unwrap();
    let launch = || Launch::new("").shared(50_000);
    let refusal = driver.launch(function, launch(), Driver::LEGACY).unwrap_err();
    assert!(refusal.what.contains("MAX_DYNAMIC_SHARED_SIZE_BYTES"), "{refusal}");
    driver.allow_dynamic(function, 50_000).unwrap();
    driver.launch(function, launch(), Driver::LEGACY).unwrap();
    driver.synchronize().unwrap();
    assert!(driver.allow_dynamic(function, 1 << 20).is_err());
    let none = driver.launch(function, Launch::new(""), Driver::LEGACY).unwrap_err();
    assert_eq!(none.status, Status::LaunchOutOfResources);
}

#[test]
fn an_event_is_passed_once_the_card_is_there() {
    let (mut driver, function) = ready(Settings::default());
    let [before, after] = [(); 2].map(|()| driver.event_create());
    let x = driver.alloc(4).unwrap();
    driver.fill(x, 0, 4, Driver::LEGACY).unwrap();
    driver.event_record(before, Driver::LEGACY).unwrap();
    add_one(&mut driver, function, x, 1, Driver::LEGACY).unwrap();
    driver.event_record(after, Driver::LEGACY).unwrap();
    assert_eq!(driver.event_elapsed(before, after).unwrap_err().status, Status::NotReady);
    assert_eq!(driver.event_query(after).unwrap_err().status, Status::NotReady);
    driver.event_query(after).unwrap();
    // Fourteen instructions of one warp, a nanosecond each.
    assert_eq!(driver.event_elapsed(before, after), Ok(14e-6));
    driver.event_destroy(after).unwrap();
    assert!(driver.event_record(after, Driver::LEGACY).is_err());
}
