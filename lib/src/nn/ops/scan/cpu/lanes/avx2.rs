//! Eight lanes with AVX2 and fused multiply-add.

#[allow(clippy::wildcard_imports, reason = "the intrinsics")]
use std::arch::x86_64::*;

use super::Lanes;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(in super::super) struct Avx2(__m256);

/// Selects the first `count` lanes.
#[inline(always)]
unsafe fn mask(count: usize) -> __m256i {
    let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lane)
}

/// Transposes 8 × 8: afterwards the k-th vector holds the k-th value of each.
#[inline(always)]
unsafe fn transpose(x: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = x;
    for k in 0..4 {
        pairs[2 * k] = _mm256_unpacklo_ps(x[2 * k], x[2 * k + 1]);
        pairs[2 * k + 1] = _mm256_unpackhi_ps(x[2 * k], x[2 * k + 1]);
    }
    let mut fours = pairs;
    for k in 0..2 {
        let p = [pairs[4 * k], pairs[4 * k + 1], pairs[4 * k + 2], pairs[4 * k + 3]];
        fours[4 * k] = _mm256_shuffle_ps::<0x44>(p[0], p[2]);
        fours[4 * k + 1] = _mm256_shuffle_ps::<0xee>(p[0], p[2]);
        fours[4 * k + 2] = _mm256_shuffle_ps::<0x44>(p[1], p[3]);
        fours[4 * k + 3] = _mm256_shuffle_ps::<0xee>(p[1], p[3]);
    }
    let mut y = fours;
    for k in 0..4 {
        y[k] = _mm256_permute2f128_ps::<0x20>(fours[k], fours[k + 4]);
        y[k + 4] = _mm256_permute2f128_ps::<0x31>(fours[k], fours[k + 4]);
    }
    y
}

impl Lanes for Avx2 {
    const WIDTH: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(_mm256_set1_ps(x))
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        Self(_mm256_loadu_ps(p))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        _mm256_storeu_ps(p, self.0);
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, count: usize) -> Self {
        Self(_mm256_maskload_ps(p, mask(count)))
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, count: usize) {
        _mm256_maskstore_ps(p, mask(count), self.0);
    }
    #[inline(always)]
    unsafe fn add(self, x: Self) -> Self {
        Self(_mm256_add_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn sub(self, x: Self) -> Self {
        Self(_mm256_sub_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn mul(self, x: Self) -> Self {
        Self(_mm256_mul_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn fma(self, x: Self, y: Self) -> Self {
        Self(_mm256_fmadd_ps(self.0, x.0, y.0))
    }
    #[inline(always)]
    unsafe fn max(self, x: Self) -> Self {
        Self(_mm256_max_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0))
    }
    #[inline(always)]
    unsafe fn recip(self) -> Self {
        Self(_mm256_div_ps(_mm256_set1_ps(1.0), self.0))
    }
    #[inline(always)]
    unsafe fn mul_where_negative(self, sign: Self, x: Self) -> Self {
        Self(_mm256_blendv_ps(self.0, _mm256_mul_ps(self.0, x.0), sign.0))
    }
    #[inline(always)]
    unsafe fn scale(self, m: Self) -> Self {
        let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(m.0));
        Self(_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(self.0), exponent)))
    }
    #[inline(always)]
    unsafe fn prefetch(p: *const f32) {
        _mm_prefetch::<_MM_HINT_T1>(p.cast());
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let four = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }

    #[inline(always)]
    unsafe fn gather(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        if rows < 8 || !n.is_multiple_of(8) {
            return super::portable_gather::<Self>(from, rows, n, to);
        }
        for i in (0..n).step_by(8) {
            let mut x = [_mm256_setzero_ps(); 8];
            for k in 0..8 {
                x[k] = _mm256_loadu_ps(from.add(k * n + i));
            }
            let x = transpose(x);
            for k in 0..8 {
                _mm256_storeu_ps(to.add((i + k) * 8), x[k]);
            }
        }
    }

    #[inline(always)]
    unsafe fn scatter(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        if rows < 8 || !n.is_multiple_of(8) {
            return super::portable_scatter::<Self>(from, rows, n, to);
        }
        for i in (0..n).step_by(8) {
            let mut x = [_mm256_setzero_ps(); 8];
            for k in 0..8 {
                x[k] = _mm256_loadu_ps(from.add((i + k) * 8));
            }
            let x = transpose(x);
            for k in 0..8 {
                _mm256_storeu_ps(to.add(k * n + i), x[k]);
            }
        }
    }
}
