//! Forecasts the memory that a training takes, so that settings that need more than there is are told before it starts.
//!
//! Counted are the weights with all that is kept of them, and the tensors of the largest step or block; the stores are in
//! memory already. Fits that run side by side count each by itself.

use std::collections::BTreeSet;

use super::run::{FoldRun, Run};
use crate::config::{AutoCount, Config, Fusion, ModelConfig, Stop};
use crate::memory;
use crate::nn::bundle::OF_BLOCK;
use crate::nn::data::Widths;
use crate::nn::device::free_memory;
use crate::nn::model::FusionModel;
use crate::nn::predict::{BLOCK_MOLECULES, BLOCK_TOKENS};
use crate::nn::threads::at_once;
use crate::pair::{Side, Sides};
use crate::words::Size;
use crate::{Error, Result};

/// Bytes of a value.
const VALUE: f64 = 4.0;
/// What the backward pass holds beside the tensors of the forward pass, as a share of them.
const BACKWARD: f64 = 0.5;
/// Pairs that are looked at together where each is scanned token by token.
const LOOKED_AT: f64 = 64.0;
/// Tokens between the states that a scan keeps for its backward pass.
const STATES: f64 = 16.0;

/// The memory of a training, in bytes, beside what is taken already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Of one fit.
    pub fit: u64,
    /// How many fits run side by side.
    pub fits: usize,
}

impl Forecast {
    /// Gives the memory of all fits that run side by side.
    pub fn bytes(&self) -> u64 {
        self.fit.saturating_mul(self.fits as u64)
    }
}

/// Some molecules of a side, and all their tokens.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    molecules: f64,
    tokens: f64,
}

impl Load {
    /// Takes a number of these molecules, as long as they are on average.
    fn some(self, count: f64) -> Self {
        let share = (count / self.molecules.max(1.0)).min(1.0);
        Self { molecules: self.molecules * share, tokens: self.tokens * share }
    }

    /// Takes the largest block of these molecules that is encoded together.
    fn block(self) -> Self {
        let share = (BLOCK_TOKENS as f64 / self.tokens.max(1.0)).min(1.0);
        self.some((self.molecules * share).clamp(1.0, BLOCK_MOLECULES as f64))
    }

    fn mean(self) -> f64 {
        self.tokens / self.molecules.max(1.0)
    }
}

/// What a fit reads: the molecules that it is trained on and those that it looks at, and the pairs of a step.
struct Reads {
    trained: Sides<Load>,
    watched: Sides<Load>,
    batch: usize,
    /// Into how many parts the molecules of each side are divided, where pairs are taken by blocks.
    blocks: Option<Sides<usize>>,
}

