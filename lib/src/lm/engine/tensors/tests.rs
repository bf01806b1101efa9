//! The kernels of language models on the emulated card: they equal the tensor operations, waste nothing and depend on no
//! order.

mod attention;
mod bench;
mod case;
mod linear;
mod planted;
mod rows;
