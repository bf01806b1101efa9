//! What computes: the processor's engine, and tensor operations on the CPU.

use crossmamba::Result;
use crossmamba::lm::{Checkpoint, LanguageModel, Precision, TensorModel};
use crossmamba::nn::device::Device;

/// An engine with the weights of a model.
pub(crate) struct Place {
    pub name: &'static str,
    /// Whether a sequence gets the same bits alone and beside others.
    pub same_bits: bool,
    model: Model,
}

enum Model {
    Packed(LanguageModel),
    Tensors(TensorModel),
}

impl Place {
    /// Loads a model for every engine.
    pub(crate) fn all(checkpoint: &Checkpoint, precision: Precision) -> [Self; 2] {
        let packed = Model::Packed(LanguageModel::load(checkpoint, precision).unwrap());
        let tensors = Model::Tensors(TensorModel::load(checkpoint, precision, &Device::Cpu).unwrap());
        [
            Self { name: "cpu", same_bits: true, model: packed },
            Self { name: "tensors on the CPU", same_bits: false, model: tensors },
        ]
    }

    pub(crate) fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<Vec<f32>> {
        match &self.model {
            Model::Packed(model) => model.forward(ids, offsets, layer),
            Model::Tensors(model) => model.forward(ids, offsets, layer),
        }
    }
}