impl Run<'_> {
    /// Refuses settings that need more memory than this process can get, or than is free on its card, where the system says
    /// how much that is.
    ///
    /// # Errors
    /// The setting that weighs most, with the forecast.
    pub fn check_memory(&self, folds: &[FoldRun], threads: usize) -> Result<Forecast> {
        // Where the network is no expert, nothing of this is needed.
        let networks_of = |fold: &FoldRun| self.members() + fold.inner.len() * fold.heads.len();
        let pending: Vec<&FoldRun> =
            folds.iter().filter(|fold| !fold.finished && networks_of(fold) > 0).collect();
        let networks: usize = pending.iter().map(|&fold| networks_of(fold)).sum();
        let fits = at_once(self.device, threads).clamp(1, networks.max(1));
        // The largest steps of all folds; their molecules are much the same.
        let Some(largest) = pending.into_iter().max_by_key(|fold| fold.plan.batch) else {
            return Ok(Forecast { fit: 0, fits });
        };
        let reads = self.reads(largest);
        let forecast = Forecast { fit: self.bytes_of(self.config, &reads)?, fits };
        let free = if self.device.is_cpu() { memory::available() } else { free_memory(self.device) };
        match free {
            Some(free) if forecast.bytes() > free => Err(self.too_much(&reads, forecast, free)?),
            _ => Ok(forecast),
        }
    }

    fn too_much(&self, reads: &Reads, forecast: Forecast, free: u64) -> Result<Error> {
        let (there, remedy) = if self.device.is_cpu() {
            (format!("{} are free", Size(free)), "give a smaller number, or use a machine with more memory")
        } else {
            let there = format!("the card has too little free memory, {}", Size(free));
            (there, "give a smaller number, end other programs on the card, or use --device cpu")
        };
        let needs = |bytes| format!("the training needs about {} of memory, and {there}", Size(bytes));
        if forecast.fit <= free {
            let problem = format!("{} fits run side by side, and {}", forecast.fits, needs(forecast.bytes()));
            let remedy = format!("give at most {}", free / forecast.fit.max(1));
            return Ok(Error::setting("--threads", problem, remedy));
        }
        let model = &self.config.model;
        let settings = [
            ("training.batch", if reads.blocks.is_some() { reads.batch / OF_BLOCK } else { reads.batch }),
            ("model.width", model.width),
            ("model.inner", model.inner),
            ("model.state", model.state),
            ("model.layers", model.layers),
            ("model.hidden", model.hidden),
        ];
        let mut heaviest = (0, settings[0]);
        for (name, value) in settings.into_iter().filter(|&(_, value)| value > 1) {
            let less = self.bytes_of(&with_half(self.config, name, value), reads)?;
            let saved = forecast.fit.saturating_sub(less);
            if saved > heaviest.0 {
                heaviest = (saved, (name, value));
            }
        }
        let (name, value) = heaviest.1;
        let problem = format!("with {value}, {}", needs(forecast.fit));
        Ok(Error::setting(name, problem, remedy))
    }

    /// Forecasts the memory of a fit.
    fn bytes_of(&self, config: &Config, reads: &Reads) -> Result<u64> {
        let widths = self.data.widths();
        let each = if reads.blocks.is_some() { OF_BLOCK } else { 1 };
        let batch = reads.batch.min(config.training.batch.or(usize::MAX).saturating_mul(each)) as f64;
        let of_step = Sides::of(|side| {
            let trained = reads.trained[side];
            // A smaller block has fewer molecules of either side.
            let less = (batch / reads.batch.max(1) as f64).sqrt();
            trained.some(reads.blocks.map_or(batch, |parts| less * trained.molecules / parts[side] as f64))
        });
        let step = (1.0 + BACKWARD) * tensors(&config.model, widths, of_step, batch, true);
        let looked = tensors(&config.model, widths, reads.watched.map(Load::block), LOOKED_AT, false);
        let values = kept(config, FusionModel::values_of(&config.model, widths)? as f64) + step.max(looked);
        Ok((values * VALUE) as u64)
    }

    fn reads(&self, fold: &FoldRun) -> Reads {
        let load = |pairs: &[Sides<u32>]| {
            Sides::of(|side: Side| {
                let molecules: BTreeSet<u32> = pairs.iter().map(|pair| pair[side]).collect();
                let table = self.data.table(side);
                let tokens = molecules.iter().map(|&molecule| table.tokens(molecule) as f64).sum();
                Load { molecules: molecules.len() as f64, tokens }
            })
        };
        let trained: Vec<_> = fold.parts.train.iter().filter_map(|&at| self.data.pair(at)).collect();
        // All molecules are looked at when the predictions are written.
        let watched: Vec<_> = self.data.pairs.iter().copied().flatten().collect();
        Reads {
            trained: load(&trained),
            watched: load(&watched),
            batch: fold.plan.batch,
            blocks: fold.plan.blocks,
        }
    }
}

/// Halves one setting.
fn with_half(config: &Config, name: &str, value: usize) -> Config {
    let mut config = config.clone();
    let half = (value / 2).max(1);
    match name {
        "model.width" => config.model.width = half,
        "model.inner" => config.model.inner = half,
        "model.state" => config.model.state = half,
        "model.layers" => config.model.layers = half,
        "model.hidden" => config.model.hidden = half,
        _ => config.training.batch = std::num::NonZero::new(half).map_or(AutoCount::Auto, AutoCount::Of),
    }
    config
}

