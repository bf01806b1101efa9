//! How values lie on disk.

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

use crate::tensors::Float;

/// The number format of stored values; all are little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32-bit floating point.
    F32,
    /// 16-bit IEEE floating point: 11 significant bits, up to 65 504.
    F16,
    /// 16-bit brain floating point: 8 significant bits, the range of `F32`.
    Bf16,
}

impl Dtype {
    /// Gives the number of bytes of one value.
    pub const fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// Gives the name used on command lines and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }

    /// Appends values as bytes; gives the first value that this format cannot hold as a finite number.
    pub(crate) fn encode(self, values: &[f32], out: &mut Vec<u8>) -> Result<(), f32> {
        out.reserve(values.len() * self.size());
        for &value in values {
            let finite = match self {
                Self::F32 => {
                    out.extend(value.to_le_bytes());
                    value.is_finite()
                }
                Self::F16 => {
                    let half = f16::from_f32(value);
                    out.extend(half.to_le_bytes());
                    half.is_finite()
                }
                Self::Bf16 => {
                    let half = bf16::from_f32(value);
                    out.extend(half.to_le_bytes());
                    half.is_finite()
                }
            };
            if !finite {
                return Err(value);
            }
        }
        Ok(())
    }

    /// Reads values back.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        let float = match self {
            Self::F32 => Float::F32,
            Self::F16 => Float::F16,
            Self::Bf16 => Float::Bf16,
        };
        float.decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_within_the_precision_of_their_format() {
        let values = [0.0, -1.0, 0.1, 6.0, -1234.567, 1e-3];
        for (dtype, relative) in [(Dtype::F32, 0.0), (Dtype::F16, 1.0 / 2048.0), (Dtype::Bf16, 1.0 / 256.0)] {
            let mut bytes = Vec::new();
            dtype.encode(&values, &mut bytes).unwrap();
            assert_eq!(bytes.len(), values.len() * dtype.size());
            for (read, value) in dtype.decode(&bytes).iter().zip(values) {
                assert!((read - value).abs() <= relative * value.abs(), "{dtype:?} {value} {read}");
            }
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_named() {
        let mut bytes = Vec::new();
        assert_eq!(Dtype::F16.encode(&[1.0, 1e6], &mut bytes), Err(1e6));
        assert_eq!(Dtype::Bf16.encode(&[1e6], &mut bytes), Ok(()));
        assert!(Dtype::F32.encode(&[f32::NAN], &mut bytes).is_err());
    }
}
