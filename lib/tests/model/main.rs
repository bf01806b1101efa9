//! Holds the model to its definition: golden blocks, gradients, the relay's factorisation, packing, determinism.
#![cfg(feature = "nn")]

mod crosstalk;
mod determinism;
mod golden;
mod gradients;
mod inputs;
mod packing;
mod relay;
mod support;
