//! Makes safetensors files, right and wrong ones.

use std::collections::BTreeMap;

/// A file of ESM-2 with one block, 8 wide, 2 heads, as names and extents; every value is zero.
pub(crate) fn esm() -> BTreeMap<String, Vec<usize>> {
    let mut tensors = BTreeMap::new();
    let mut add = |name: &str, shape: &[usize]| tensors.insert(format!("esm.{name}"), shape.to_vec());
    add("embeddings.word_embeddings.weight", &[33, 8]);
    for (module, rows, columns) in [
        ("attention.self.query", 8, 8),
        ("attention.self.key", 8, 8),
        ("attention.self.value", 8, 8),
        ("attention.output.dense", 8, 8),
        ("intermediate.dense", 16, 8),
        ("output.dense", 8, 16),
    ] {
        add(&format!("encoder.layer.0.{module}.weight"), &[rows, columns]);
        add(&format!("encoder.layer.0.{module}.bias"), &[rows]);
    }
    for module in
        ["encoder.layer.0.attention.LayerNorm", "encoder.layer.0.LayerNorm", "encoder.emb_layer_norm_after"]
    {
        add(&format!("{module}.weight"), &[8]);
        add(&format!("{module}.bias"), &[8]);
    }
    tensors
}

/// Writes tensors of zeros.
pub(crate) fn safetensors(tensors: &BTreeMap<String, Vec<usize>>) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut at = 0;
    for (name, shape) in tensors {
        let end = at + 4 * shape.iter().product::<usize>();
        header.insert(
            name.clone(),
            serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [at, end]}),
        );
        at = end;
    }
    with_header(&serde_json::Value::from(header).to_string(), at)
}

/// Writes a header and zeros.
pub(crate) fn with_header(header: &str, values: usize) -> Vec<u8> {
    [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), &vec![0; values]].concat()
}
