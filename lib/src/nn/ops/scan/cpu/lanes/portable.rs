//! Eight lanes in plain Rust, for any processor.

use super::Lanes;

#[derive(Clone, Copy)]
pub(in super::super) struct Portable([f32; 8]);

impl Portable {
    #[inline(always)]
    fn with(mut self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        for (x, y) in self.0.iter_mut().zip(other.0) {
            *x = f(*x, y);
        }
        self
    }
}

impl Lanes for Portable {
    const WIDTH: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        Self(p.cast::<[f32; 8]>().read_unaligned())
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        p.cast::<[f32; 8]>().write_unaligned(self.0);
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, count: usize) -> Self {
        let mut x = [0.0; 8];
        x[..count].copy_from_slice(std::slice::from_raw_parts(p, count));
        Self(x)
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, count: usize) {
        std::slice::from_raw_parts_mut(p, count).copy_from_slice(&self.0[..count]);
    }
    #[inline(always)]
    unsafe fn add(self, x: Self) -> Self {
        self.with(x, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, x: Self) -> Self {
        self.with(x, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, x: Self) -> Self {
        self.with(x, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn fma(self, x: Self, y: Self) -> Self {
        // Not `mul_add`, which is a library call where the processor has no such instruction.
        self.mul(x).add(y)
    }
    #[inline(always)]
    unsafe fn max(self, x: Self) -> Self {
        self.with(x, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        self.with(self, |a, _| a.abs())
    }
    #[inline(always)]
    unsafe fn recip(self) -> Self {
        self.with(self, |a, _| 1.0 / a)
    }
    #[inline(always)]
    unsafe fn mul_where_negative(self, sign: Self, x: Self) -> Self {
        let product = self.mul(x);
        let mut y = self;
        for k in 0..8 {
            y.0[k] = if sign.0[k] < 0.0 { product.0[k] } else { self.0[k] };
        }
        y
    }
    #[inline(always)]
    unsafe fn scale(self, m: Self) -> Self {
        self.with(m, |p, m| f32::from_bits(p.to_bits().wrapping_add(m.to_bits() << 23)))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let x = self.0;
        ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
    }
}
