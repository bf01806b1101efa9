//! Chooses vector instructions at run time and enters the kernels with them.

use std::sync::OnceLock;

use super::lanes::{Lanes, portable::Portable};
#[cfg(target_arch = "x86_64")]
use super::lanes::{avx2::Avx2, avx512::Avx512};
use super::task::Task;
use super::{backward, forward, scratch};

/// Vector instructions that a scan may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// 16 lanes (x86-64 with AVX-512 F, BW, DQ and VL).
    Avx512,
    /// 8 lanes (x86-64 with AVX2 and FMA).
    Avx2,
    /// 8 lanes in plain Rust.
    Portable,
}

impl Instructions {
    /// Lists what this processor can do, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                all.push(Self::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self::Avx2);
            }
        }
        all.push(Self::Portable);
        all
    }

    /// Returns the fastest that this processor has, or the one that the environment variable `CROSSMAMBA_SIMD`
    /// names (`avx512`, `avx2`, `portable`) if the processor has it.
    pub fn best() -> Self {
        static BEST: OnceLock<Instructions> = OnceLock::new();
        *BEST.get_or_init(|| {
            let available = Self::available();
            let named = std::env::var("CROSSMAMBA_SIMD").ok().and_then(|name| match name.as_str() {
                "avx512" => Some(Self::Avx512),
                "avx2" => Some(Self::Avx2),
                "portable" => Some(Self::Portable),
                _ => None,
            });
            named.filter(|x| available.contains(x)).unwrap_or(available[0])
        })
    }

    /// Falls back to plain Rust where the processor lacks the instructions, which makes every call safe.
    fn checked(self) -> Self {
        static AVAILABLE: OnceLock<Vec<Instructions>> = OnceLock::new();
        if AVAILABLE.get_or_init(Self::available).contains(&self) { self } else { Self::Portable }
    }

    pub(super) fn width(self) -> usize {
        match self.checked() {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::WIDTH,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::WIDTH,
            _ => Portable::WIDTH,
        }
    }

    pub(super) fn forward(self, task: &Task<'_>, to: &forward::Outputs) {
        let read = task.call.p.w.is_some();
        // SAFETY (all): `checked` has seen the instructions; the buffer has the size that the kernel asks for.
        match self.checked() {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => scratch::with(forward::scratch::<Avx512>(task), |start| unsafe {
                if read {
                    forward_read_avx512(task, start, to);
                } else {
                    forward_avx512(task, start, to);
                }
            }),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => scratch::with(forward::scratch::<Avx2>(task), |start| unsafe {
                if read {
                    forward_read_avx2(task, start, to);
                } else {
                    forward_avx2(task, start, to);
                }
            }),
            _ => scratch::with(forward::scratch::<Portable>(task), |start| unsafe {
                if read {
                    forward::run::<Portable, 2, true>(task, start, to);
                } else {
                    forward::run::<Portable, 4, false>(task, start, to);
                }
            }),
        }
    }

    pub(super) fn backward(self, task: &Task<'_>, by: &backward::Inputs<'_>, to: &backward::Outputs) {
        let read = by.k.is_some();
        // SAFETY (all): as in `forward`.
        match self.checked() {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => scratch::with(backward::scratch::<Avx512>(task), |start| unsafe {
                if read {
                    backward_read_avx512(task, start, by, to);
                } else {
                    backward_avx512(task, start, by, to);
                }
            }),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => scratch::with(backward::scratch::<Avx2>(task), |start| unsafe {
                if read {
                    backward_read_avx2(task, start, by, to);
                } else {
                    backward_avx2(task, start, by, to);
                }
            }),
            _ => scratch::with(backward::scratch::<Portable>(task), |start| unsafe {
                if read {
                    backward::run::<Portable, 1, true>(task, start, by, to);
                } else {
                    backward::run::<Portable, 1, false>(task, start, by, to);
                }
            }),
        }
    }
}

/// Instantiates a kernel inside a function that enables its instructions.
#[cfg(target_arch = "x86_64")]
macro_rules! entry {
    ($features:literal, $name:ident, $kernel:path, ($($argument:ident: $type:ty),*)) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(task: &Task<'_>, start: *mut f32, $($argument: $type),*) {
            $kernel(task, start, $($argument),*);
        }
    };
}

#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", forward_avx512, forward::run::<Avx512, 8, false>, (to: &forward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", forward_read_avx512, forward::run::<Avx512, 4, true>, (to: &forward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", forward_avx2, forward::run::<Avx2, 4, false>, (to: &forward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", forward_read_avx2, forward::run::<Avx2, 2, true>, (to: &forward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", backward_avx512, backward::run::<Avx512, 2, false>, (by: &backward::Inputs<'_>, to: &backward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", backward_read_avx512, backward::run::<Avx512, 1, true>, (by: &backward::Inputs<'_>, to: &backward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", backward_avx2, backward::run::<Avx2, 1, false>, (by: &backward::Inputs<'_>, to: &backward::Outputs));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", backward_read_avx2, backward::run::<Avx2, 1, true>, (by: &backward::Inputs<'_>, to: &backward::Outputs));
