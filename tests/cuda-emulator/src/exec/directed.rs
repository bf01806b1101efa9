//! Arithmetic in f32 that rounds down, up or to zero.

use super::warp::Warp;
use crate::decode::{Direction, Float};
use crate::ptx::Instruction;
use crate::value::flush;

impl Warp {
    pub(super) fn directed(
        &mut self,
        i: &Instruction,
        mask: u32,
        op: Float,
        direction: Direction,
        ftz: bool,
    ) {
        let value = |x: u64| {
            let x = f32::from_bits(x as u32);
            if ftz { flush(x) } else { x }
        };
        self.any(i, mask, |a, b, c| {
            let x = one(op, direction, value(a), value(b), value(c));
            u64::from(if ftz { flush(x) } else { x }.to_bits())
        });
    }
}

/// Computes the exact result as a sum of two f64, from which any rounding follows.
fn one(op: Float, direction: Direction, a: f32, b: f32, c: f32) -> f32 {
    let (x, y, z) = (f64::from(a), f64::from(b), f64::from(c));
    // A product of two f32 is exact in f64.
    let (sum, rest) = match op {
        Float::Sub => exact_sum(x, -y),
        Float::Mul => (x * y, 0.0),
        Float::Fma => exact_sum(x * y, z),
        _ => exact_sum(x, y),
    };
    let near = sum as f32;
    if !sum.is_finite() {
        return near;
    }
    let off = sum - f64::from(near);
    toward(direction, near, if off == 0.0 { rest } else { off })
}

/// The sum rounded to the nearest, and what the rounding left (Knuth).
pub(super) fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let back = sum - a;
    (sum, (a - (sum - back)) + (b - back))
}

/// Moves what was rounded to the nearest one step, if the exact value, which lies off by `off`, asks for it.
pub(super) fn toward(direction: Direction, near: f32, off: f64) -> f32 {
    let down = off < 0.0 && (direction == Direction::Down || (direction == Direction::Zero && near > 0.0));
    let up = off > 0.0 && (direction == Direction::Up || (direction == Direction::Zero && near < 0.0));
    match (down, up) {
        (true, _) => near.next_down(),
        (_, true) => near.next_up(),
        _ => near,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_directions_enclose_the_exact_value() {
        let tiny = 2f32.powi(-60);
        assert_eq!(one(Float::Add, Direction::Up, 1.0, tiny, 0.0), 1f32.next_up());
        assert_eq!(one(Float::Add, Direction::Down, 1.0, tiny, 0.0), 1.0);
        assert_eq!(one(Float::Sub, Direction::Zero, 1.0, tiny, 0.0), 1f32.next_down());
        assert_eq!(one(Float::Fma, Direction::Down, 1.0, 1.0, -tiny), 1f32.next_down());
        assert_eq!(one(Float::Mul, Direction::Zero, f32::MAX, 2.0, 0.0), f32::MAX);
        assert_eq!(one(Float::Mul, Direction::Up, f32::MAX, 2.0, 0.0), f32::INFINITY);
        let x = 1.0 + f32::EPSILON;
        let exact = f64::from(x) * f64::from(x);
        let [down, up] = [Direction::Down, Direction::Up].map(|d| f64::from(one(Float::Mul, d, x, x, 0.0)));
        assert!(down < exact && exact < up && (up - down) <= f64::from(2.0 * f32::EPSILON));
    }
}
