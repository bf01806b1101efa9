//! The number formats of stored values, and how floating-point ones are read.

use std::fmt;

use half::{bf16, f16};
use safetensors::Dtype;

/// The number format of a stored tensor; all are little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ElementType {
    /// 32-bit floating point.
    F32,
    /// 16-bit IEEE floating point.
    F16,
    /// 16-bit brain floating point.
    Bf16,
    /// 64-bit floating point.
    F64,
    /// 64-bit signed integers.
    I64,
    /// 32-bit signed integers.
    I32,
    /// 16-bit signed integers.
    I16,
    /// 8-bit signed integers.
    I8,
    /// 64-bit unsigned integers.
    U64,
    /// 32-bit unsigned integers.
    U32,
    /// 16-bit unsigned integers.
    U16,
    /// 8-bit unsigned integers.
    U8,
    /// Truth values, one byte each.
    Bool,
}

impl ElementType {
    /// Gives the number of bytes of one value.
    pub const fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// Tells floating-point formats from the others.
    pub const fn is_float(self) -> bool {
        self.float().is_some()
    }

    /// Gives the floating-point format; nothing for integers and truth values.
    pub(crate) const fn float(self) -> Option<Float> {
        match self {
            Self::F32 => Some(Float::F32),
            Self::F16 => Some(Float::F16),
            Self::Bf16 => Some(Float::Bf16),
            Self::F64 => Some(Float::F64),
            _ => None,
        }
    }

    /// Gives the format that a safetensors file names; nothing for those that are not read here.
    pub(crate) const fn of_safetensors(dtype: Dtype) -> Option<Self> {
        Some(match dtype {
            Dtype::F32 => Self::F32,
            Dtype::F16 => Self::F16,
            Dtype::BF16 => Self::Bf16,
            Dtype::F64 => Self::F64,
            Dtype::I64 => Self::I64,
            Dtype::I32 => Self::I32,
            Dtype::I16 => Self::I16,
            Dtype::I8 => Self::I8,
            Dtype::U64 => Self::U64,
            Dtype::U32 => Self::U32,
            Dtype::U16 => Self::U16,
            Dtype::U8 => Self::U8,
            Dtype::BOOL => Self::Bool,
            _ => return None,
        })
    }

    /// Gives the name as safetensors files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::F64 => "F64",
            Self::I64 => "I64",
            Self::I32 => "I32",
            Self::I16 => "I16",
            Self::I8 => "I8",
            Self::U64 => "U64",
            Self::U32 => "U32",
            Self::U16 => "U16",
            Self::U8 => "U8",
            Self::Bool => "BOOL",
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A floating-point format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Float {
    /// IEEE half precision.
    F16,
    /// The upper half of single precision.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Float {
    /// Gives the bytes of one number.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Counts the bytes of an array; nothing when the number is beyond all reason.
    pub(crate) fn bytes_of(self, shape: &[usize]) -> Option<u64> {
        shape.iter().try_fold(self.size() as u64, |bytes, &n| bytes.checked_mul(n as u64))
    }

    /// Turns big-endian numbers into little-endian ones, or back.
    pub(crate) fn swap(self, bytes: &mut [u8]) {
        bytes.chunks_exact_mut(self.size()).for_each(<[u8]>::reverse);
    }

    /// Reads little-endian numbers; a double that single precision cannot hold becomes infinite.
    pub(crate) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F16 => bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
            Self::Bf16 => bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32()).collect(),
            Self::F32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
            Self::F64 => bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_in_both_byte_orders() {
        let swapped = |float: Float, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            float.swap(&mut bytes);
            float.decode(&bytes)
        };
        assert_eq!(Float::F16.decode(&[0x00, 0x3e]), [1.5]);
        assert_eq!(swapped(Float::F16, &[0x3e, 0x00]), [1.5]);
        assert_eq!(Float::Bf16.decode(&[0xc0, 0x3f]), [1.5]);
        assert_eq!(swapped(Float::F32, &1.5f32.to_be_bytes()), [1.5]);
        assert_eq!(Float::F64.decode(&1.5f64.to_le_bytes()), [1.5]);
        assert_eq!(Float::F64.decode(&1e300f64.to_le_bytes()), [f32::INFINITY]);
    }

    #[test]
    fn sizes_beyond_all_reason_are_no_number() {
        assert_eq!(Float::F16.bytes_of(&[3, 4]), Some(24));
        assert_eq!(Float::F16.bytes_of(&[usize::MAX, 4]), None);
    }
}
