//! Operations on packed tensors, with hand-written gradients.
//!
//! Each is a file that says what it computes, with a *composite*: the same in tensor operations whose gradients candle
//! knows, for any device and type of numbers. Beside it, `<operation>/cpu.rs` holds the kernel for f32 and f64 on the CPU:
//! loops over `slices` for any `real` numbers, in the `vectors` that [`simd`](crate::simd) chose. `dispatch` alone decides
//! between kernel and composite. `nary` gives an operation any number of inputs and outputs.
//!
//! A kernel for a CUDA card is CUDA C++ in `lib/kernels/ops`, a file `<operation>/card.rs` that says what is launched with
//! what, and a method beside `Operation::cpu`; the tests compare it with the composite, on the emulated card in every build.
//! The scan's lie in `scan/cuda`.

mod attention;
pub mod card;
mod contract;
mod conv;
#[cfg(feature = "cuda")]
pub(crate) mod cuda;
mod dispatch;
mod disturb;
mod draw;
mod features;
mod gate;
mod gather;
mod hand_over;
mod interleave;
mod linear;
mod nary;
mod norm;
mod real;
pub mod scan;
mod segment_mean;
mod slices;
mod split;
mod start;
#[cfg(test)]
mod tests;
mod vectors;

pub(crate) use attention::cross_attention;
pub(crate) use contract::contract;
pub use conv::conv_silu;
pub(crate) use disturb::{add_noise, drop_values};
pub(crate) use features::product_features;
pub(crate) use gate::mean_gate;
pub(crate) use gather::{gather_rows, gather_tokens};
pub(crate) use hand_over::hand_over;
pub(crate) use interleave::interleave;
pub(crate) use linear::linear;
pub(crate) use norm::{layer_norm, rms_norm};
pub(crate) use segment_mean::segment_mean;
pub(crate) use split::split_columns;
pub(crate) use start::backward_from;
