//! Embeds records with a language model.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use candle_core::Device;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::budget::Budget;
use super::engine::{AtOnce, Engine, Precision, engine};
use super::family::Family;
use super::pool::Pool;
use super::tokens::{Tokenizer, Tokens};
use super::weights::{Checkpoint, Shape};
use super::windows::{Stitcher, contexts};
use crate::encoder::{Effort, Encoded, Encoder, Remark, rows_of};
use crate::nn::device::OnHost;
use crate::record::{Digest, Record};
use crate::store::{Dtype, Manifest, TokenRule};
use crate::words::Size;
use crate::{Error, Result};

/// What happens to sequences that are longer than the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Long {
    /// They are refused.
    Refused,
    /// They are read in windows that start every so many residues, and joined ([`Stitcher`]).
    Windows {
        /// From the start of one window to the start of the next, in residues.
        stride: NonZero<usize>,
    },
}

/// How a language model is used.
#[derive(Debug, Clone, Copy)]
pub struct LmSettings {
    /// The rows of the store.
    pub tokens: TokenRule,
    /// The layer whose output is stored; nothing for the last, after the final norm.
    pub layer: Option<usize>,
    /// The precision of weights and products.
    pub precision: Precision,
    /// Residues (SMILES: tokens) that the model reads at once, the two special tokens not counted.
    pub context: NonZero<usize>,
    /// What happens to longer sequences.
    pub long: Long,
    /// Tokens of a batch; nothing to choose by the memory that is free. The values do not depend on it.
    pub max_tokens: Option<NonZero<usize>>,
}

/// The encoder of a language model's checkpoint.
///
/// Rows are the model's outputs at the residues (SMILES: tokens), or their means over the store's windows. The
/// global vector, which every rule has, is the usual summary of each model: the mean over the residues for ESM-2 and
/// RiNALMo, the mean over all tokens with the two special ones for MoLFormer. With [`TokenRule::Pooled`] there is the
/// global vector alone.
///
/// The values of a record depend on the record alone. The weights are read when they are first needed, or by
/// [`Encoder::prepare`].
///
/// ```
/// use crossmamba::encoder::Encoder as _;
/// use crossmamba::lm::{Checkpoint, LmEncoder, LmSettings, Long, Precision, Tokenizer};
/// use crossmamba::record::{Record, RecordId};
/// use crossmamba::store::TokenRule;
///
/// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
/// let tokenizer = Tokenizer::for_checkpoint(&checkpoint, None)?;
/// let settings = LmSettings {
///     tokens: TokenRule::Residue,
///     layer: None,
///     precision: Precision::F32,
///     context: checkpoint.shape().family.context(),
///     long: Long::Refused,
///     max_tokens: None,
/// };
/// let encoder = LmEncoder::new(checkpoint, tokenizer, settings)?;
/// let record = Record { id: RecordId::new("p1")?, sequence: b"MKTV".to_vec() };
/// assert_eq!(encoder.encode(&[&record])?[0].embedding.rows, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LmEncoder {
    engine: Box<dyn Engine>,
    tokenizer: Tokenizer,
    family: Family,
    width: usize,
    settings: LmSettings,
    recorded: Value,
    budget: Budget,
    stop: Arc<AtomicBool>,
}

/// A stretch of one record that is read at once.
struct Piece {
    record: usize,
    window: Range<usize>,
    /// Where the next stretch of the record starts; its length after the last.
    next: usize,
}

impl Piece {
    fn tokens(&self) -> usize {
        self.window.len() + 2
    }
}

/// One record while its stretches are read.
struct Reading {
    length: usize,
    stitcher: Stitcher,
    pool: Pool,
}

impl Reading {
    /// Takes the rows of its next stretches; those of special tokens count where the model counts them.
    fn add(&mut self, pieces: &[Piece], mut rows: &[f32], special: bool) {
        let width = self.pool.width();
        for piece in pieces {
            let (of_piece, after) = rows.split_at(piece.tokens() * width);
            rows = after;
            let (first, inner) = of_piece.split_at(width);
            let (inner, last) = inner.split_at(inner.len() - width);
            if special && piece.window.start == 0 {
                self.pool.special(first);
            }
            self.stitcher.add(&piece.window, piece.next, inner, |row| self.pool.residue(row));
            if special && piece.window.end == self.length {
                self.pool.special(last);
            }
        }
    }
}

