//! Sixteen lanes with AVX-512.

#[allow(clippy::wildcard_imports, reason = "the intrinsics")]
use std::arch::x86_64::*;

use super::Lanes;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(in super::super) struct Avx512(__m512);

/// 2^(j/32) in bits, less j·2¹⁸: adding a number's bits shifted by 18 restores it and sets the exponent.
static POWERS: [u32; 32] = {
    const BITS: [u32; 32] = [
        0x3f80_0000,
        0x3f82_cd87,
        0x3f85_aac3,
        0x3f88_980f,
        0x3f8b_95c2,
        0x3f8e_a43a,
        0x3f91_c3d3,
        0x3f94_f4f0,
        0x3f98_37f0,
        0x3f9b_8d3a,
        0x3f9e_f532,
        0x3fa2_7043,
        0x3fa5_fed7,
        0x3fa9_a15b,
        0x3fad_583f,
        0x3fb1_23f6,
        0x3fb5_04f3,
        0x3fb8_fbaf,
        0x3fbd_08a4,
        0x3fc1_2c4d,
        0x3fc5_672a,
        0x3fc9_b9be,
        0x3fce_248c,
        0x3fd2_a81e,
        0x3fd7_44fd,
        0x3fdb_fbb8,
        0x3fe0_ccdf,
        0x3fe5_b907,
        0x3fea_c0c7,
        0x3fef_e4ba,
        0x3ff5_257d,
        0x3ffa_83b3,
    ];
    let mut table = [0; 32];
    let mut j = 0;
    while j < 32 {
        table[j] = BITS[j].wrapping_sub((j as u32) << 18);
        j += 1;
    }
    table
};

#[inline(always)]
fn mask(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}

/// Transposes 16 × 16: afterwards the k-th vector holds the k-th value of each.
#[inline(always)]
unsafe fn transpose(x: [__m512; 16]) -> [__m512; 16] {
    let mut pairs = x;
    for k in 0..8 {
        pairs[2 * k] = _mm512_unpacklo_ps(x[2 * k], x[2 * k + 1]);
        pairs[2 * k + 1] = _mm512_unpackhi_ps(x[2 * k], x[2 * k + 1]);
    }
    // fours[4 g + r]: value r of each quarter of the four vectors of group g
    let mut fours = pairs;
    for g in 0..4 {
        let p = [pairs[4 * g], pairs[4 * g + 1], pairs[4 * g + 2], pairs[4 * g + 3]];
        fours[4 * g] = _mm512_shuffle_ps::<0x44>(p[0], p[2]);
        fours[4 * g + 1] = _mm512_shuffle_ps::<0xee>(p[0], p[2]);
        fours[4 * g + 2] = _mm512_shuffle_ps::<0x44>(p[1], p[3]);
        fours[4 * g + 3] = _mm512_shuffle_ps::<0xee>(p[1], p[3]);
    }
    let mut y = fours;
    for r in 0..4 {
        let low = _mm512_shuffle_f32x4::<0x88>(fours[r], fours[4 + r]);
        let odd = _mm512_shuffle_f32x4::<0xdd>(fours[r], fours[4 + r]);
        let low2 = _mm512_shuffle_f32x4::<0x88>(fours[8 + r], fours[12 + r]);
        let odd2 = _mm512_shuffle_f32x4::<0xdd>(fours[8 + r], fours[12 + r]);
        y[r] = _mm512_shuffle_f32x4::<0x88>(low, low2);
        y[8 + r] = _mm512_shuffle_f32x4::<0xdd>(low, low2);
        y[4 + r] = _mm512_shuffle_f32x4::<0x88>(odd, odd2);
        y[12 + r] = _mm512_shuffle_f32x4::<0xdd>(odd, odd2);
    }
    y
}

