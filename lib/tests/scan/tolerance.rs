//! The one table of tolerances, and the one way to compare.
//!
//! An error is the greatest absolute difference over the greatest absolute value of the expected tensor, unless
//! a test says otherwise.

/// f64 against f64: another order of summation.
pub(crate) const F64: f64 = 1e-13;
/// The composite in f64: sums over powers of two of tokens, and a logarithm that loses digits of small steps.
pub(crate) const COMPOSITE: f64 = 1e-11;
/// f32 kernels against f64.
pub(crate) const F32: f64 = 3e-6;
/// Kernels of a card against f64: its exponential and reciprocal are approximate.
pub(crate) const CUDA: f64 = 1e-5;
/// Tokens in bf16 and f16 against f64 on the same rounded inputs: half the distance of two numbers, and some.
pub(crate) const BF16: f64 = 6e-3;
pub(crate) const F16: f64 = 8e-4;
/// Factor on either over thousands of steps: dA and the like sum thousands of terms.
pub(crate) const LONG: f64 = 8.0;
/// Relative error of single entries of dA in f32: the median …
pub(crate) const ENTRY_MEDIAN: f64 = 2e-6;
/// … and the worst, whose terms cancel by chance.
pub(crate) const ENTRY_WORST: f64 = 5e-3;
/// Central differences of the f64 reference with step 1e-5.
pub(crate) const DIFFERENCES: f64 = 1e-7;

/// Compares two tensors; a tensor that must be zero is compared absolutely.
pub(crate) fn assert_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}: number of values");
    let scale = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let scale = if scale == 0.0 { 1.0 } else { scale };
    for (i, (g, x)) in got.iter().zip(expected).enumerate() {
        let error = (g - x).abs() / scale;
        assert!(
            error <= tolerance,
            "{what}[{i}]: {g} where {x} is expected, error {error:.1e} > {tolerance:.0e}"
        );
    }
}
