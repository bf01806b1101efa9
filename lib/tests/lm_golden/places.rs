//! What computes: the processor's engine, tensor operations on the CPU and, with CUDA, on a card.

use crossmamba::Result;
use crossmamba::lm::{Checkpoint, LanguageModel, Precision, TensorModel};
use crossmamba::nn::device::{Device, OnHost};

/// An engine with the weights of a model.
pub(crate) struct Place {
    pub name: &'static str,
    /// Whether a sequence gets the same bits alone and beside others.
    pub same_bits: bool,
    /// Whether it is an emulated card, which takes a thousand times as long.
    pub slow: bool,
    model: Model,
}

enum Model {
    Packed(LanguageModel),
    Tensors(TensorModel),
}

impl Place {
    /// Loads a model for every engine.
    pub(crate) fn all(checkpoint: &Checkpoint, precision: Precision) -> Vec<Self> {
        let packed = LanguageModel::load(checkpoint, precision).unwrap();
        let mut all = vec![Self { name: "cpu", same_bits: true, slow: false, model: Model::Packed(packed) }];
        all.push(Self::tensors("tensors on the CPU", checkpoint, precision, &Device::Cpu));
        #[cfg(feature = "cuda")]
        all.push(Self::tensors("card", checkpoint, precision, card()));
        all
    }

    fn tensors(name: &'static str, checkpoint: &Checkpoint, precision: Precision, device: &Device) -> Self {
        let model = Model::Tensors(TensorModel::load(checkpoint, precision, device).unwrap());
        Self { name, same_bits: device.is_cuda(), slow: device.is_cuda(), model }
    }

    pub(crate) fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost> {
        match &self.model {
            Model::Packed(model) => Ok(model.forward(ids, offsets, layer)?.into()),
            Model::Tensors(model) => model.forward(ids, offsets, layer),
        }
    }
}

#[cfg(feature = "cuda")]
fn card() -> &'static Device {
    use std::sync::LazyLock;

    use crossmamba::nn::device::{DeviceChoice, Opened};
    static CARD: LazyLock<Opened> = LazyLock::new(|| {
        let opened = DeviceChoice::Cuda(0).open().expect("a card, or the emulated one");
        eprintln!("language models run on {} as well", opened.words);
        opened
    });
    &CARD.device
}
