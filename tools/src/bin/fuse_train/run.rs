//! Trains every fold, and gathers the predictions of pairs by models that have not seen them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crossmamba::config::Config;
use crossmamba::identity::{Identity, mirrors};
use crossmamba::nn::bundle::{MODEL, Model};
use crossmamba::nn::device::{Device, Opened};
use crossmamba::nn::train::{Beside, FoldRun, MOST_SKETCHED, Run, finished};
use crossmamba::nn::{Dataset, DuplexInput, Numbers, Side, Sides, TokenTable};
use crossmamba::pair::{PairTable, Task, doubt};
use crossmamba::provenance::Provenance;
use crossmamba::record::Molecule;
use crossmamba::simd::Instructions;
use crossmamba::split::{Fold, FoldName, Split};
use crossmamba::words::Size;
use crossmamba::{Error, Result};

use super::Settings;
use super::args::Precision;
use super::watch::Shown;
use super::{card, predictions};
use crossmamba_tools::kit::{Outcome, StopRequest, Tool as _, open_device};

pub(super) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let Opened { device, name: device_name, .. } = open_device(settings.device)?;
    let numbers = numbers(settings.precision, &device)?;
    let pairs = PairTable::read(&settings.pairs)?;
    let settings = &in_unit_of(&pairs, settings);
    let (labelled, labels) = pairs.require_labels()?;
    let task = settings.config.task.resolve(labelled)?;
    warn_of_concentrations(task, &pairs, &labels);
    let split = settings.splits.as_ref().map(|path| Split::read(path, &pairs)).transpose()?;
    let folds = split.as_ref().map_or_else(|| vec![whole(&pairs)], Split::folds);
    let chosen = choose(&folds, &settings.folds)?;
    let (data, config) = read_data(settings, &pairs)?;
    // Between RNAs a pair and its mirror must not be on both sides of an inner part.
    let molecules = Identity::by_id(&pairs, None);
    let mirrored = (!mirrors(&molecules).is_empty()).then(|| molecules.pairs());
    let groups = split.as_ref().map(|split| split.groups().clone()).unwrap_or_default();
    let experts =
        settings.experts.map(|choice| Beside::new(choice, !settings.no_transfer, &groups, &molecules));
    let training = Run {
        data: &data,
        labels: &labels,
        task,
        groups: split.as_ref().and_then(|split| split.groups().to_draw()).or(mirrored.as_deref()),
        experts,
        kept: settings.neighbours,
        config: &config,
        seed: settings.seed,
        folds: &folds,
        members: settings.ensemble,
        device: &device,
        numbers,
        output: &settings.output,
    };
    if training.too_many() {
        tracing::warn!(
            "a side has more than {MOST_SKETCHED} molecules: the model keeps no sketches of them, and its predictions will not \
             say how well training knows their molecules"
        );
    }
    let key = training.key()?;
    let folder = |fold: &Fold| {
        if folds.len() == 1 { settings.output.clone() } else { settings.output.join(fold.name.as_str()) }
    };
    for fold in &folds {
        // Also those that other jobs train: what stands together must be of one run.
        finished(&folder(fold), &key)?;
    }
    for other in elsewhere(&settings.output, folds.len() == 1)? {
        finished(&other, &key)?;
    }
    let prepared =
        chosen.iter().map(|fold| training.prepare(fold, &folder(fold), &key)).collect::<Result<Vec<_>>>()?;
    let threads = rayon::current_num_threads();
    let forecast = training.check_memory(&prepared, threads)?;
    // Everything has been read and checked: from here on there is something to write.
    fs::create_dir_all(&settings.output).map_err(Error::io("make the folder", &settings.output))?;
    let locks = prepared.iter().filter(|fold| !fold.finished).map(FoldRun::lock);
    let locks = locks.collect::<Result<Vec<_>>>()?;
    let stop = StopRequest::listen()?;
    let pending = prepared.iter().filter(|fold| !fold.finished);
    let steps = pending.map(|fold| fold.steps(training.members())).sum();
    tracing::info!(
        "{} pairs of {} RNAs and {} partners, {} of {} fold(s) to train, {} model(s) each",
        pairs.pairs.len(),
        data.tables.rna.molecules().len(),
        data.tables.partner.molecules().len(),
        prepared.iter().filter(|fold| !fold.finished).count(),
        folds.len(),
        training.members(),
    );
    tracing::debug!("the training takes about {} of memory", Size(forecast.bytes()));
    let shown = Shown::new(steps, task, stop);
    training.train(&prepared, &key, threads, &shown)?;
    shown.end();
    drop(locks);
    if settings.experts.is_some() {
        for fold in &prepared {
            let (model, _) = Model::read(&fold.folder)?;
            if let Some(choice) = &model.experts {
                tracing::info!("{}: chose {}", fold.name, choice.in_words());
            }
        }
    }
    let record = provenance(settings, device_name, &data)?;
    let records = prepared.iter().map(|fold| record.file_beside(&fold.folder.join(MODEL)));
    let records = records.collect::<Result<Vec<_>>>()?.into_iter().flatten();
    let folders: Vec<_> = folds.iter().map(|fold| (fold, folder(fold))).collect();
    let written = predictions::write(settings, &data, &pairs, &folders, record, &device)?;
    let figure = written.as_ref().map(|(_, name, value)| (*name, *value));
    let card = card::write(settings, &pairs, &folders, figure)?;
    let outcome = Outcome::done()
        .figure("pairs", pairs.pairs.len())
        .figure("rnas", data.tables.rna.molecules().len())
        .figure("partners", data.tables.partner.molecules().len())
        .figure("folds", folds.len())
        .figure("models", prepared.len() * training.members())
        .outputs(records.chain(card));
    Ok(match written {
        Some((files, name, value)) => {
            tracing::info!("predictions by models that have not seen the pair: {name} {value:.4}");
            outcome.figure(name, value).outputs(files)
        }
        None => outcome,
    })
}