impl LmSettings {
    /// Reads the settings back from those of a manifest, as [`LmEncoder`] writes them; nothing for others.
    ///
    /// The settings of a manifest name the layer by its number, so that the last one is named, too.
    pub fn of_manifest(tokens: TokenRule, settings: &Value) -> Option<Self> {
        let number = |value: &Value| NonZero::new(usize::try_from(value.as_u64()?).ok()?);
        let long = match &settings["windows"] {
            Value::Null => Long::Refused,
            windows => Long::Windows { stride: number(&windows["stride"])? },
        };
        Some(Self {
            tokens,
            layer: Some(usize::try_from(settings["layer"].as_u64()?).ok()?),
            precision: serde_json::from_value(settings["precision"].clone()).ok()?,
            context: number(&settings["context"])?,
            long,
            max_tokens: None,
        })
    }
}

impl LmEncoder {
    /// Takes a checkpoint and how to use it, on the CPU.
    ///
    /// # Errors
    /// A layer that the model does not have.
    pub fn new(checkpoint: Checkpoint, tokenizer: Tokenizer, settings: LmSettings) -> Result<Self> {
        Self::on(&Device::Cpu, checkpoint, tokenizer, settings)
    }

    /// Takes the device that computes, a checkpoint and how to use it. A card gives the values of the CPU within
    /// rounding, and the stores of both are of one kind.
    ///
    /// # Errors
    /// A layer that the model does not have.
    pub fn on(
        device: &Device,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        settings: LmSettings,
    ) -> Result<Self> {
        // Before the digest, which reads all of the weights.
        chosen_layer(checkpoint.shape(), settings.layer)?;
        let (digest, departures) = (checkpoint.digest(), checkpoint.departures());
        let engine = engine(&Arc::new(checkpoint), settings.precision, device);
        let mut encoder = Self::with_engine(engine, &digest, tokenizer, settings)?;
        if !departures.is_empty() {
            encoder.recorded["config"] = departures.into();
        }
        Ok(encoder)
    }

    /// Takes an engine, the digest of the checkpoint that it computes, and how to use it.
    ///
    /// # Errors
    /// A layer that the model does not have.
    pub fn with_engine(
        engine: Box<dyn Engine>,
        checkpoint: &Digest,
        tokenizer: Tokenizer,
        mut settings: LmSettings,
    ) -> Result<Self> {
        let shape = engine.shape();
        let layer = chosen_layer(shape, settings.layer)?;
        settings.layer = (layer < shape.layers).then_some(layer);
        let long = match settings.long {
            Long::Refused => Value::Null,
            Long::Windows { stride } => json!({ "stride": stride, "joined": "distance-weighted mean" }),
        };
        let recorded = json!({
            "version": 1,
            "checkpoint": checkpoint,
            "vocabulary": tokenizer.vocabulary().digest(),
            "layer": layer,
            "precision": settings.precision,
            "context": settings.context,
            "windows": long,
            "global": if shape.family.facts().special_in_summary { "mean over all tokens" } else { "mean over residues" },
        });
        let (family, width) = (shape.family, shape.width);
        let window = settings.context.get() + 2;
        let most = engine.at_once().work / (shape.flops(&[window]) / window as f64);
        let budget = Budget::new(settings.max_tokens, window, most as usize, &*engine);
        Ok(Self { engine, tokenizer, family, width, settings, recorded, budget, stop: Arc::default() })
    }

    /// Lets [`Encoder::encode`] end early, with an error, when a flag is set: a long sequence may take minutes.
    #[must_use]
    pub fn stopping_at(mut self, flag: &Arc<AtomicBool>) -> Self {
        self.stop = Arc::clone(flag);
        self
    }

    /// Gives the number of tokens that are read at once.
    pub fn max_tokens(&self) -> usize {
        self.budget.tokens()
    }