impl Lanes for Avx512 {
    const WIDTH: usize = 16;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(_mm512_set1_ps(x))
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        Self(_mm512_loadu_ps(p))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        _mm512_storeu_ps(p, self.0);
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, count: usize) -> Self {
        Self(_mm512_maskz_loadu_ps(mask(count), p))
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, count: usize) {
        _mm512_mask_storeu_ps(p, mask(count), self.0);
    }
    #[inline(always)]
    unsafe fn add(self, x: Self) -> Self {
        Self(_mm512_add_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn sub(self, x: Self) -> Self {
        Self(_mm512_sub_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn mul(self, x: Self) -> Self {
        Self(_mm512_mul_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn fma(self, x: Self, y: Self) -> Self {
        Self(_mm512_fmadd_ps(self.0, x.0, y.0))
    }
    #[inline(always)]
    unsafe fn max(self, x: Self) -> Self {
        Self(_mm512_max_ps(self.0, x.0))
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        Self(_mm512_abs_ps(self.0))
    }
    #[inline(always)]
    unsafe fn recip(self) -> Self {
        // The 14-bit estimate and one Newton step.
        let r = _mm512_rcp14_ps(self.0);
        Self(_mm512_fmadd_ps(r, _mm512_fnmadd_ps(self.0, r, _mm512_set1_ps(1.0)), r))
    }
    #[inline(always)]
    unsafe fn mul_where_negative(self, sign: Self, x: Self) -> Self {
        let negative = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(sign.0, _mm512_setzero_ps());
        Self(_mm512_mask_mul_ps(self.0, negative, self.0, x.0))
    }
    #[inline(always)]
    unsafe fn scale(self, m: Self) -> Self {
        let exponent = _mm512_slli_epi32::<23>(_mm512_castps_si512(m.0));
        Self(_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(self.0), exponent)))
    }
    #[inline(always)]
    unsafe fn prefetch(p: *const f32) {
        _mm_prefetch::<_MM_HINT_T1>(p.cast());
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        _mm512_reduce_add_ps(self.0)
    }

    /// Takes 2^(j/32) from a table in two registers, which leaves a quadratic instead of a polynomial of degree 6.
    #[inline(always)]
    unsafe fn exp2_near<const M: usize>(mut x: [Self; M]) -> [Self; M] {
        // Adding 1.5·2¹⁸ rounds to a multiple of 1/32.
        const ROUND: f32 = 393_216.0;
        let table =
            [_mm512_loadu_ps(POWERS.as_ptr().cast()), _mm512_loadu_ps(POWERS.as_ptr().add(16).cast())];
        let mut power = x;
        for k in 0..M {
            power[k] = x[k].add(Self::splat(ROUND));
        }
        for k in 0..M {
            let bits = _mm512_castps_si512(power[k].0);
            x[k] = x[k].sub(power[k].sub(Self::splat(ROUND)));
            let entry = _mm512_permutex2var_ps(table[0], bits, table[1]);
            let shifted = _mm512_add_epi32(_mm512_castps_si512(entry), _mm512_slli_epi32::<18>(bits));
            power[k] = Self(_mm512_castsi512_ps(shifted));
        }
        let mut p = x;
        for k in 0..M {
            p[k] = x[k].fma(Self::splat(0.240_226_5), Self::splat(std::f32::consts::LN_2));
        }
        for k in 0..M {
            p[k] = p[k].fma(x[k], Self::splat(1.0));
        }
        for k in 0..M {
            p[k] = p[k].mul(power[k]);
        }
        p
    }

    #[inline(always)]
    unsafe fn gather(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        if rows < 16 || n != 16 {
            return super::portable_gather::<Self>(from, rows, n, to);
        }
        let mut x = [_mm512_setzero_ps(); 16];
        for k in 0..16 {
            x[k] = _mm512_loadu_ps(from.add(k * 16));
        }
        let x = transpose(x);
        for k in 0..16 {
            _mm512_storeu_ps(to.add(k * 16), x[k]);
        }
    }

    #[inline(always)]
    unsafe fn scatter(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        if rows < 16 || n != 16 {
            return super::portable_scatter::<Self>(from, rows, n, to);
        }
        Self::gather(from, 16, 16, to);
    }

    #[inline(always)]
    unsafe fn sums(from: *const f32, count: usize, to: *mut f32) {
        let whole = count / 16 * 16;
        for at in (0..whole).step_by(16) {
            let mut x = [_mm512_setzero_ps(); 16];
            for k in 0..16 {
                x[k] = _mm512_loadu_ps(from.add((at + k) * 16));
            }
            let mut x = transpose(x);
            for half in [8, 4, 2, 1] {
                for k in 0..half {
                    x[k] = _mm512_add_ps(x[k], x[k + half]);
                }
            }
            _mm512_storeu_ps(to.add(at), x[0]);
        }
        for i in whole..count {
            *to.add(i) = _mm512_reduce_add_ps(_mm512_loadu_ps(from.add(i * 16)));
        }
    }
}
