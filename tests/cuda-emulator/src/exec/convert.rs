//! Conversions between types.

use super::directed::toward;
use super::warp::Warp;
use crate::decode::{Direction, Integral, Rounding, Type};
use crate::ptx::Instruction;
use crate::value::{Short, flush};

impl Warp {
    pub(super) fn convert(&mut self, i: &Instruction, mask: u32, to: Type, from: Type, r: Rounding) {
        self.any(i, mask, |x, _, _| store(to, load(from, r, x), r));
    }

    /// The first operand becomes the upper half.
    pub(super) fn convert_pair(&mut self, i: &Instruction, mask: u32, kind: Short, relu: bool) {
        let short = |x: u64| {
            let x = f32::from_bits(x as u32);
            u64::from(kind.round(if relu && x < 0.0 { 0.0 } else { x }))
        };
        self.any(i, mask, |high, low, _| short(high) << 16 | short(low));
    }
}

/// Rounds to the ten bits of fraction of `tf32`, ties away from zero.
pub(super) fn to_tf32(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() { 0x7fff_ffff } else { bits.wrapping_add(0x1000) & 0xffff_e000 }
}

#[derive(Clone, Copy)]
enum Value {
    Integer(i128),
    Float(f64),
}

fn load(from: Type, r: Rounding, x: u64) -> Value {
    if let Some(kind) = from.short() {
        return Value::Float(f64::from(kind.widen(x as u16)));
    }
    match from {
        Type::Float(32) => {
            let x = f32::from_bits(x as u32);
            Value::Float(f64::from(if r.flush { flush(x) } else { x }))
        }
        Type::Float(_) => Value::Float(f64::from_bits(x)),
        _ => Value::Integer(from.extend(x)),
    }
}

fn store(to: Type, value: Value, r: Rounding) -> u64 {
    let value = match value {
        Value::Float(x) => Value::Float(match r.integral {
            Some(Integral::Nearest) => x.round_ties_even(),
            Some(Integral::Zero) => x.trunc(),
            Some(Integral::Down) => x.floor(),
            Some(Integral::Up) => x.ceil(),
            None => x,
        }),
        integer @ Value::Integer(_) => integer,
    };
    if to.is_integer() {
        return integer(to, value, r.saturate);
    }
    let x = match value {
        Value::Float(x) if r.saturate => {
            if x > 0.0 {
                x.min(1.0)
            } else {
                0.0
            }
        }
        Value::Float(x) => x,
        // An i128 of 64 bits needs more than an f64 holds: round to f32 at once.
        Value::Integer(x) if to == Type::Float(32) => return u64::from(single(x, r.direction).to_bits()),
        Value::Integer(x) => x as f64,
    };
    match (to, to.short()) {
        (_, Some(kind)) => u64::from(kind.round64(x)),
        (Type::Float(32), _) => {
            let x = x as f32;
            u64::from(if r.flush { flush(x) } else { x }.to_bits())
        }
        _ => x.to_bits(),
    }
}

/// Rounds an integer to an f32.
fn single(x: i128, direction: Option<Direction>) -> f32 {
    let near = x as f32;
    direction.map_or(near, |d| toward(d, near, (x - near as i128) as f64))
}

/// Cuts floats at the ends of the range, always, and integers only if asked to.
fn integer(to: Type, value: Value, saturate: bool) -> u64 {
    let bits = to.bits();
    let (low, high) = match to {
        Type::Signed(_) => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        _ => (0, (1i128 << bits) - 1),
    };
    let x = match value {
        Value::Float(x) => (x as i128).clamp(low, high),
        Value::Integer(x) if saturate => x.clamp(low, high),
        Value::Integer(x) => x,
    };
    to.trim(x as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cvt(to: Type, from: Type, x: u64, integral: Option<Integral>, saturate: bool) -> u64 {
        let r = Rounding { integral, saturate, ..Rounding::default() };
        store(to, load(from, r, x), r)
    }

    #[test]
    fn floats_are_cut_at_the_ends_of_an_integers_range() {
        let (f32_, s32, u8_) = (Type::Float(32), Type::Signed(32), Type::Unsigned(8));
        let bits = |x: f32| u64::from(x.to_bits());
        let zero = Some(Integral::Zero);
        assert_eq!(cvt(s32, f32_, bits(-2.7), zero, false), u64::from((-2i32) as u32));
        assert_eq!(cvt(s32, f32_, bits(3e9), zero, false), i32::MAX as u64);
        assert_eq!(cvt(s32, f32_, bits(f32::NAN), zero, false), 0);
        assert_eq!(cvt(u8_, f32_, bits(-1.0), zero, false), 0);
        assert_eq!(cvt(s32, f32_, bits(2.5), Some(Integral::Nearest), false), 2);
        assert_eq!(cvt(f32_, f32_, bits(1.5), None, true), bits(1.0));
    }

    #[test]
    fn integers_wrap_unless_they_shall_not() {
        let (s8, s32, f32_) = (Type::Signed(8), Type::Signed(32), Type::Float(32));
        assert_eq!(cvt(s8, s32, 300, None, false), 44);
        assert_eq!(cvt(s8, s32, 300, None, true), 127);
        assert_eq!(cvt(Type::Signed(64), s32, 0xffff_ffff, None, false), u64::MAX);
        assert_eq!(cvt(f32_, Type::Unsigned(64), u64::MAX, None, false), u64::from(2f32.powi(64).to_bits()));
    }

    #[test]
    fn integers_become_floats_in_the_direction_that_is_asked_for() {
        let x = (1 << 24) + 1;
        assert_eq!(single(x, None), 16_777_216.0);
        assert_eq!(single(x, Some(Direction::Up)), 16_777_218.0);
        assert_eq!(single(-x, Some(Direction::Zero)), -16_777_216.0);
        assert_eq!(single(-x, Some(Direction::Down)), -16_777_218.0);
    }

    #[test]
    fn tf32_rounds_ties_away_from_zero() {
        assert_eq!(to_tf32(0x3f80_1000), 0x3f80_2000);
        assert_eq!(to_tf32(0xbf80_0fff), 0xbf80_0000);
    }
}
