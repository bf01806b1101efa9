//! Types of operands.

use crate::value::Short;

/// A type, as the last words of an instruction's name say it; the number counts bits. Untyped bits are unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Unsigned(u8),
    Signed(u8),
    Float(u8),
    Brain,
    Predicate,
}

impl Type {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "pred" => Self::Predicate,
            "bf16" => Self::Brain,
            "b8" | "u8" => Self::Unsigned(8),
            "b16" | "u16" => Self::Unsigned(16),
            "b32" | "u32" => Self::Unsigned(32),
            "b64" | "u64" => Self::Unsigned(64),
            "s8" => Self::Signed(8),
            "s16" => Self::Signed(16),
            "s32" => Self::Signed(32),
            "s64" => Self::Signed(64),
            "f16" => Self::Float(16),
            "f32" => Self::Float(32),
            "f64" => Self::Float(64),
            _ => return None,
        })
    }

    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Unsigned(bits) | Self::Signed(bits) | Self::Float(bits) => u32::from(bits),
            Self::Brain => 16,
            Self::Predicate => 1,
        }
    }

    pub(crate) fn bytes(self) -> usize {
        self.bits() as usize / 8
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::Unsigned(_) | Self::Signed(_))
    }

    /// Which 16-bit float it is, if it is one.
    pub(crate) fn short(self) -> Option<Short> {
        match self {
            Self::Brain => Some(Short::Brain),
            Self::Float(16) => Some(Short::Half),
            _ => None,
        }
    }

    /// Cuts a value to the bits of the type.
    #[inline]
    pub(crate) fn trim(self, x: u64) -> u64 {
        let bits = self.bits();
        if bits == 64 { x } else { x & ((1 << bits) - 1) }
    }

    /// Reads a value with the sign of the type.
    #[inline]
    pub(crate) fn extend(self, x: u64) -> i128 {
        match self {
            Self::Signed(bits) => {
                let shift = 64 - u32::from(bits);
                i128::from(((x << shift) as i64) >> shift)
            }
            _ => i128::from(self.trim(x)),
        }
    }
}
