//! The kernels of language models on the emulated card: they equal the tensor operations, waste nothing and depend on no
//! order; and the rows that a model gives are those that its device has.

mod attention;
mod bench;
mod case;
mod forward;
mod linear;
mod planted;
mod rows;
