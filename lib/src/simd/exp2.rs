//! The polynomial of every vector exponential.
//!
//! For x from −126 to 0 (and up to 126): `x + EXP2_ROUND` rounds x to an integer m, which then lies in the low bits, and
//! leaves r = x − m in ±½; `2ʳ = 1 + r (ln 2 + r (… EXP2_TERMS …))` has a relative error near 1e-7 and is exactly 1 at
//! r = 0; m is added to the exponent.

/// 1.5 · 2²³.
pub(crate) const EXP2_ROUND: f32 = 12_582_912.0;
/// Coefficients of r⁶ to r².
pub(crate) const EXP2_TERMS: [f32; 5] =
    [0.000_154_656_16, 0.001_340_043_2, 0.009_618_049, 0.055_503_31, 0.240_226_5];
