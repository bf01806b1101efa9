//! Black-box tests of `--device cuda`, on the emulated card or on a true one: `make test-cuda`.
//!
//! A card rounds its own way: sums run in another order. So figures are compared within [`CLOSE`], not byte by byte.

mod published;
mod support;
mod trained;

#[path = "cuda/card.rs"]
mod card;
#[path = "cuda/demo.rs"]
mod demo;
#[path = "cuda/embed.rs"]
mod embed;
#[path = "cuda/refused.rs"]
mod refused;
#[path = "cuda/same.rs"]
mod same;
