//! Arithmetic on floats, integers and bits.

use super::op::{Approximate, BitOp, Direction, Double, Float, HalfOp, IntegerOp, Op};
use super::ty::Type;
use super::words::Words;
use crate::value::Short;

pub(super) fn decode(words: &mut Words<'_>) -> Option<Op> {
    let pair = [("bf16x2", (Short::Brain, true)), ("f16x2", (Short::Half, true))];
    let single = [("bf16", (Short::Brain, false)), ("f16", (Short::Half, false))];
    match words.last() {
        "f32" => float(words),
        "f64" => double(words),
        "bf16x2" | "f16x2" => words.one_of(&pair).and_then(|(kind, pair)| half(words, kind, pair)),
        "bf16" | "f16" => words.one_of(&single).and_then(|(kind, pair)| half(words, kind, pair)),
        _ => integer(words),
    }
}

fn float(words: &mut Words<'_>) -> Option<Op> {
    words.last_type();
    let flush = words.take("ftz");
    let function = match words.head {
        "ex2" => Some(Approximate::Exp2),
        "lg2" => Some(Approximate::Log2),
        "rcp" => Some(Approximate::Reciprocal),
        "rsqrt" => Some(Approximate::ReciprocalSqrt),
        "sqrt" => Some(Approximate::Sqrt),
        "sin" => Some(Approximate::Sin),
        "cos" => Some(Approximate::Cos),
        "tanh" => Some(Approximate::Tanh),
        "div" => Some(Approximate::Divide),
        _ => None,
    };
    if let Some(function) = function
        && (words.take("approx") || function == Approximate::Divide && words.take("full"))
    {
        return Some(Op::Approximate(function, flush));
    }
    let direction = direction(words);
    let rounded = direction.is_some() || words.take("rn");
    let propagates = words.take("NaN");
    let exact = match words.head {
        "add" => Float::Add,
        "sub" => Float::Sub,
        "mul" => Float::Mul,
        "fma" | "mad" if rounded => Float::Fma,
        "div" if rounded => Float::Divide,
        "sqrt" if rounded => Float::Sqrt,
        "rcp" if rounded => Float::Reciprocal,
        "min" if propagates => Float::MinNan,
        "max" if propagates => Float::MaxNan,
        "min" => Float::Min,
        "max" => Float::Max,
        "abs" => Float::Abs,
        "neg" => Float::Negate,
        "copysign" => Float::CopySign,
        _ => return None,
    };
    match (direction, exact) {
        (None, _) => Some(Op::Float(exact, flush)),
        (Some(d), Float::Add | Float::Sub | Float::Mul | Float::Fma) => Some(Op::Directed(exact, d, flush)),
        _ => None,
    }
}

/// Takes a rounding that is not to the nearest.
pub(super) fn direction(words: &mut Words<'_>) -> Option<Direction> {
    words.one_of(&[("rz", Direction::Zero), ("rm", Direction::Down), ("rp", Direction::Up)])
}

fn double(words: &mut Words<'_>) -> Option<Op> {
    words.last_type();
    let rounded = words.take("rn");
    let (guess, zero) = (words.take("approx") && words.take("ftz"), words.take("rz"));
    let op = match words.head {
        "rcp" if guess => Double::GuessReciprocal,
        "add" if zero => Double::AddZero,
        _ if guess || zero => return None,
        "add" => Double::Add,
        "sub" => Double::Sub,
        "mul" => Double::Mul,
        "fma" | "mad" if rounded => Double::Fma,
        "div" if rounded => Double::Divide,
        "sqrt" if rounded => Double::Sqrt,
        "rcp" if rounded => Double::Reciprocal,
        "min" => Double::Min,
        "max" => Double::Max,
        "abs" => Double::Abs,
        "neg" => Double::Negate,
        "copysign" => Double::CopySign,
        _ => return None,
    };
    Some(Op::Double(op))
}

