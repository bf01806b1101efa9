//! Rows on their way through the blocks of a model.

use candle_core::Tensor;

use super::linear::{Linear, Rounding};
use crate::Result;

/// Rows (t, width) in f32, and what is known of them or still to be added: a norm adds on its way.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) x: Tensor,
    /// A product (t, width) and its bias.
    pub(super) product: Option<(Tensor, Option<Tensor>)>,
    /// The rows as an input of products.
    rounded: Option<Tensor>,
}

impl Rows {
    /// Takes rows.
    pub(super) fn new(x: Tensor) -> Self {
        Self { x, product: None, rounded: None }
    }

    /// Takes rows that a norm has rounded as well.
    pub(super) fn normalised(x: Tensor, rounded: Tensor) -> Self {
        Self { x, product: None, rounded: Some(rounded) }
    }

    /// Adds what a linear layer gives of rounded rows, later.
    pub(super) fn sum(x: Tensor, linear: &Linear, of: &Tensor) -> Result<Self> {
        Ok(Self { x, product: Some((linear.product(of)?, linear.bias.clone())), rounded: None })
    }

    /// Gives the rows as an input of products; nothing may be left to be added.
    pub(super) fn rounded(&self, rounding: Rounding) -> Result<Tensor> {
        match &self.rounded {
            Some(rounded) => Ok(rounded.clone()),
            None => rounding.apply(&self.x),
        }
    }

    /// Adds what is left to be added.
    pub(super) fn settled(self) -> Result<Tensor> {
        Ok(match self.product {
            None => self.x,
            Some((product, None)) => (self.x + product)?,
            Some((product, Some(bias))) => (self.x + product.broadcast_add(&bias)?)?,
        })
    }
}
