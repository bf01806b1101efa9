//! Loads, stores, copies, atomic operations and the tensor cores' fragments.

use super::op::{AtomicOp, Matrix, Op, Space};
use super::words::Words;

pub(super) fn decode(words: &mut Words<'_>) -> Option<Op> {
    match words.head {
        "ld" | "ldu" | "st" => {
            words.ignore(&["weak", "volatile", "nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt"]);
            let space = space(words);
            let count = words.one_of(&[("v2", 2), ("v4", 4)]).unwrap_or(1);
            let ty = words.last_type()?;
            if usize::from(count) * ty.bytes() > 16 || ty.bytes() == 0 {
                return None;
            }
            Some(if words.head == "st" { Op::Store(space, ty, count) } else { Op::Load(space, ty, count) })
        }
        "cp" => copy(words),
        "atom" | "red" => atomic(words),
        "prefetch" | "prefetchu" => {
            words.ignore(&["global", "local", "L1", "L2"]);
            Some(Op::Nothing)
        }
        "ldmatrix" => {
            let transposed = words.take("trans");
            space(words);
            let count = words.one_of(&[("x1", 1), ("x2", 2), ("x4", 4)]);
            let known = words.exactly(&["sync", "aligned", "m8n8", "b16"]);
            count.filter(|_| known).map(|count| Op::LoadMatrix(count, transposed))
        }
        "mma" => {
            let kinds = [
                ("m16n8k16", "bf16", Matrix::Brain16),
                ("m16n8k16", "f16", Matrix::Half16),
                ("m16n8k8", "bf16", Matrix::Brain8),
                ("m16n8k8", "f16", Matrix::Half8),
                ("m16n8k8", "tf32", Matrix::Tf8),
                ("m16n8k4", "tf32", Matrix::Tf4),
            ];
            kinds.into_iter().find_map(|(shape, ty, kind)| {
                words
                    .exactly(&["sync", "aligned", shape, "row", "col", "f32", ty, ty, "f32"])
                    .then_some(Op::Mma(kind))
            })
        }
        _ => None,
    }
}

fn space(words: &mut Words<'_>) -> Space {
    let table = [
        ("param", Space::Param),
        ("param::entry", Space::Param),
        ("shared", Space::Shared),
        ("shared::cta", Space::Shared),
        ("global", Space::Global),
        ("const", Space::Global),
        ("local", Space::Local),
    ];
    words.one_of(&table).unwrap_or(Space::Generic)
}

fn copy(words: &mut Words<'_>) -> Option<Op> {
    if words.exactly(&["async", "commit_group"]) {
        return Some(Op::CopyCommit);
    }
    if words.exactly(&["async", "wait_group"]) {
        return Some(Op::CopyWait);
    }
    if words.exactly(&["async", "wait_all"]) {
        return Some(Op::CopyWaitAll);
    }
    words.ignore(&["ca", "cg"]);
    let known =
        words.exactly(&["async", "shared", "global"]) || words.exactly(&["async", "shared::cta", "global"]);
    known.then_some(Op::CopyAsync)
}

fn atomic(words: &mut Words<'_>) -> Option<Op> {
    words.ignore(&["relaxed", "cta", "gpu", "sys", "noftz"]);
    let space = space(words);
    let table = [
        ("add", AtomicOp::Add),
        ("min", AtomicOp::Min),
        ("max", AtomicOp::Max),
        ("and", AtomicOp::And),
        ("or", AtomicOp::Or),
        ("xor", AtomicOp::Xor),
        ("exch", AtomicOp::Exchange),
        ("cas", AtomicOp::CompareExchange),
    ];
    let op = words.one_of(&table)?;
    let ty = words.last_type()?;
    let fits = match op {
        AtomicOp::CompareExchange => ty.is_integer() && ty.bits() >= 16,
        AtomicOp::Add => ty.bits() >= if ty.is_integer() { 32 } else { 16 },
        _ => ty.is_integer() && ty.bits() >= 32,
    };
    fits.then_some(Op::Atomic(space, op, ty, words.head == "atom"))
}