fn half(words: &mut Words<'_>, kind: Short, pair: bool) -> Option<Op> {
    words.ignore(&["rn"]);
    if kind == Short::Brain {
        // bf16 has the exponents of f32, whose subnormals these operations flush anyway where it is asked for.
        words.ignore(&["ftz"]);
    }
    let approximate = words.take("approx");
    let propagates = words.take("NaN");
    let op = match words.head {
        "ex2" if approximate => HalfOp::Exp2,
        "tanh" if approximate => HalfOp::Tanh,
        _ if approximate => return None,
        "min" if propagates => HalfOp::MinNan,
        "max" if propagates => HalfOp::MaxNan,
        "add" => HalfOp::Add,
        "sub" => HalfOp::Sub,
        "mul" => HalfOp::Mul,
        "fma" => HalfOp::Fma,
        "min" => HalfOp::Min,
        "max" => HalfOp::Max,
        "abs" => HalfOp::Abs,
        "neg" => HalfOp::Negate,
        _ => return None,
    };
    Some(Op::Half(op, kind, pair))
}

fn integer(words: &mut Words<'_>) -> Option<Op> {
    let funnel = match words.head {
        "shf" => words.one_of(&[("l", true), ("r", false)]),
        _ => None,
    };
    let wrap = funnel.is_some() && words.one_of(&[("wrap", true), ("clamp", false)])?;
    let ty = words.last_type()?;
    if let Some(op) = bits(words.head, funnel.map(|left| (left, wrap))) {
        let fits = match op {
            BitOp::And | BitOp::Or | BitOp::Xor | BitOp::Not => ty.is_integer() || ty == Type::Predicate,
            BitOp::Insert => matches!(ty, Type::Unsigned(32 | 64)),
            BitOp::Permute | BitOp::Lookup | BitOp::Funnel(..) => ty == Type::Unsigned(32),
            _ => ty.is_integer(),
        };
        return fits.then_some(Op::Bits(op, ty));
    }
    if !ty.is_integer() {
        return None;
    }
    let part = words.one_of(&[("lo", 0), ("hi", 1), ("wide", 2)]);
    let op = match (words.head, part) {
        ("add", None) => IntegerOp::Add,
        ("sub", None) => IntegerOp::Sub,
        ("mul", Some(0)) => IntegerOp::MulLow,
        ("mul", Some(1)) => IntegerOp::MulHigh,
        ("mul", Some(2)) => IntegerOp::MulWide,
        ("mad", Some(0)) => IntegerOp::MadLow,
        ("mad", Some(1)) => IntegerOp::MadHigh,
        ("mad", Some(2)) => IntegerOp::MadWide,
        ("div", None) => IntegerOp::Divide,
        ("rem", None) => IntegerOp::Remainder,
        ("min", None) => IntegerOp::Min,
        ("max", None) => IntegerOp::Max,
        ("neg", None) => IntegerOp::Negate,
        ("abs", None) => IntegerOp::Abs,
        ("sad", None) => IntegerOp::Distance,
        _ => return None,
    };
    Some(Op::Integer(op, ty))
}

fn bits(head: &str, funnel: Option<(bool, bool)>) -> Option<BitOp> {
    Some(match head {
        "and" => BitOp::And,
        "or" => BitOp::Or,
        "xor" => BitOp::Xor,
        "not" => BitOp::Not,
        "shl" => BitOp::ShiftLeft,
        "shr" => BitOp::ShiftRight,
        "shf" => {
            let (left, wrap) = funnel?;
            BitOp::Funnel(left, wrap)
        }
        "popc" => BitOp::Count,
        "clz" => BitOp::LeadingZeros,
        "brev" => BitOp::Reverse,
        "bfe" => BitOp::Extract,
        "bfi" => BitOp::Insert,
        "prmt" => BitOp::Permute,
        "lop3" => BitOp::Lookup,
        _ => return None,
    })
}
