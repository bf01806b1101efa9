//! ESM-2 650M with random weights on lengths as proteins have them.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use crossmamba::encoder::{DEFAULT_CAP, Encoder as _, default_window};
use crossmamba::lm::{
    AtOnce, Checkpoint, Engine, LmEncoder, LmSettings, Long, Precision, Shape, TensorModel, Tokenizer,
};
use crossmamba::nn::device::OnHost;
use crossmamba::record::{Digest, Molecule, Record, RecordId};
use crossmamba::store::TokenRule;

use crate::clock::milliseconds;
use crate::table::{Row, Table, told};

/// Sequences of a set of proteins, special tokens included, as in the benchmark of the processor; on a card six times.
const MIX: [usize; 16] = [60, 84, 110, 137, 165, 195, 226, 259, 294, 331, 372, 418, 472, 538, 630, 800];
const TIMES: usize = 6;

pub(crate) fn time(device: &Device, scratch: &Path, table: &mut Table) {
    let (name, layers, width, lengths) =
        if table.tiny { ("tiny", 1, 40, vec![9, 5]) } else { ("650M", 33, 1280, MIX.repeat(TIMES)) };
    let cases = [(Precision::Bf16, "bf16"), (Precision::F32, "f32")]
        .map(|(precision, number)| (precision, number, format!("encoder ESM-2 {name} {number}")));
    if !cases.iter().any(|(_, _, case)| table.wants(case)) {
        return;
    }
    let folder = scratch.join("random-esm2");
    let opened = weights(&folder, layers, width);
    let Some(checkpoint) = told("encoder", opened) else { return };
    for (precision, number, case) in &cases {
        if table.wants(case) {
            let tokens: usize = lengths.iter().sum();
            let times = told(case, run(device, &checkpoint, *precision, &lengths, table.tiny));
            // Products of weights, and of queries with keys and shares with values.
            let of_weights = 2.0 * 12.0 * (layers * width * width * tokens) as f64;
            let squares: usize = lengths.iter().map(|length| length * length).sum();
            let operations = of_weights + 4.0 * (layers * width * squares) as f64;
            let mut sizes = vec!["encoder".to_owned(), (*number).to_owned()];
            sizes.extend([layers, width].map(|size| size.to_string()));
            sizes.push(lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
            let rate = |milliseconds: f64| tokens as f64 / milliseconds * 1e3;
            // Tensor cores of an H200 without sparsity; f32 without tensor cores.
            let peak = if *precision == Precision::Bf16 { 989e12 } else { 67e12 };
            let said = table.ask(&sizes).into_iter();
            let peers = said.filter_map(|(name, times)| Some((name, rate(*times.first()?)))).collect();
            let [on_host, pooled] = ["rows brought to the host", "read and pooled as by embed"]
                .map(|what| format!("{case}, {what}"));
            let row = |case, at: usize, limit| Row {
                case,
                ours: times.map(|times| rate(times[at])),
                unit: "tokens/s",
                rate: true,
                limit,
            };
            table.row(&row(case, 0, Some(tokens as f64 * peak / operations)), peers);
            table.row(&row(&on_host, 1, None), Vec::new());
            table.row(&row(&pooled, 2, None), Vec::new());
        }
    }
    drop(checkpoint);
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        eprintln!("bench gpu: {}: {error}", folder.display());
    }
}

fn weights(folder: &Path, layers: usize, width: usize) -> crossmamba::Result<Checkpoint> {
    if let Err(error) = crate::weights::write(folder, layers, width) {
        eprintln!("bench gpu: {}: {error}", folder.display());
    }
    Checkpoint::open(folder)
}

/// A model that is on the card.
struct Loaded(Arc<TensorModel>);

impl Engine for Loaded {
    fn shape(&self) -> &Shape {
        self.0.shape()
    }

    fn weights(&self) -> u64 {
        0
    }

    fn memory(&self, _tokens: usize, _longest: usize) -> u64 {
        0
    }

    fn available(&self) -> Option<u64> {
        None
    }

    fn can_take(&self, _bytes: u64) -> bool {
        true
    }

    fn at_once(&self) -> AtOnce {
        AtOnce::CARD
    }

    fn prepare(&self) -> crossmamba::Result<()> {
        Ok(())
    }

    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> crossmamba::Result<OnHost> {
        self.0.forward(ids, offsets, layer)
    }
}

/// Gives proteins that have so many tokens, and what embeds them all at once.
fn embedding(
    model: &Arc<TensorModel>,
    precision: Precision,
    lengths: &[usize],
) -> crossmamba::Result<(Vec<Record>, LmEncoder)> {
    let letter = |i: usize| b"ACDEFGHIKLMNPQRSTVWY"[(7 * i * i + 3 * i) % 20];
    let record = |(i, length): (usize, &usize)| Record {
        id: RecordId::new(format!("p{i}")).expect("an identifier"),
        sequence: (2..*length).map(letter).collect(),
    };
    let records = lengths.iter().enumerate().map(record).collect();
    let settings = LmSettings {
        tokens: TokenRule::Window { size: default_window(Molecule::Protein), cap: DEFAULT_CAP },
        layer: None,
        precision,
        context: model.shape().family.context(),
        long: Long::Refused,
        max_tokens: NonZero::new(lengths.iter().sum()),
    };
    let engine = Box::new(Loaded(Arc::clone(model)));
    let encoder = LmEncoder::with_engine(engine, &Digest::of(b""), Tokenizer::esm2(), settings)?;
    Ok((records, encoder))
}

/// Gives milliseconds of hidden states that stay on the card, as those of the peers do, of such that are brought to the
/// host, and of all that `embed` does with one batch but to store it: from letters to the means of windows.
fn run(
    device: &Device,
    checkpoint: &Checkpoint,
    precision: Precision,
    lengths: &[usize],
    tiny: bool,
) -> crossmamba::Result<[f64; 3]> {
    let model = Arc::new(TensorModel::load(checkpoint, precision, device)?);
    let (mut ids, mut offsets) = (Vec::new(), vec![0]);
    for length in lengths {
        ids.extend((0..*length as u32).map(|i| 4 + (7 * i * i + 3 * i) % 20));
        offsets.push(ids.len());
    }
    let (records, encoder) = embedding(&model, precision, lengths)?;
    let records: Vec<&Record> = records.iter().collect();
    let failed = |error: crossmamba::Error| candle_core::Error::Msg(error.to_string());
    let there = || model.on_device(&ids, &offsets, None).map(drop).map_err(failed);
    let here = || model.forward(&ids, &offsets, None).map(drop).map_err(failed);
    let pooled = || encoder.encode(&records).map(drop).map_err(failed);
    Ok([
        milliseconds(device, tiny, there)?,
        milliseconds(device, tiny, here)?,
        milliseconds(device, tiny, pooled)?,
    ])
}
