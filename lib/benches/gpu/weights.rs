//! Writes ESM-2 of a size with random weights, in the layout of its published files.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Names, extents and the deviation of each tensor.
fn tensors(layers: usize, width: usize) -> Vec<(String, Vec<usize>, f32)> {
    let mut all = vec![("esm.embeddings.word_embeddings.weight".to_owned(), vec![33, width], 1.0)];
    let norm = |all: &mut Vec<_>, name: &str| {
        all.extend(["weight", "bias"].map(|part| (format!("{name}.{part}"), vec![width], 0.5)));
    };
    for i in 0..layers {
        let at = format!("esm.encoder.layer.{i}");
        for (part, outputs, inputs) in [
            ("attention.self.query", width, width),
            ("attention.self.key", width, width),
            ("attention.self.value", width, width),
            ("attention.output.dense", width, width),
            ("intermediate.dense", 4 * width, width),
            ("output.dense", width, 4 * width),
        ] {
            all.push((format!("{at}.{part}.weight"), vec![outputs, inputs], (inputs as f32).sqrt().recip()));
            all.push((format!("{at}.{part}.bias"), vec![outputs], 0.02));
        }
        norm(&mut all, &format!("{at}.attention.LayerNorm"));
        norm(&mut all, &format!("{at}.LayerNorm"));
    }
    norm(&mut all, "esm.encoder.emb_layer_norm_after");
    all
}

/// Writes the files into a folder.
pub(crate) fn write(folder: &Path, layers: usize, width: usize) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let config = format!(
        "{{\"architectures\": [\"EsmForMaskedLM\"], \"model_type\": \"esm\", \"hidden_size\": {width}, \
         \"num_hidden_layers\": {layers}, \"num_attention_heads\": 20, \"intermediate_size\": {}, \"vocab_size\": 33, \
         \"layer_norm_eps\": 1e-5, \"hidden_act\": \"gelu\", \"position_embedding_type\": \"rotary\", \"token_dropout\": \
         true, \"emb_layer_norm_before\": false, \"pad_token_id\": 1, \"mask_token_id\": 32, \
         \"max_position_embeddings\": 1026, \"torch_dtype\": \"float32\"}}",
        4 * width
    );
    std::fs::write(folder.join("config.json"), config)?;
    let (mut entries, mut at) = (Vec::new(), 0);
    let tensors = tensors(layers, width);
    for (name, extents, _) in &tensors {
        let bytes = extents.iter().product::<usize>() * size_of::<f32>();
        entries.push(format!(
            "\"{name}\": {{\"dtype\": \"F32\", \"shape\": {extents:?}, \"data_offsets\": [{at}, {}]}}",
            at + bytes
        ));
        at += bytes;
    }
    let mut header = format!("{{{}}}", entries.join(", "));
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let mut file = BufWriter::with_capacity(1 << 20, File::create(folder.join("model.safetensors"))?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    let mut seed = 1_u32;
    for (_, extents, deviation) in tensors {
        // Even numbers of the deviation that is asked for.
        let scale = deviation * 3.0_f32.sqrt() / (1_u32 << 31) as f32;
        for _ in 0..extents.iter().product::<usize>() {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            file.write_all(&((seed as i32) as f32 * scale).to_le_bytes())?;
        }
    }
    file.flush()
}
