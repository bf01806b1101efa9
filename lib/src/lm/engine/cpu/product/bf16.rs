//! Products of bf16 pairs by the processor's own instruction (AVX-512 BF16).

use std::arch::x86_64::{
    __m512bh, __m512i, _mm512_dpbf16_ps, _mm512_load_epi32, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_store_ps,
};

use super::{TILE, Task};

/// Covers the rows with tiles of sizes that stay in registers.
///
/// # Safety
///
/// Needs the instructions and operands of the lengths that `multiply` checks.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) unsafe fn run(mut task: Task<'_>) {
    let mut at = 0;
    while at < task.out.len() {
        at += match task.out.len() - at {
            TILE.. => tile::<TILE>(&mut task, at),
            8.. => tile::<8>(&mut task, at),
            4.. => tile::<4>(&mut task, at),
            2.. => tile::<2>(&mut task, at),
            _ => tile::<1>(&mut task, at),
        };
    }
}

/// Computes `M` rows from row `at`; returns `M`.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn tile<const M: usize>(task: &mut Task<'_>, at: usize) -> usize {
    let mut sum = [[_mm512_setzero_ps(); 2]; M];
    if let Some(start) = task.start {
        for (i, sum) in sum.iter_mut().enumerate() {
            *sum = [_mm512_set1_ps(*start.get_unchecked(at + i)); 2];
        }
    }
    let mut left = task.left.words.as_ptr().add(at);
    for words in task.right {
        let words = words.0.as_ptr();
        let right = [pairs(_mm512_load_epi32(words.cast())), pairs(_mm512_load_epi32(words.add(16).cast()))];
        for (i, sum) in sum.iter_mut().enumerate() {
            let left = pairs(_mm512_set1_epi32((*left.add(i)).cast_signed()));
            sum[0] = _mm512_dpbf16_ps(sum[0], left, right[0]);
            sum[1] = _mm512_dpbf16_ps(sum[1], left, right[1]);
        }
        left = left.wrapping_add(task.left.stride);
    }
    for (i, sum) in sum.iter().enumerate() {
        let out = task.out.get_unchecked_mut(at + i).0.as_mut_ptr();
        _mm512_store_ps(out, sum[0]);
        _mm512_store_ps(out.add(16), sum[1]);
    }
    M
}

/// Reads 32 bits as a pair of bf16.
#[target_feature(enable = "avx512f,avx512bf16")]
fn pairs(words: __m512i) -> __m512bh {
    // SAFETY: both are 512 bits without invalid values.
    unsafe { std::mem::transmute(words) }
}
