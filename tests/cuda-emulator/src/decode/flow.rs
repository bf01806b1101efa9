//! Branches, barriers and exchanges between lanes.

use super::op::{IntegerOp, Op, Shuffle, Vote};
use super::words::Words;
use crate::ptx::Operand;

pub(super) fn decode(words: &mut Words<'_>, args: &[Operand]) -> Option<Op> {
    match words.head {
        "bra" => {
            words.ignore(&["uni"]);
            Some(Op::Branch)
        }
        "ret" | "exit" => {
            words.ignore(&["uni"]);
            Some(Op::Exit)
        }
        "bar" | "barrier" => barrier(words, args),
        "membar" | "fence" => {
            words.ignore(&["cta", "gl", "gpu", "sys", "sc", "acq_rel", "acquire", "release"]);
            Some(Op::Nothing)
        }
        "activemask" => words.take("b32").then_some(Op::ActiveMask),
        "shfl" => {
            let table = [
                ("up", Shuffle::Up),
                ("down", Shuffle::Down),
                ("bfly", Shuffle::Butterfly),
                ("idx", Shuffle::Index),
            ];
            let kind = words.one_of(&table)?;
            (words.take("sync") && words.take("b32")).then_some(Op::Shuffle(kind))
        }
        "vote" => {
            let table =
                [("all", Vote::All), ("any", Vote::Any), ("uni", Vote::Uniform), ("ballot", Vote::Ballot)];
            let kind = words.one_of(&table)?;
            let ty = if kind == Vote::Ballot { "b32" } else { "pred" };
            (words.take("sync") && words.take(ty)).then_some(Op::Vote(kind))
        }
        "redux" => {
            let table = [
                ("add", IntegerOp::Add),
                ("min", IntegerOp::Min),
                ("max", IntegerOp::Max),
                ("and", IntegerOp::And),
                ("or", IntegerOp::Or),
                ("xor", IntegerOp::Xor),
            ];
            let kind = words.one_of(&table)?;
            let ty = words.last_type().filter(|ty| ty.is_integer())?;
            words.take("sync").then_some(Op::Reduce(kind, ty))
        }
        _ => None,
    }
}

fn barrier(words: &mut Words<'_>, args: &[Operand]) -> Option<Op> {
    words.ignore(&["aligned", "cta"]);
    if words.take("warp") {
        return words.take("sync").then_some(Op::WarpBarrier);
    }
    // A barrier for a part of the block has a second operand.
    let whole = matches!(args, [Operand::Number(_)]);
    (whole && words.take("sync")).then_some(Op::Barrier)
}