/// Warns where affinities look like concentrations and nobody said their unit.
fn warn_of_concentrations(task: Task, pairs: &PairTable, labels: &[f64]) {
    if task == Task::Affinity
        && pairs.unit.is_none()
        && let Some(doubt) = doubt(labels)
    {
        tracing::warn!(
            "{doubt}: a model learns from logarithms, which `crossmamba-parse pairs --unit` takes"
        );
    }
}

/// Reads what the stores know of the pairs, and resolves the configuration for it.
fn read_data(settings: &Settings, pairs: &PairTable) -> Result<(Dataset, Config)> {
    let windows = settings.config.inputs.windows();
    let tables = Sides::try_of(|side| TokenTable::open(side, &settings.stores[side], windows[side]))?;
    let mut data = Dataset::new(pairs, tables)?;
    data.require_all(pairs)?;
    let config = resolve(&settings.config, &data);
    if config.model.duplex == DuplexInput::Energy {
        let all: Vec<Sides<u32>> = data.pairs.iter().copied().flatten().collect();
        tracing::info!("computing the duplexes of {} pairs", all.len());
        data.hybridise(&all)?;
    }
    Ok((data, config))
}

/// Lists where a run of another number of folds has its models: each in a folder of its own, or the one at the top.
fn elsewhere(output: &Path, one: bool) -> Result<Vec<PathBuf>> {
    if !one {
        return Ok(vec![output.to_path_buf()]);
    }
    match FoldName::folders_in(output) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        folds => folds.map_err(Error::io("read", output)),
    }
}

/// Makes the one fold of a run without a split: all pairs are trained on.
fn whole(pairs: &PairTable) -> Fold {
    Fold {
        name: FoldName::all(),
        train: (0..pairs.pairs.len()).collect(),
        validation: Vec::new(),
        test: Vec::new(),
    }
}

/// Replaces what the configuration leaves open by what the rules give for these stores.
fn resolve(asked: &Config, data: &Dataset) -> Config {
    let Some(kind) = data.tables.partner.manifests().next().map(|manifest| manifest.molecule) else {
        return asked.clone();
    };
    let nucleotides = Side::BOTH.into_iter().all(|side| data.table(side).has_nucleotides());
    let config = asked.clone().resolved(kind, nucleotides);
    let unseen = config.model.duplex == DuplexInput::None && asked.model.duplex != DuplexInput::None;
    if kind == Molecule::Rna && unseen {
        tracing::warn!(
            "the model does not see how the two RNAs pair: add on both sides a store made with `crossmamba-embed \
             --kind rna --encoder onehot --tokens residue`"
        );
    }
    config
}

/// Takes the unit that the pairs name over into the settings, from which it goes into the model.
fn in_unit_of(pairs: &PairTable, settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    if let Some(unit) = &pairs.unit {
        let configured = std::mem::replace(&mut settings.config.training.unit, unit.clone());
        if configured != *unit && configured != Config::default().training.unit {
            tracing::warn!("the labels are in `{unit}`, as the pairs say, and not in `{configured}`");
        }
    }
    settings
}

/// Keeps the folds that were named, or all.
fn choose<'a>(folds: &'a [Fold], names: &[String]) -> Result<Vec<&'a Fold>> {
    let named = |fold: &Fold| names.iter().any(|name| name == fold.name.as_str());
    if let Some(name) = names.iter().find(|name| !folds.iter().any(|fold| fold.name.as_str() == *name)) {
        let known: Vec<&str> = folds.iter().map(|fold| fold.name.as_str()).collect();
        let problem = format!("the split has no fold `{name}`");
        return Err(Error::setting("--fold", problem, format!("name one of {}", known.join(", "))));
    }
    Ok(folds.iter().filter(|fold| names.is_empty() || named(fold)).collect())
}

/// Says in what numbers a device can learn as it was asked to.
fn numbers(precision: Precision, device: &Device) -> Result<Numbers> {
    match precision {
        Precision::F32 => Ok(Numbers::F32),
        Precision::Bf16 if !device.is_cpu() => Ok(Numbers::BF16),
        Precision::Bf16 => Err(Error::setting(
            "--precision",
            "bf16 is for training on a GPU, and this computes on the CPU",
            "leave it out, or name a GPU by --device",
        )),
    }
}

fn provenance(settings: &Settings, device: String, data: &Dataset) -> Result<Provenance> {
    let mut record = Provenance::new(super::Args::NAME, settings);
    record.input("pairs", &settings.pairs)?;
    if let Some(splits) = &settings.splits {
        record.input("splits", splits)?;
    }
    if let Some(config) = &settings.config_file {
        record.input("config", config)?;
    }
    for side in Side::BOTH {
        let paths = &settings.stores[side];
        for (number, (path, manifest)) in paths.iter().zip(data.table(side).manifests()).enumerate() {
            let role = format!("{} store {}", side.name(), number + 1);
            record.input_digest(&role, path, Some(manifest.digest));
        }
    }
    record.seed(settings.seed);
    record.device(device);
    record.instructions(Instructions::chosen()?.to_string());
    Ok(record)
}
