//! Launches what lies between the products.

use candle_core::Tensor;

use super::super::card::activate::Activate;
use super::super::card::{countable, norm as launches};
use super::super::layer::Layer;
use super::super::linear::{Linear, Rounding};
use super::super::norm::{Keep, Norm};
use super::super::rows::Rows;
use crate::nn::ops::card::Number;
use crate::nn::ops::cuda::Card;
use crate::{Error, Result};

/// Adds what is to be added and normalises, in one pass: what [`Norm::apply`] gives.
pub(in super::super) fn norm(
    norm: &Norm,
    rows: &Rows,
    keep: Keep,
    rounding: Rounding,
) -> Result<(Tensor, Tensor)> {
    let (card, number) = (Card::of(&rows.x)?, rounding.number());
    let (tokens, width) = rows.x.dims2()?;
    let at = |x: &Tensor| card.address_of(x);
    let maybe = |x: Option<&Tensor>| x.map_or(Ok(0), at);
    let space = |number: Number| card.tensor(&(tokens, width).into(), number.dtype());
    let (product, bias) = rows.product.as_ref().map_or((None, None), |(x, bias)| (Some(x), bias.as_ref()));
    let rounded = space(number)?;
    // Normalised f32 is rounded f32, and what nothing is added to is its own sum.
    let kept = match keep {
        Keep::Normalised if number == Number::F32 => rounded.clone(),
        Keep::Sum if product.is_none() => rows.x.clone(),
        _ => space(Number::F32)?,
    };
    let launch = launches::Norm {
        x: at(&rows.x)?,
        product: maybe(product)?,
        bias: maybe(bias)?,
        weight: at(&norm.weight)?,
        shift: at(&norm.bias)?,
        sum: if keep == Keep::Sum && product.is_some() { at(&kept)? } else { 0 },
        out: if keep == Keep::Normalised && number != Number::F32 { at(&kept)? } else { 0 },
        rounded: at(&rounded)?,
        tokens,
        width,
        epsilon: norm.epsilon,
    };
    card.launch(&[launch.launch(number)])?;
    Ok((kept, rounded))
}

/// Computes what lies between the products of the feed-forward part, but for the products in one pass; none where that
/// lies on no card.
pub(in super::super) fn activate(layer: &Layer, x: &Tensor) -> Result<Option<Tensor>> {
    let (tokens, width) = (x.dim(0)?, layer.up.weight.dim(0)?);
    if !x.device().is_cuda() || !countable(&[tokens, width]) {
        return Ok(None);
    }
    let (card, number) = (Card::of(x)?, layer.rounding.number());
    let places = |linear: &Linear| -> Result<(Tensor, [u64; 2])> {
        let product = linear.product(x)?;
        let bias = linear.bias.as_ref().map_or(Ok(0), |bias| card.address_of(bias))?;
        let at = card.address_of(&product)?;
        Ok((product, [at, bias]))
    };
    let (_up, up) = places(&layer.up)?;
    let gate = layer.gate.as_ref().map(|(gate, beta)| Ok::<_, Error>((places(gate)?, *beta))).transpose()?;
    let (_gate, gate) = gate.map_or((None, None), |((product, at), beta)| (Some(product), Some((at, beta))));
    let out = card.tensor(&(tokens, width).into(), number.dtype())?;
    let launch = Activate { up, gate, out: card.address_of(&out)?, tokens, width };
    card.launch(&[launch.launch(number)])?;
    Ok(Some(out))
}
