//! Reads the published files of language models: recognises them by content and gives every tensor one name.
//!
//! Canonical names, with weights of linear maps as (out, in): `embedding` (vocabulary, width);
//! `layers.{i}.{query,key,value,out}.{weight,bias}`; `layers.{i}.norm1` and `norm2` `.{weight,bias}`, the first
//! and second normalisation of the block; `layers.{i}.up` and `down` `.{weight,bias}`; RiNALMo's `layers.{i}.gate`
//! `.{weight,bias}` and `layers.{i}.beta`; MoLFormer's `layers.{i}.features` (head width, features);
//! `norm.{weight,bias}`; ESM-2's `inv_freq` (half the head width), where the file holds it.

mod checkpoint;
mod config;
mod digest;
mod known;
mod layout;
mod names;
mod resolve;
mod shape;
mod vocabulary;

pub use checkpoint::Checkpoint;
pub use known::{KnownFile, known_digest, known_files};
pub use layout::Layout;
pub use shape::{AttentionEpsilon, Shape};
