//! Operands: registers, numbers, special registers.

/// What an instruction reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// A register of at most 32 bits.
    Narrow(u32),
    /// A register of 64 bits.
    Wide(u32),
    /// A predicate.
    Predicate(u32),
    /// A predicate, negated.
    Not(u32),
    /// A number, or the address of a symbol; also the offset behind the base of a memory operand.
    Number(u64),
    /// A register that the hardware sets.
    Special(Special),
    /// `_`: the result is not wanted.
    Sink,
}

/// Registers that the hardware sets; the number is the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// Index of the thread in its block.
    Thread(u8),
    /// Size of a block.
    Threads(u8),
    /// Index of the block in the grid.
    Block(u8),
    /// Size of the grid.
    Blocks(u8),
    /// Index of the lane in its warp.
    Lane,
    /// Index of the warp in its block.
    Warp,
    /// A bit for each lane that stands in this relation to the own one.
    Mask(Relation),
}

/// How another lane stands to the own one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Below.
    Less,
    /// Below, or the same.
    LessEqual,
    /// The same.
    Equal,
    /// Above, or the same.
    GreaterEqual,
    /// Above.
    Greater,
}

impl Special {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (stem, axis) = name.split_once('.').unwrap_or((name, ""));
        let along = |make: fn(u8) -> Self| match axis {
            "x" => Some(make(0)),
            "y" => Some(make(1)),
            "z" => Some(make(2)),
            _ => None,
        };
        match stem {
            "%tid" => along(Self::Thread),
            "%ntid" => along(Self::Threads),
            "%ctaid" => along(Self::Block),
            "%nctaid" => along(Self::Blocks),
            "%laneid" => Some(Self::Lane),
            "%warpid" => Some(Self::Warp),
            "%lanemask_lt" => Some(Self::Mask(Relation::Less)),
            "%lanemask_le" => Some(Self::Mask(Relation::LessEqual)),
            "%lanemask_eq" => Some(Self::Mask(Relation::Equal)),
            "%lanemask_ge" => Some(Self::Mask(Relation::GreaterEqual)),
            "%lanemask_gt" => Some(Self::Mask(Relation::Greater)),
            _ => None,
        }
    }
}

/// Reads a number: decimal, hexadecimal, or the bits of a float (`0f3F800000`, `0d…`).
pub(super) fn number(text: &str) -> Option<u64> {
    if text == "WARP_SZ" {
        return Some(32);
    }
    if let Some(bits) = text.strip_prefix("0f").or_else(|| text.strip_prefix("0F")) {
        return u32::from_str_radix(bits, 16).ok().map(u64::from);
    }
    if let Some(bits) = text.strip_prefix("0d").or_else(|| text.strip_prefix("0D")) {
        return u64::from_str_radix(bits, 16).ok();
    }
    let (digits, negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let digits = digits.trim_end_matches('U');
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_notation() {
        assert_eq!(number("0f3F800000"), Some(u64::from(1f32.to_bits())));
        assert_eq!(number("0d3FF0000000000000"), Some(1f64.to_bits()));
        assert_eq!(number("-1"), Some(u64::MAX));
        assert_eq!(number("0X1FU"), Some(31));
        assert_eq!(number("%r1"), None);
    }

    #[test]
    fn special_registers_need_their_axis() {
        assert_eq!(Special::parse("%ctaid.y"), Some(Special::Block(1)));
        assert_eq!(Special::parse("%ctaid"), None);
        assert_eq!(Special::parse("%clock"), None);
    }
}
