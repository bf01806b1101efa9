//! Powers, sigmoids and Gaussians of whole vectors.

use pulp::Simd;

use crate::simd::{EXP2_ROUND, EXP2_TERMS};

/// 2ˣ for x in [-126, 126] (smaller values count as -126) with a relative error near 1e-7; 2⁰ is exactly 1.
#[inline(always)]
pub(super) fn exp2<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.max_f32s(x, simd.splat_f32s(-126.0));
    let whole = simd.add_f32s(x, simd.splat_f32s(EXP2_ROUND));
    let x = simd.sub_f32s(x, simd.sub_f32s(whole, simd.splat_f32s(EXP2_ROUND)));
    let mut p = simd.splat_f32s(EXP2_TERMS[0]);
    for term in &EXP2_TERMS[1..] {
        p = simd.mul_add_e_f32s(p, x, simd.splat_f32s(*term));
    }
    p = simd.mul_add_e_f32s(p, x, simd.splat_f32s(std::f32::consts::LN_2));
    p = simd.mul_add_e_f32s(p, x, simd.splat_f32s(1.0));
    let exponent = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(whole), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(p), exponent))
}

/// x·Φ(x), the GELU in its exact form (Φ: the normal distribution function, 0.5·(1 + erf(x/√2))).
///
/// Computed as max(x, 0) - |x|·Φ(-|x|) with a polynomial for log₂ Φ(-a) on [0, 6]; absolute error below 1e-7.
#[inline(always)]
pub(super) fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    const TERMS: [f32; 9] = [
        -0.999_997_8,
        -1.151_139_4,
        -0.459_037_42,
        -0.052_888_528,
        0.007_539_727_3,
        -0.000_460_093_93,
        -6.381_918_5e-5,
        1.535_061_7e-5,
        -9.385_221_3e-7,
    ];
    let a = simd.min_f32s(simd.abs_f32s(x), simd.splat_f32s(6.0));
    let mut p = simd.splat_f32s(TERMS[8]);
    for term in TERMS[..8].iter().rev() {
        p = simd.mul_add_e_f32s(p, a, simd.splat_f32s(*term));
    }
    let tail = simd.mul_f32s(a, exp2(simd, p));
    simd.sub_f32s(simd.max_f32s(x, simd.splat_f32s(0.0)), tail)
}

/// x / (1 + e^(-βx)); `slope` is -β·log₂ e.
#[inline(always)]
pub(super) fn swish<S: Simd>(simd: S, x: S::f32s, slope: S::f32s) -> S::f32s {
    let power = simd.min_f32s(simd.mul_f32s(x, slope), simd.splat_f32s(126.0));
    simd.div_f32s(x, simd.add_f32s(simd.splat_f32s(1.0), exp2(simd, power)))
}

/// Rounds two vectors to bf16, ties to even, the first into the low halves.
#[inline(always)]
pub(super) fn bf16_pairs<S: Simd>(simd: S, first: S::f32s, second: S::f32s) -> S::u32s {
    let low = simd.wrapping_dyn_shr_u32s(rounded(simd, first), simd.splat_u32s(16));
    let high = simd.and_u32s(rounded(simd, second), simd.splat_u32s(0xffff_0000));
    simd.or_u32s(low, high)
}

/// Bits whose upper half is the nearest bf16.
#[inline(always)]
fn rounded<S: Simd>(simd: S, x: S::f32s) -> S::u32s {
    let bits = simd.transmute_u32s_f32s(x);
    let odd = simd.and_u32s(simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(16)), simd.splat_u32s(1));
    simd.add_u32s(simd.add_u32s(bits, simd.splat_u32s(0x7fff)), odd)
}
