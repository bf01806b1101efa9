//! Enters the kernels with the vector instructions that were chosen.

use super::super::OutputGradients;
use super::backward::{self, GradientPointers};
use super::forward::{self, OutputPointers};
use super::lanes::{Lanes, portable::Portable};
#[cfg(target_arch = "x86_64")]
use super::lanes::{avx2::Avx2, avx512::Avx512};
use super::scratch;
use super::task::Task;
use crate::simd::Instructions;

/// Counts the channels of a vector.
pub(super) fn width(instructions: Instructions) -> usize {
    match instructions.checked() {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => Avx512::WIDTH,
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => Avx2::WIDTH,
        _ => Portable::WIDTH,
    }
}

/// Runs a task of the forward.
pub(super) fn forward(instructions: Instructions, task: &Task<'_>, to: &OutputPointers) {
    let readout = task.call.p.w.is_some();
    match instructions.checked() {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => scratch::with(forward::scratch::<Avx512>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if readout {
                    forward_readout_avx512(task, start, to);
                } else {
                    forward_avx512(task, start, to);
                }
            }
        }),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => scratch::with(forward::scratch::<Avx2>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if readout {
                    forward_readout_avx2(task, start, to);
                } else {
                    forward_avx2(task, start, to);
                }
            }
        }),
        _ => scratch::with(forward::scratch::<Portable>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if readout {
                    forward::run::<Portable, 2, true>(task, start, to);
                } else {
                    forward::run::<Portable, 4, false>(task, start, to);
                }
            }
        }),
    }
}

/// Runs a task of the backward.
pub(super) fn backward(
    instructions: Instructions,
    task: &Task<'_>,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
) {
    let through_k = by.k.is_some();
    match instructions.checked() {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => scratch::with(backward::scratch::<Avx512>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if through_k {
                    backward_through_k_avx512(task, start, by, to);
                } else {
                    backward_avx512(task, start, by, to);
                }
            }
        }),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => scratch::with(backward::scratch::<Avx2>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if through_k {
                    backward_through_k_avx2(task, start, by, to);
                } else {
                    backward_avx2(task, start, by, to);
                }
            }
        }),
        _ => scratch::with(backward::scratch::<Portable>(task), |start| {
            // SAFETY: `checked` has seen the instructions; the buffer has the size that the kernel asks for.
            unsafe {
                if through_k {
                    backward::run::<Portable, 1, true>(task, start, by, to);
                } else {
                    backward::run::<Portable, 1, false>(task, start, by, to);
                }
            }
        }),
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
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", forward_avx512, forward::run::<Avx512, 8, false>, (to: &OutputPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", forward_readout_avx512, forward::run::<Avx512, 4, true>, (to: &OutputPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", forward_avx2, forward::run::<Avx2, 4, false>, (to: &OutputPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", forward_readout_avx2, forward::run::<Avx2, 2, true>, (to: &OutputPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", backward_avx512, backward::run::<Avx512, 2, false>, (by: &OutputGradients<'_, f32>, to: &GradientPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", backward_through_k_avx512, backward::run::<Avx512, 1, true>, (by: &OutputGradients<'_, f32>, to: &GradientPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", backward_avx2, backward::run::<Avx2, 1, false>, (by: &OutputGradients<'_, f32>, to: &GradientPointers));
#[cfg(target_arch = "x86_64")]
entry!("avx2,fma", backward_through_k_avx2, backward::run::<Avx2, 1, true>, (by: &OutputGradients<'_, f32>, to: &GradientPointers));
