//! Computes with tensors: layers, the fusion model, its training and its use.

pub mod checkpoint;
pub mod loss;
pub mod ops;
pub mod schedule;
pub mod standardise;
