//! Loads a model when it is first needed, and tells before what it will take.

use std::sync::{Arc, OnceLock};

use super::{AtOnce, Engine};
use crate::Result;
use crate::lm::weights::{Checkpoint, Shape};
use crate::nn::device::OnHost;

/// What computes hidden states once it is loaded; the arguments are those of [`Engine::forward`].
pub(super) trait Model: Send + Sync {
    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost>;
}

/// Loads the weights of a checkpoint.
pub(super) type Load = dyn Fn(&Checkpoint) -> Result<Box<dyn Model>> + Send + Sync;

/// How a device loads a checkpoint, and what that takes of its memory.
pub(super) struct Means {
    pub(super) load: Box<Load>,
    pub(super) weights: u64,
    /// Estimates what a batch takes, from its tokens and its longest sequence.
    pub(super) memory: Box<dyn Fn(usize, usize) -> u64 + Send + Sync>,
    pub(super) available: Box<dyn Fn() -> Option<u64> + Send + Sync>,
    /// Tells whether memory that is said to be available can be had in fact.
    pub(super) can_reserve: fn(u64) -> bool,
    pub(super) at_once: AtOnce,
}

/// A checkpoint, and its model once it is asked for.
pub(super) struct Lazy {
    checkpoint: Arc<Checkpoint>,
    means: Means,
    model: OnceLock<Box<dyn Model>>,
}

impl Lazy {
    /// Takes a checkpoint; its weights are read when they are first needed.
    pub(super) fn new(checkpoint: &Arc<Checkpoint>, means: Means) -> Self {
        Self { checkpoint: Arc::clone(checkpoint), means, model: OnceLock::new() }
    }

    fn model(&self) -> Result<&dyn Model> {
        if let Some(model) = self.model.get() {
            return Ok(&**model);
        }
        let model = (self.means.load)(&self.checkpoint)?;
        Ok(&**self.model.get_or_init(|| model))
    }
}

impl Engine for Lazy {
    fn shape(&self) -> &Shape {
        self.checkpoint.shape()
    }

    fn weights(&self) -> u64 {
        self.means.weights
    }

    fn memory(&self, tokens: usize, longest: usize) -> u64 {
        (self.means.memory)(tokens, longest)
    }

    fn available(&self) -> Option<u64> {
        (self.means.available)()
    }

    fn can_take(&self, bytes: u64) -> bool {
        self.available().is_none_or(|available| bytes <= available) && (self.means.can_reserve)(bytes)
    }

    fn at_once(&self) -> AtOnce {
        self.means.at_once
    }

    fn prepare(&self) -> Result<()> {
        self.model().map(drop)
    }

    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost> {
        self.model()?.forward(ids, offsets, layer)
    }
}
