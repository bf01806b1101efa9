//! Turns the name of an instruction into an operation. A word that an operation does not know is refused: a modifier
//! that was overlooked would change numbers silently.

mod arithmetic;
mod flow;
mod memory;
mod moves;
mod op;
mod ty;
mod words;

pub(crate) use op::{
    Approximate, AtomicOp, BitOp, Combine, Comparison, Direction, Double, Float, HalfOp, IntegerOp, Integral,
    Matrix, Op, Rounding, Shuffle, Space, Vote,
};
pub(crate) use ty::Type;

use self::words::Words;
use crate::ptx::Operand;

/// Decodes `fma.rn.ftz.f32` and its operands; `vector` says that the first of them stands in braces.
pub(crate) fn decode(name: &[&str], args: &[Operand], vector: bool) -> Result<Op, String> {
    let mut words = Words::new(name);
    let op = flow::decode(&mut words, args)
        .or_else(|| memory::decode(&mut words))
        .or_else(|| moves::decode(&mut words, args, vector))
        .or_else(|| arithmetic::decode(&mut words));
    match op {
        Some(op) if words.is_spent() => Ok(op),
        _ => Err(format!("{} is not emulated", name.join("."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(name: &str) -> Result<Op, String> {
        let (wide, narrow) = (Operand::Wide(0), Operand::Narrow(0));
        let args =
            if name.starts_with("bar.sync") { vec![Operand::Number(0)] } else { vec![narrow, wide, narrow] };
        decode(&name.split('.').collect::<Vec<_>>(), &args, false)
    }

    #[test]
    fn names_are_decoded_with_their_modifiers() {
        assert_eq!(op("fma.rn.ftz.f32"), Ok(Op::Float(Float::Fma, true)));
        assert_eq!(op("add.s64"), Ok(Op::Integer(IntegerOp::Add, Type::Signed(64))));
        assert_eq!(
            op("ld.global.nc.L1::no_allocate.v4.f32"),
            Ok(Op::Load(Space::Global, Type::Float(32), 4))
        );
        assert_eq!(op("fma.rm.ftz.f32"), Ok(Op::Directed(Float::Fma, Direction::Down, true)));
        assert_eq!(op("bar.sync"), Ok(Op::Barrier));
        assert_eq!(op("shfl.sync.bfly.b32"), Ok(Op::Shuffle(Shuffle::Butterfly)));
        assert_eq!(op("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"), Ok(Op::Mma(Matrix::Brain16)));
    }

    #[test]
    fn a_modifier_that_would_change_numbers_is_refused() {
        for name in [
            "div.rz.f32",
            "add.sat.f32",
            "add.cc.u32",
            "cvt.rz.bf16.f32",
            "min.xorsign.abs.f32",
            "ld.global.acquire.gpu.u32",
            "cp.async.bulk.shared.global",
            "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16",
            "fma.rn.relu.bf16x2",
            "wgmma.fence.sync.aligned",
        ] {
            assert_eq!(op(name), Err(format!("{name} is not emulated")));
        }
    }
}
