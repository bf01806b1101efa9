//! Scores the pairs and writes the table.

use crossmamba::nn::bundle::{Bundle, Calibration};
use crossmamba::nn::predict::predict;
use crossmamba::nn::{Dataset, DuplexInput, Side, Sides, TokenTable};
use crossmamba::pair::{PairTable, Task};
use crossmamba::provenance::Provenance;
use crossmamba::record::Digest;
use crossmamba::simd::Instructions;
use crossmamba::{Place, Result};
use serde::Serialize;

use super::{Settings, write};
use crossmamba_tools::kit::{Outcome, Tool as _, check_paths};

/// What a reader of the predictions needs to know about the model.
#[derive(Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    settings: &'a Settings,
    task: Task,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    models: Vec<ModelRecord>,
}

#[derive(Serialize)]
struct ModelRecord {
    fold: String,
    digest: Digest,
    calibration: Calibration,
}

pub(super) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let rejects = settings.rejects();
    let outputs: Vec<_> = std::iter::once(settings.output.as_path()).chain(rejects.as_deref()).collect();
    check_paths(&[&settings.pairs], &outputs)?;
    let device = settings.device.open()?;
    let bundles = Bundle::read_all(&settings.model, &device)?;
    let Some(first) = bundles.first() else { return Ok(Outcome::done()) };
    let windows = first.config().inputs.windows();
    let tables = Sides::try_of(|side| -> Result<TokenTable> {
        let table = TokenTable::open(side, &settings.stores[side], windows[side])?;
        first.check_stores(&table)?;
        Ok(table)
    })?;
    let pairs = PairTable::read(&settings.pairs)?;
    let mut data = Dataset::new(&pairs, tables)?;
    let taken = settings.shard.map_or(0..pairs.pairs.len(), |part| part.range(pairs.pairs.len()));
    let scored: Vec<usize> = taken.clone().filter(|&at| data.pair(at).is_some()).collect();
    let rejected = taken.len() - scored.len();
    // A job that finds none is right when others find some.
    if scored.is_empty() && settings.shard.is_none() {
        let pair = &pairs.pairs[0];
        return Err(Place::file(&settings.pairs)
            .record(format!("{} {}", pair.rna, pair.partner))
            .error(
                format!("none of the {} pairs has both molecules in the stores", pairs.pairs.len()),
                "embed the molecules first, under the same ids",
            )
            .into());
    }
    let mut output = write::Output::create(settings)?;
    let molecules: Vec<Sides<u32>> = scored.iter().filter_map(|&at| data.pair(at)).collect();
    if bundles.iter().any(|bundle| bundle.config().model.duplex == DuplexInput::Energy) {
        tracing::info!("computing the duplexes of {} pairs", molecules.len());
        data.hybridise(&molecules)?;
    }
    let predictions = predict(&bundles, &data, &molecules)?;
    output.predictions(&pairs, &scored, &predictions, first.task())?;
    output.rejects(&pairs, taken, &data)?;
    let models = bundles.iter().map(|bundle| ModelRecord {
        fold: bundle.model().fold.clone(),
        digest: bundle.digest(),
        calibration: bundle.model().calibration,
    });
    let record = Record {
        settings,
        task: first.task(),
        unit: first.model().unit.as_deref(),
        models: models.collect(),
    };
    let mut record = Provenance::new(super::Args::NAME, &record);
    record.input("pairs", &settings.pairs)?;
    for side in Side::BOTH {
        let paths = &settings.stores[side];
        for (number, (path, manifest)) in paths.iter().zip(data.table(side).manifests()).enumerate() {
            let role = format!("{} store {}", side.name(), number + 1);
            record.input_digest(&role, path, Some(manifest.digest));
        }
    }
    let digests: String = bundles.iter().map(|bundle| bundle.digest().to_string()).collect();
    record.model(if bundles.len() == 1 { first.digest() } else { Digest::of(digests.as_bytes()) });
    record.device(if device.is_cpu() { "cpu" } else { "cuda" });
    record.instructions(Instructions::chosen()?.to_string());
    output.commit(&record)?;
    if rejected > 0 {
        tracing::warn!("{rejected} pair(s) have a molecule that the stores lack");
    }
    Ok(Outcome::done()
        .figure("pairs", scored.len())
        .figure("models", bundles.iter().map(|b| b.members().len()).sum::<usize>())
        .rejected(rejected as u64))
}
