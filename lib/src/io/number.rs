//! Writes numbers into text files, all in one way.

use std::fmt;

/// The significant digits of a number in a text file.
const DIGITS: i32 = 6;

/// Shows a number with six significant digits, as text files of the project hold it.
///
/// Trailing zeros are left out, so whole numbers stay whole; what is smaller than 0.0001 is written with an exponent,
/// so that a value is never taken for zero (a dissociation constant in mol/L). An undefined value is `NA`.
///
/// ```
/// use crossmamba::io::Number;
///
/// assert_eq!(Number(2.0 / 3.0).to_string(), "0.666667");
/// assert_eq!(Number(4.2e-9).to_string(), "4.2e-9");
/// assert_eq!(Number(1.0).to_string(), "1");
/// assert_eq!(Number(f64::NAN).to_string(), "NA");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.is_nan() {
            return f.write_str("NA");
        }
        if value.is_infinite() {
            return f.write_str(if value > 0.0 { "inf" } else { "-inf" });
        }
        if value == 0.0 {
            return f.write_str("0");
        }
        // Rust rounds here; the exponent is that of the rounded value.
        let text = format!("{value:.*e}", DIGITS as usize - 1);
        let Some((digits, exponent)) = text.split_once('e') else { return f.write_str(&text) };
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        if (-4..15).contains(&exponent) {
            let decimals = (DIGITS - 1 - exponent).max(0) as usize;
            // Digits beyond the sixth are zeros, as in any rounded number.
            let rounded: f64 = text.parse().map_err(|_| fmt::Error)?;
            let plain = format!("{rounded:.decimals$}");
            f.write_str(trimmed(&plain))
        } else {
            write!(f, "{}e{exponent}", trimmed(digits))
        }
    }
}

/// Leaves out zeros at the end of a fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Rounds a number to the digits that [`Number`] shows, for JSON.
///
/// ```
/// assert_eq!(crossmamba::io::rounded(0.123_456_789), 0.123_457);
/// ```
pub fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS as usize - 1).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_kept_at_every_size() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.999_999_6, "1"),
            (999_999.6, "1000000"),
            (123_456_789.0, "123457000"),
            (1e15, "1e15"),
            (0.000_123_456_78, "0.000123457"),
            (0.000_099_999_99, "0.0001"),
            (1.234_567_8e-9, "1.23457e-9"),
            (-5e-324, "-4.94066e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(Number(value).to_string(), text);
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_six_digits_and_is_never_zero() {
        for exponent in -307..308 {
            let value = 2.345_678_901 * 10_f64.powi(exponent);
            let back: f64 = Number(value).to_string().parse().unwrap();
            assert!(back != 0.0, "{value}");
            assert!(((back - value) / value).abs() <= 5e-6, "{value} {back}");
            assert_eq!(back, rounded(value));
        }
    }
}