/// Counts the values that are kept of the weights: themselves, two moments, an average and the best if there are; and
/// two copies of all that while a checkpoint is written.
fn kept(config: &Config, weights: f64) -> f64 {
    let kinds = 3.0
        + if config.training.ema > 0.0 { 1.0 } else { 0.0 }
        + if config.training.stop == Stop::Early { 1.0 } else { 0.0 };
    3.0 * kinds * weights
}

/// Counts the values of all tensors of a forward pass over some molecules and pairs among them.
fn tensors(model: &ModelConfig, widths: Sides<Widths>, of: Sides<Load>, pairs: f64, train: bool) -> f64 {
    let sizes = Sizes::new(model);
    let encoded: f64 =
        Side::BOTH.into_iter().map(|side| sizes.encoded(model, widths[side], of[side], train)).sum();
    let (d, e) = (sizes.width, sizes.inner);
    let scanned = |tokens: f64| model.layers as f64 * sizes.layer(tokens, pairs);
    let both = pairs * (of.rna.mean() + of.partner.mean());
    let met = match model.fusion {
        Fusion::LateRelay => {
            // What is handed over; in training also copies of keys and states, where a walk back ends.
            let copies = if train { 3.0 } else { 1.0 };
            let states = sizes.directions * e * sizes.state * (of.rna.molecules + of.partner.molecules);
            copies * states + 6.0 * pairs * e
        }
        // Each layer is scanned without and with the other's state.
        Fusion::DeepRelay => both * d + 2.0 * scanned(both),
        Fusion::JointScan => 2.0 * (both * d + scanned(both)),
        Fusion::Pair => scanned(2.0 * pairs),
        Fusion::CrossAttention => 5.0 * d * (of.rna.tokens + of.partner.tokens),
        Fusion::Gated | Fusion::GatedInput | Fusion::Mlp => 0.0,
    };
    encoded + met + pairs * (12.0 * d + 6.0 * model.hidden as f64)
}

/// The sizes of the layers, as numbers to count with.
struct Sizes {
    width: f64,
    inner: f64,
    state: f64,
    low: f64,
    directions: f64,
}

impl Sizes {
    fn new(model: &ModelConfig) -> Self {
        Self {
            width: model.width as f64,
            inner: model.inner as f64,
            state: model.state as f64,
            low: (model.dt_rank() + 2 * model.state) as f64,
            directions: model.reading.names().len() as f64,
        }
    }

    /// Counts what a layer makes of some tokens in some sequences.
    fn layer(&self, tokens: f64, sequences: f64) -> f64 {
        let Self { width: d, inner: e, state: n, low, directions } = *self;
        let each = 3.0 * d + 3.0 * e + directions * (3.0 * e + 2.0 * low + e * n / STATES);
        tokens * each + directions * sequences * e * n
    }

    /// Counts what the molecules of one side become before they meet others.
    fn encoded(&self, model: &ModelConfig, widths: Widths, of: Load, train: bool) -> f64 {
        let copies = 1.0 + if model.input_norm { 1.0 } else { 0.0 } + if train { 2.0 } else { 0.0 };
        let rows = if widths.global > 0 { of.tokens - of.molecules } else { of.tokens };
        let inputs = copies * (of.molecules * widths.global as f64 + rows * widths.rows as f64);
        let tokens = of.tokens * self.width * if train { 4.0 } else { 2.0 };
        let layers = match model.fusion {
            Fusion::LateRelay => {
                // The last layer gives keys beside the states.
                model.layers as f64 * self.layer(of.tokens, of.molecules)
                    + self.directions * of.molecules * self.inner * self.state
            }
            _ => 0.0,
        };
        inputs + tokens + layers
    }
}
