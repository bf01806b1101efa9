//! Addresses: offsets of a space, and generic ones that tell their space.

use super::block::Block;
use super::lanes::WARP;
use super::warp::Warp;
use crate::decode::Space;
use crate::fault::{Kind, Trap};
use crate::ptx::{Instruction, LOCAL, Operand, PARAM, SHARED};

/// How far an address may lie from the start of its window and still be meant as one of it.
const REACH: u64 = 1 << 27;

/// Start of the window of a space; none for those whose addresses are generic.
fn start(space: Space) -> Option<u64> {
    match space {
        Space::Param => Some(PARAM),
        Space::Shared => Some(SHARED),
        Space::Local => Some(LOCAL),
        Space::Global | Space::Generic => None,
    }
}

/// Makes a generic address. That of a symbol is generic already; what `cvta.to` made is an offset.
pub(super) fn window(space: Space, address: u64) -> u64 {
    let Some(start) = start(space) else { return address };
    let near = (address.wrapping_sub(start) as i64).unsigned_abs() < REACH;
    if near { address } else { address.wrapping_add(start) }
}

/// Makes an offset in the window of a space.
pub(super) fn to_space(space: Space, address: u64) -> u64 {
    address.wrapping_sub(start(space).unwrap_or(0))
}

impl Block<'_> {
    /// Addresses of a memory operand that begins at argument `at`.
    #[inline]
    pub(super) fn addresses(
        &self,
        w: &Warp,
        i: &Instruction,
        at: usize,
        mask: u32,
        space: Space,
    ) -> Result<[u64; WARP], Trap> {
        let base = w.wide(i.args[at]);
        if base.known & mask != mask {
            return Err(self.unknown("an address depends on a value that", mask & !base.known, base.from));
        }
        let Operand::Number(offset) = i.args[at + 1] else {
            return Err(Trap::new(Kind::Unsupported, "this form of an address is not emulated"));
        };
        Ok(base.x.map(|x| window(space, x.wrapping_add(offset))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_symbols_end_in_one_window() {
        assert_eq!(window(Space::Shared, 16), SHARED + 16);
        assert_eq!(window(Space::Shared, SHARED + 16), SHARED + 16);
        assert_eq!(window(Space::Shared, SHARED - 4), SHARED - 4);
        assert_eq!(window(Space::Global, 16), 16);
        assert_eq!(to_space(Space::Shared, SHARED + 16), 16);
        assert_eq!(window(Space::Shared, to_space(Space::Shared, SHARED + 16)), SHARED + 16);
    }
}
