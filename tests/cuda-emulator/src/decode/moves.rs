//! Moves, selections, comparisons and conversions.

use super::arithmetic::direction;
use super::op::{Combine, Comparison, Integral, Op, Rounding, Space};
use super::ty::Type;
use super::words::Words;
use crate::ptx::Operand;
use crate::value::Short;

pub(super) fn decode(words: &mut Words<'_>, args: &[Operand], vector: bool) -> Option<Op> {
    match words.head {
        "mov" => {
            let ty = words.last_type()?;
            Some(match (args.len(), vector) {
                (0..=2, _) => Op::Move,
                (_, true) => Op::Unpack(ty.bits()),
                (_, false) => Op::Pack(ty.bits()),
            })
        }
        "selp" => words.last_type().map(|_| Op::Select),
        "setp" => compare(words, args.len()),
        "set" => {
            let comparison = comparison(words)?;
            words.ignore(&["ftz"]);
            let (from, to) = (words.last_type()?, words.last_type()?);
            (to.short().is_some() || matches!(to, Type::Float(32) | Type::Unsigned(32) | Type::Signed(32)))
                .then_some(Op::Set(comparison, to, from))
        }
        "cvta" => {
            let to = words.take("to");
            let table = [("shared", Space::Shared), ("global", Space::Global), ("local", Space::Local)];
            let space = words
                .one_of(&table)
                .or_else(|| words.one_of(&[("const", Space::Global), ("param", Space::Param)]));
            let sized = words.take("u64") || words.take("u32");
            space.filter(|_| sized).map(|space| if to { Op::ToSpace(space) } else { Op::FromSpace(space) })
        }
        "cvt" => convert(words),
        _ => None,
    }
}

fn comparison(words: &mut Words<'_>) -> Option<Comparison> {
    let table = [
        ("eq", Comparison::Equal),
        ("ne", Comparison::NotEqual),
        ("lt", Comparison::Less),
        ("lo", Comparison::Less),
        ("le", Comparison::LessEqual),
        ("ls", Comparison::LessEqual),
        ("gt", Comparison::Greater),
        ("hi", Comparison::Greater),
        ("ge", Comparison::GreaterEqual),
        ("hs", Comparison::GreaterEqual),
        ("equ", Comparison::OrEqual),
        ("neu", Comparison::OrNotEqual),
        ("ltu", Comparison::OrLess),
        ("leu", Comparison::OrLessEqual),
        ("gtu", Comparison::OrGreater),
        ("geu", Comparison::OrGreaterEqual),
        ("num", Comparison::Numbers),
        ("nan", Comparison::AnyNan),
    ];
    words.one_of(&table)
}

fn compare(words: &mut Words<'_>, args: usize) -> Option<Op> {
    let comparison = comparison(words)?;
    let combine = words.one_of(&[("and", Combine::And), ("or", Combine::Or), ("xor", Combine::Xor)]);
    let combine = combine.unwrap_or(Combine::No);
    words.ignore(&["ftz"]);
    let ty = words.last_type()?;
    let both = args == 4 + usize::from(combine != Combine::No);
    Some(Op::Compare(comparison, ty, combine, both))
}

fn convert(words: &mut Words<'_>) -> Option<Op> {
    for (pair, kind) in [("bf16x2", Short::Brain), ("f16x2", Short::Half)] {
        if words.take(pair) {
            let relu = words.take("relu");
            return words.exactly(&["rn", "f32"]).then_some(Op::ConvertPair(kind, relu));
        }
    }
    if words.exactly(&["rna", "tf32", "f32"]) {
        return Some(Op::ConvertTf32);
    }
    let (from, to) = (words.last_type()?, words.last_type()?);
    let table =
        [("rni", Integral::Nearest), ("rzi", Integral::Zero), ("rmi", Integral::Down), ("rpi", Integral::Up)];
    let integral = words.one_of(&table);
    let float = |ty: Type| !ty.is_integer();
    let direction = if to == Type::Float(32) && !float(from) { direction(words) } else { None };
    words.take("rn");
    let (flush, saturate) = (words.take("ftz"), words.take("sat"));
    // A float becomes an integer only with a rounding that says which.
    let sensible =
        to != Type::Predicate && from != Type::Predicate && (!float(from) || float(to) || integral.is_some());
    sensible.then_some(Op::Convert(to, from, Rounding { integral, direction, flush, saturate }))
}