    fn pieces(&self, record: usize, length: usize) -> impl Iterator<Item = Piece> {
        let context = self.settings.context.get();
        let stride = match self.settings.long {
            Long::Windows { stride } => stride.get(),
            Long::Refused => context,
        };
        let windows: Vec<_> = contexts(length, context, stride).collect();
        let next: Vec<_> = windows.iter().skip(1).map(|window| window.start).chain([length]).collect();
        windows.into_iter().zip(next).map(move |(window, next)| Piece { record, window, next })
    }

    /// Gives the rows (t, width) of some pieces, or nothing when memory does not suffice for so many.
    fn forward(&self, tokens: &[Tokens], pieces: &[Piece], batch: &[&Record]) -> Result<Option<OnHost>> {
        let (mut ids, mut offsets) = (Vec::new(), vec![0]);
        for piece in pieces {
            self.tokenizer.frame(&tokens[piece.record].ids[piece.window.clone()], &mut ids);
            offsets.push(ids.len());
        }
        let longest = pieces.iter().map(Piece::tokens).max().unwrap_or(0);
        self.engine.prepare()?;
        let bytes = self.engine.memory(ids.len(), longest);
        let found = if self.budget.affords(bytes, &*self.engine) {
            match self.engine.forward(&ids, &offsets, self.settings.layer) {
                // Less may do.
                Err(Error::Card { full: true, .. }) => None,
                found => Some(found?),
            }
        } else {
            None
        };
        if found.is_none() {
            if let [piece] = pieces {
                let problem = format!(
                    "{} tokens of the record `{}` need {} of memory, which is not free",
                    piece.tokens(),
                    batch[piece.record].id,
                    Size(bytes)
                );
                return Err(Error::setting(
                    "context",
                    problem,
                    "give a smaller one, or run where more memory is free",
                ));
            }
            self.budget.halve(ids.len(), bytes);
        } else {
            self.budget.prove(bytes);
        }
        Ok(found)
    }

    /// Measures how many operations of the model a second holds, on about `tokens` tokens in stretches of up to 510.
    fn rate(&self, tokens: usize) -> Result<f64> {
        let (mut ids, mut offsets) = (Vec::new(), vec![0]);
        let letters = self.family.facts().letters;
        for from in (0..tokens).step_by(510) {
            let text: Vec<u8> = letters.iter().copied().cycle().take(510.min(tokens - from)).collect();
            self.tokenizer.frame(&self.tokenizer.encode(&text).ids, &mut ids);
            offsets.push(ids.len());
        }
        self.engine.prepare()?;
        let start = Instant::now();
        self.engine.forward(&ids, &offsets, self.settings.layer)?;
        let lengths: Vec<usize> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Ok(self.engine.shape().flops(&lengths) / start.elapsed().as_secs_f64().max(1e-6))
    }
}

/// Gives the number of the layer whose output is asked for.
fn chosen_layer(shape: &Shape, layer: Option<usize>) -> Result<usize> {
    let layer = layer.unwrap_or(shape.layers);
    if layer > shape.layers {
        let problem = format!("the model has {} layers, not {layer}", shape.layers);
        return Err(Error::setting("layer", problem, format!("give 0 to {}", shape.layers)));
    }
    Ok(layer)
}

impl Encoder for LmEncoder {
    fn manifest(&self, dtype: Dtype) -> Manifest {
        let width = if self.settings.tokens == TokenRule::Pooled { 0 } else { self.width };
        let widths = (width, self.width);
        Manifest::new(
            self.family.molecule(),
            self.family.name(),
            self.recorded.clone(),
            self.settings.tokens,
            widths,
            dtype,
        )
    }

    fn length(&self, sequence: &[u8]) -> usize {
        self.tokenizer.length(sequence)
    }

    fn rows(&self, length: usize) -> usize {
        rows_of(self.settings.tokens, length, 0)
    }

    fn longest(&self) -> Option<usize> {
        (self.settings.long == Long::Refused).then_some(self.settings.context.get())
    }

    fn stitched(&self, length: usize) -> bool {
        length > self.settings.context.get()
    }

    fn plan(&self, lengths: &[usize]) -> Vec<Vec<usize>> {
        let most = self.budget.tokens();
        let mut batches: Vec<Vec<usize>> = Vec::new();
        let mut sum = 0;
        for (i, length) in lengths.iter().enumerate() {
            sum += length + 2;
            match batches.last_mut() {
                Some(batch) if sum <= most => batch.push(i),
                _ => {
                    batches.push(vec![i]);
                    sum = length + 2;
                }
            }
        }
        batches
    }

