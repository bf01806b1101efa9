//! Executes PTX on the CPU and reports what a GPU would not forgive.
//!
//! A test gives [`Emulator`] the PTX text that ships, uploads arrays, launches kernels and downloads the results. On
//! the way every access is checked against shadow memory: what lies out of bounds, is misaligned, was never written or
//! is touched by two threads without a barrier between ends the launch with a [`Fault`] that names kernel, block,
//! thread, PTX line and source line. What is merely slow (bank conflicts, scattered accesses, divergent branches,
//! local memory) is counted per line in the [`Report`] of a launch.
//!
//! What it knows: branches, barriers of a whole block and of a warp, shuffles, votes, `redux`; loads and stores of every
//! space, tables of constants, `cp.async`, atomic operations; `ldmatrix`, `mma.sync` with sums in f32 (f16, bf16, tf32);
//! f32, f64, f16, bf16 and integer arithmetic with every rounding that nvcc makes of plain code; conversions. Not known:
//! calls, barriers of a part of a block, `mbarrier`, bulk copies, `wgmma`, clusters, textures, variables of a module.
//! [`ptx::Kernel::unsupported`] lists what a kernel holds of that.
//!
//! What it cannot prove: what `ptxas` and the driver make of the PTX (among that, a `mul` and an `add` without
//! rounding may be fused); the true last bits of approximate functions and of sums inside `mma`; order between blocks
//! of one launch through fences; timing and occupancy. Instructions that it does not know, or a modifier of one that
//! it does, are a fault where they are executed: nothing is guessed.
//!
//! # Examples
//! ```
//! use cuda_emulator::{Emulator, Launch};
//!
//! let ptx = "
//! .version 8.0
//! .target sm_80
//! .address_size 64
//! .visible .entry twice(.param .u64 p) {
//!     .reg .b64 %rd<4>;
//!     .reg .b32 %r<2>;
//!     .reg .f32 %f<3>;
//!     ld.param.u64 %rd1, [p];
//!     cvta.to.global.u64 %rd2, %rd1;
//!     mov.u32 %r1, %tid.x;
//!     mul.wide.u32 %rd3, %r1, 4;
//!     add.s64 %rd2, %rd2, %rd3;
//!     ld.global.f32 %f1, [%rd2];
//!     add.f32 %f2, %f1, %f1;
//!     st.global.f32 [%rd2], %f2;
//!     ret;
//! }";
//! let mut card = Emulator::new(&[ptx])?;
//! let x = card.upload(&1.5f32.to_le_bytes().repeat(64), "x");
//! let report = card.launch(&Launch::new("twice").threads(64).pointer(x))?;
//! assert!(report.findings().is_empty());
//! assert_eq!(card.download(x)?[..4], 3f32.to_le_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod bug;
mod card;
mod decode;
mod emulator;
mod exec;
mod fault;
mod launch;
mod memory;
pub mod ptx;
mod report;
pub mod value;

pub use card::Card;
pub use emulator::{Emulator, Settings};
pub use fault::{Error, Fault, Kind, Place};
pub use launch::Launch;
pub use memory::Memory;
pub use report::{Counts, Finding, Habit, Report};
