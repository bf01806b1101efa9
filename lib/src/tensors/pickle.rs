//! Reads Python pickles as plain data; nothing is imported, called or built.
//!
//! A pickle is a program for a small stack machine whose instructions can call any Python function. This reader
//! knows the instructions that data need, and a short list of classes ([`global`]); every other instruction or
//! class is an error that names it. Values live in one list and refer to each other by position, so that a value
//! that is used a million times, or that holds itself, costs nothing; work and memory are bounded by
//! [`MOST_STEPS`] and by the length of the pickle.

mod global;
mod machine;
mod node;
mod tensor;

pub(super) use machine::run;
pub(super) use node::{Id, Node, Nodes, Strided};

/// The longest pickle that is read, in bytes; those of 15 billion parameters have less than a megabyte.
pub(super) const LONGEST: u64 = 1 << 25;
/// The most instructions that are followed.
const MOST_STEPS: usize = 1 << 20;

#[cfg(test)]
mod tests;
