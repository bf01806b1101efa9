//! The values of a pickle.

use super::super::element::ElementType;
use super::global::Global;

/// The position of a value in [`Nodes`].
pub(in crate::tensors) type Id = u32;

/// One value.
#[derive(Debug, Clone)]
pub(in crate::tensors) enum Node {
    /// `None`, and what carries no data for us.
    Nothing,
    /// A truth value.
    Bool(bool),
    /// An integer of at most 64 bits.
    Int(i64),
    /// A longer integer, which nothing here needs.
    Long,
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Box<str>),
    /// Bytes, which nothing here needs.
    Bytes,
    /// A tuple.
    Tuple(Box<[Id]>),
    /// A list or a set.
    List(Vec<Id>),
    /// A dictionary of any class, in its order.
    Dict(Vec<(Id, Id)>),
    /// A class or function by its name, never itself.
    Global(Global),
    /// The values behind tensors.
    Storage(Storage),
    /// A tensor.
    Tensor(Box<Strided>),
    /// An instance of a class that holds data: its attributes, once given.
    Object(Option<Id>),
}

/// Values behind tensors: an entry `data/KEY` of the archive.
#[derive(Debug, Clone, Copy)]
pub(in crate::tensors) struct Storage {
    /// The text KEY; only its position, so that a long one is not copied for every tensor.
    pub(in crate::tensors) key: Id,
    /// The type of its values; none is a row of bytes whose tensors tell the type.
    pub(in crate::tensors) dtype: Option<ElementType>,
    /// Its length, in values, or in bytes where it has no type.
    pub(in crate::tensors) length: usize,
}

/// A tensor inside a storage, not yet checked against it.
#[derive(Debug, Clone)]
pub(in crate::tensors) struct Strided {
    pub(in crate::tensors) storage: Storage,
    pub(in crate::tensors) dtype: ElementType,
    pub(in crate::tensors) offset: usize,
    pub(in crate::tensors) shape: Vec<usize>,
    pub(in crate::tensors) strides: Vec<usize>,
}

/// All values of a pickle, and which of them is the whole.
#[derive(Debug, Default)]
pub(in crate::tensors) struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
}

impl Nodes {
    /// Gives the value that the pickle stands for.
    pub(in crate::tensors) fn root(&self) -> Id {
        self.root
    }

    /// Gives a value.
    pub(in crate::tensors) fn get(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Gives all values.
    pub(in crate::tensors) fn iter(&self) -> impl Iterator<Item = (Id, &Node)> {
        (0..).zip(&self.nodes)
    }

    /// Gives the entries of a dictionary or the attributes of an object.
    pub(in crate::tensors) fn entries(&self, id: Id) -> &[(Id, Id)] {
        match self.get(id) {
            Node::Dict(entries) => entries,
            Node::Object(Some(state)) => match self.get(*state) {
                Node::Dict(entries) => entries,
                _ => &[],
            },
            _ => &[],
        }
    }

    /// Gives text.
    pub(in crate::tensors) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}
