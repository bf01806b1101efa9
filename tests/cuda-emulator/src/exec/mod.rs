//! Executes a block: one warp after the other until each waits at a barrier or has ended, 32 lanes at a time.

mod access;
mod address;
mod atomic;
mod bits;
mod block;
mod convert;
mod copy;
mod directed;
mod double;
mod exchange;
mod float;
mod half;
mod integer;
mod lanes;
mod map;
mod matrix;
mod moves;
mod schedule;
mod step;
mod warp;

pub(crate) use block::{Block, Place};
pub(crate) use lanes::lanes;
