//! Tensors and storages as a pickle describes them.

use super::super::fault::{Fault, short};
use super::global::Global;
use super::node::{Id, Node, Nodes, Storage, Strided};

/// More dimensions than any tensor of a model has.
const MOST_DIMENSIONS: usize = 16;

/// Reads the name under which torch keeps a storage: `("storage", class, key, device, length)`.
pub(super) fn storage(nodes: &Nodes, id: Id) -> Result<Node, Fault> {
    let wrong = || Fault::damaged("the pickle names a storage in an unknown way");
    let Node::Tuple(parts) = nodes.get(id) else { return Err(wrong()) };
    let &[kind, class, key, _, length] = &**parts else { return Err(wrong()) };
    match (nodes.text(kind), nodes.get(class), nodes.text(key), nodes.get(length)) {
        (Some("storage"), Node::Global(Global::Storage(dtype)), Some(_), Node::Int(length)) => {
            let length = usize::try_from(*length).map_err(|_| wrong())?;
            Ok(Node::Storage(Storage { key, dtype: *dtype, length }))
        }
        _ => Err(wrong()),
    }
}

/// Reads the arguments of torch's rebuilding functions.
pub(super) fn tensor(nodes: &Nodes, arguments: &[Id], typed: bool) -> Result<Node, Fault> {
    let wrong = || Fault::damaged("the pickle describes a tensor in an unknown way");
    let &[storage, offset, shape, strides, ..] = arguments else { return Err(wrong()) };
    let (Node::Storage(storage), Node::Int(offset)) = (nodes.get(storage), nodes.get(offset)) else {
        return Err(wrong());
    };
    let dtype = match (typed, storage.dtype) {
        (false, Some(dtype)) => dtype,
        (true, _) => match arguments.get(6).map(|&id| nodes.get(id)) {
            Some(Node::Global(Global::Type(dtype))) => *dtype,
            _ => return Err(wrong()),
        },
        (false, None) => return Err(wrong()),
    };
    let offset = usize::try_from(*offset).map_err(|_| wrong())?;
    let (shape, strides) = (extents(nodes, shape)?, extents(nodes, strides)?);
    if shape.len() != strides.len() {
        return Err(wrong());
    }
    Ok(Node::Tensor(Box::new(Strided { storage: *storage, dtype, offset, shape, strides })))
}

fn extents(nodes: &Nodes, id: Id) -> Result<Vec<usize>, Fault> {
    let wrong = || Fault::damaged("the pickle holds a tensor whose shape is not a list of whole numbers");
    let parts: &[Id] = match nodes.get(id) {
        Node::Tuple(parts) => parts,
        Node::List(parts) => parts,
        _ => return Err(wrong()),
    };
    if parts.len() > MOST_DIMENSIONS {
        let problem = format!("the pickle holds a tensor of {} dimensions", parts.len());
        return Err(Fault::damaged(problem));
    }
    let extent = |&id: &Id| match nodes.get(id) {
        Node::Int(extent) => usize::try_from(*extent).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    parts.iter().map(extent).collect()
}

/// Says that a name is not on the list of those that may occur.
pub(super) fn unknown(module: &str, name: &str) -> Fault {
    Fault::new(
        format!(
            "the pickle names `{}.{}`, which is not among the classes that weights need",
            short(module),
            short(name)
        ),
        "nothing was executed; use the published file, or save the state dict alone",
    )
}