    fn batches_in_parallel(&self) -> bool {
        false
    }

    fn effort(&self, lengths: &[usize]) -> Result<Option<Effort>> {
        const WORTH_A_WORD: f64 = 2e10;
        let pieces: Vec<usize> =
            lengths.iter().flat_map(|&length| self.pieces(0, length)).map(|piece| piece.tokens()).collect();
        if pieces.is_empty() {
            return Ok(None);
        }
        let (work, tokens) = (self.engine.shape().flops(&pieces), pieces.iter().sum::<usize>());
        let mut seconds = None;
        if work > WORTH_A_WORD {
            let each = self.engine.shape().flops(&[128]) / 128.0;
            // The first pass also brings the weights into memory.
            self.rate(8)?;
            let AtOnce { tokens: most, work: at_once } = self.engine.at_once();
            // An eighth of what is worth computing at once: 512 tokens of the CPU.
            let (warm_up, most) = (at_once / 20.0, (most / 8).min(self.budget.tokens()));
            let rate = self.rate(((warm_up.min(work / 20.0) / each) as usize).clamp(32, most.max(32)))?;
            seconds = Some(work / rate);
        }
        let longest = pieces.iter().copied().max().unwrap_or(0);
        let at_once = tokens.min(self.budget.tokens().max(longest));
        let memory = self.engine.weights() + self.engine.memory(at_once, longest);
        Ok(Some(Effort { tokens: tokens as u64, at_once: at_once as u64, seconds, memory }))
    }

    fn prepare(&self) -> Result<()> {
        self.engine.prepare()
    }

    fn warnings(&self) -> Vec<String> {
        self.budget.warnings()
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        let tokens: Vec<Tokens> =
            batch.iter().map(|record| self.tokenizer.encode(&record.sequence)).collect();
        let (mut pieces, mut readings) = (Vec::new(), Vec::new());
        for (i, tokens) in tokens.iter().enumerate() {
            let length = tokens.ids.len();
            if self.longest().is_some_and(|longest| length > longest) {
                let problem =
                    format!("the record `{}` has {length} tokens, more than the context", batch[i].id);
                return Err(Error::setting("long", problem, "choose `window`, or leave the record out"));
            }
            pieces.extend(self.pieces(i, length));
            readings.push(Reading {
                length,
                stitcher: Stitcher::new(length, self.width),
                pool: Pool::new(self.settings.tokens, length, self.width),
            });
        }
        let special = self.family.facts().special_in_summary;
        let mut rest = &pieces[..];
        while let Some(first) = rest.first() {
            if self.stop.load(Ordering::Relaxed) {
                let done = "the work was asked to end".into();
                return Err(Error::Stopped { done, remedy: "start it again to go on".into() });
            }
            let (now, later) = rest.split_at(self.budget.fit(rest.iter().map(Piece::tokens)));
            let Some(rows) = self.forward(&tokens, now, batch)? else { continue };
            rest = later;
            let mut left = &rows[..];
            let by_record = now.chunk_by(|a, b| a.record == b.record).map(|pieces| {
                let own;
                (own, left) = left.split_at(pieces.iter().map(Piece::tokens).sum::<usize>() * self.width);
                (pieces, own)
            });
            // Side by side, as a card waits meanwhile; the rows of one record in their order.
            let by_record: Vec<_> = by_record.collect();
            let of_now = readings[first.record..].par_iter_mut();
            of_now.zip(by_record).for_each(|(reading, (pieces, rows))| reading.add(pieces, rows, special));
        }
        let encoded = readings.into_iter().zip(&tokens).map(|(reading, tokens)| {
            let (unknown, dropped) = (tokens.unknown, tokens.dropped);
            let remark = (unknown + dropped > 0).then_some(Remark::Foreign { unknown, dropped });
            Encoded { embedding: reading.pool.finish(), remark }
        });
        Ok(encoded.collect())
    }
}

#[cfg(test)]
mod tests;
