//! What a model brings to the host is what it has on its device, whatever it brought before.

use std::path::Path;

use crate::lm::{Checkpoint, Precision, TensorModel};
use crate::nn::device::tests::devices;

fn models() -> Vec<TensorModel> {
    // Asked for when it runs: the check of a card brings the file to another machine.
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let checkpoint = Checkpoint::open(Path::new(&home).join("../tests/data/lm/esm2/esm2_tiny.pt")).unwrap();
    devices().iter().map(|device| TensorModel::load(&checkpoint, Precision::F32, device).unwrap()).collect()
}

#[test]
fn rows_of_batches_that_grow_and_shrink_are_those_of_the_device() {
    for model in models() {
        for (at, tokens) in [5, 19, 3, 21, 0, 40, 2].into_iter().enumerate() {
            let ids: Vec<u32> = (0..tokens).map(|i| 4 + (7 * i + 3 * at as u32) % 20).collect();
            let offsets = [0, ids.len() / 3, ids.len()];
            for layer in [Some(0), None] {
                // Read at once: what comes next waits for the card.
                let rows = model.forward(&ids, &offsets, layer).unwrap().to_vec();
                assert_eq!(rows.len(), ids.len() * model.shape().width);
                if !ids.is_empty() {
                    let there = model.on_device(&ids, &offsets, layer).unwrap();
                    assert_eq!(rows, there.flatten_all().unwrap().to_vec1::<f32>().unwrap());
                }
            }
        }
    }
}
