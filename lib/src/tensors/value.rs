//! Lets callers look into the structure of a torch file.

use std::path::Path;

use super::pickle::{Id, Node};
use super::torch::Torch;
use super::view::TensorView;
use super::{Shard, view_of};
use crate::Place;

/// A value of a torch file: a dictionary, a list, text, a number, a tensor. Data only; nothing was executed.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    shard: &'a Shard,
    torch: &'a Torch,
    id: Id,
}

impl<'a> Value<'a> {
    pub(super) fn root(shard: &'a Shard) -> Option<Self> {
        let torch = shard.torch.as_ref()?;
        Some(Self { shard, torch, id: torch.nodes.root() })
    }

    fn at(self, id: Id) -> Self {
        Self { id, ..self }
    }

    fn node(self) -> &'a Node {
        self.torch.nodes.get(self.id)
    }

    /// Gives the value under a text key of a dictionary, or an attribute of an object such as
    /// `argparse.Namespace`; the last one where a key occurs twice.
    pub fn get(self, key: &str) -> Option<Self> {
        let entries = self.torch.nodes.entries(self.id);
        let found = entries.iter().rev().find(|&&(name, _)| self.torch.nodes.text(name) == Some(key));
        found.map(|&(_, value)| self.at(value))
    }

    /// Gives keys and values of a dictionary or an object, in their order; nothing for other values.
    pub fn entries(self) -> impl Iterator<Item = (Self, Self)> {
        self.torch.nodes.entries(self.id).iter().map(move |&(key, value)| (self.at(key), self.at(value)))
    }

    /// Gives the elements of a list, set or tuple, in their order; nothing for other values.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        let parts: &[Id] = match self.node() {
            Node::List(parts) => parts,
            Node::Tuple(parts) => parts,
            _ => &[],
        };
        parts.iter().map(move |&part| self.at(part))
    }

    /// Gives text.
    pub fn text(self) -> Option<&'a str> {
        self.torch.nodes.text(self.id)
    }

    /// Gives an integer.
    pub fn integer(self) -> Option<i64> {
        match self.node() {
            Node::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Gives a number of either kind.
    pub fn number(self) -> Option<f64> {
        match self.node() {
            Node::Int(value) => Some(*value as f64),
            Node::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Gives a truth value.
    pub fn truth(self) -> Option<bool> {
        match self.node() {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Gives a tensor; its values have not been compared with their checksum.
    pub fn tensor(self) -> Option<TensorView<'a>> {
        let slot = self.torch.slots.get(&self.id)?;
        Some(view_of(self.shard, slot, Place::file(self.file())))
    }

    /// Gives a tensor after comparing its storage with its checksum.
    ///
    /// # Errors
    /// A storage whose bytes do not have the checksum of the archive.
    pub fn checked_tensor(self) -> Option<crate::Result<TensorView<'a>>> {
        let slot = self.torch.slots.get(&self.id)?;
        Some(self.shard.check(slot).map(|()| view_of(self.shard, slot, Place::file(self.file()))))
    }

    fn file(self) -> &'a Path {
        self.shard.map.path()
    }
}
