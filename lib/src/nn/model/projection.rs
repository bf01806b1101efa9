//! Turns the inputs of one side into tokens of the model.

use candle_core::Tensor;

use super::Mode;
use super::layers::{LayerNorm, Linear};
use crate::config::{FEATURE_DROPOUT, ModelConfig};
use crate::nn::data::{TokenBatch, Widths};
use crate::nn::ops::interleave;
use crate::nn::params::{Builder, Init};
use crate::pair::Side;
use crate::{Error, Result};

/// Projects global vectors and rows to the model's width, each with its own weights, and adds the side's vector.
#[derive(Debug)]
pub(crate) struct Projection {
    side: Side,
    widths: Widths,
    global: Option<Input>,
    rows: Option<Input>,
    modality: Tensor,
    feature_dropout: f64,
    noise: f64,
}

#[derive(Debug)]
struct Input {
    norm: Option<LayerNorm>,
    linear: Linear,
}

impl Input {
    fn build(mut params: Builder<'_>, width: usize, config: &ModelConfig) -> Result<Option<Self>> {
        if width == 0 {
            return Ok(None);
        }
        let norm = if config.input_norm { Some(LayerNorm::new(params.at("norm"), width)?) } else { None };
        Ok(Some(Self { norm, linear: Linear::new(params, width, config.width)? }))
    }

    fn forward(&self, x: &Tensor, dropout: f64, mode: &mut Mode) -> Result<Tensor> {
        let x = match &self.norm {
            Some(norm) => norm.forward(x)?,
            None => x.clone(),
        };
        self.linear.forward(&mode.dropout(&x, dropout)?)
    }
}

impl Projection {
    pub(crate) fn build(
        mut params: Builder<'_>,
        side: Side,
        widths: Widths,
        config: &ModelConfig,
    ) -> Result<Self> {
        if widths.global == 0 && widths.rows == 0 {
            return Err(Error::setting(
                format!("{} inputs", side.name()),
                "they hold no values",
                "use an embedding store with global vectors or rows",
            ));
        }
        Ok(Self {
            side,
            widths,
            global: Input::build(params.at("global"), widths.global, config)?,
            rows: Input::build(params.at("rows"), widths.rows, config)?,
            modality: params.free("modality", &[config.width], Init::Constant(0.0))?,
            feature_dropout: config.feature_dropout.or(FEATURE_DROPOUT),
            noise: config.noise,
        })
    }

    /// Makes packed tokens (t, d), the global one of each molecule first.
    pub(crate) fn forward(&self, batch: &TokenBatch, mode: &mut Mode) -> Result<Tensor> {
        self.check(batch.global(), self.widths.global, "global vectors")?;
        self.check(batch.rows(), self.widths.rows, "rows")?;
        let mut project = |input: &Option<Input>, x: Option<&Tensor>| match (input, x) {
            (Some(input), Some(x)) => input.forward(x, self.feature_dropout, mode).map(Some),
            _ => Ok(None),
        };
        let global = project(&self.global, batch.global())?; // (s, d)
        let rows = project(&self.rows, batch.rows())?; // (t′, d)
        let x = interleave(global.as_ref(), rows.as_ref(), &self.modality, batch.segments())?;
        mode.noise(&x, self.noise)
    }

    /// Counts what [`Projection::forward`] draws in training.
    pub(crate) fn draws(&self, batch: &TokenBatch) -> u64 {
        let read = [(&self.global, batch.global()), (&self.rows, batch.rows())];
        let values = read.into_iter().filter(|(input, _)| input.is_some()).filter_map(|(_, x)| x);
        let dropped: u64 = values.map(|x| Mode::dropout_draws(x.elem_count(), self.feature_dropout)).sum();
        dropped + Mode::noise_draws(batch.segments().tokens() * self.modality.elem_count(), self.noise)
    }

    fn check(&self, x: Option<&Tensor>, wanted: usize, what: &str) -> Result<()> {
        let found = x.map_or(0, |x| x.dims().get(1).copied().unwrap_or(0));
        if found == wanted {
            return Ok(());
        }
        Err(Error::setting(
            format!("{} inputs", self.side.name()),
            format!("the {what} have {found} values where the model reads {wanted}"),
            "use the embedding stores that the model was made for",
        ))
    }
}
