//! The number formats in which others keep embeddings.

use half::{bf16, f16};

/// A floating-point format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    /// IEEE half precision.
    F16,
    /// The upper half of single precision.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Element {
    /// Gives the bytes of one number.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Reads numbers; a double that single precision cannot hold becomes infinite, which the import refuses.
    pub(super) fn decode(self, bytes: &mut [u8], big_endian: bool) -> Vec<f32> {
        if big_endian {
            bytes.chunks_exact_mut(self.size()).for_each(<[u8]>::reverse);
        }
        match self {
            Self::F16 => bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
            Self::Bf16 => bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32()).collect(),
            Self::F32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
            Self::F64 => bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32).collect(),
        }
    }
}

/// Counts the bytes of an array; nothing when the number is beyond all reason.
pub(super) fn bytes_of(shape: &[usize], element: Element) -> Option<u64> {
    shape.iter().try_fold(element.size() as u64, |bytes, &n| bytes.checked_mul(n as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_in_both_byte_orders() {
        assert_eq!(Element::F16.decode(&mut [0x00, 0x3e], false), [1.5]);
        assert_eq!(Element::F16.decode(&mut [0x3e, 0x00], true), [1.5]);
        assert_eq!(Element::Bf16.decode(&mut [0xc0, 0x3f], false), [1.5]);
        assert_eq!(Element::F32.decode(&mut 1.5f32.to_be_bytes(), true), [1.5]);
        assert_eq!(Element::F64.decode(&mut 1.5f64.to_le_bytes(), false), [1.5]);
        assert_eq!(Element::F64.decode(&mut 1e300f64.to_le_bytes(), false), [f32::INFINITY]);
        assert_eq!(bytes_of(&[3, 4], Element::F16), Some(24));
        assert_eq!(bytes_of(&[usize::MAX, 4], Element::F16), None);
    }
}
