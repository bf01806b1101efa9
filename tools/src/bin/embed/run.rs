//! The run: read, forecast, embed, sum up.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, bail};
use crossmamba::encoder::{Encoder, Remark, built_in};
use crossmamba::exchange::Rejected;
use crossmamba::io::read_sequences;
use crossmamba::provenance::Provenance;
use crossmamba::record::{Digest, Record, RecordId};
use crossmamba::store::{Manifest, StoreWriter};
use crossmamba::{Place, Result};
use crossmamba_tools::kit::{Outcome, Progress, Tool as _};

use crate::args::{Args, Settings};
use crate::forecast::Forecast;
use crate::import::write_rejects;
use crate::work::{Distinct, Done, distinct, embed};

/// Names shown of a group of records.
const SHOWN: usize = 5;

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let folder = folder(settings)?;
    let records = read_sequences(&settings.input, settings.kind)?;
    let mut provenance = Provenance::new(Args::NAME, settings);
    provenance.input("sequences", &settings.input)?;

    let (encoder, rejected) = encoder(settings, &records, &mut provenance)?;
    let manifest = encoder.manifest(settings.dtype);
    let mut molecules = distinct(records, settings.kind, settings.shard);
    let left_out = rejected.iter().map(|one| one.ids.len() as u64).sum();
    let unusable: HashSet<Digest> = rejected.iter().map(|one| one.digest).collect();
    molecules.retain(|molecule| !unusable.contains(&molecule.digest));
    let lengths: Vec<usize> = molecules.iter().map(|m| encoder.length(&m.record.sequence)).collect();
    let records: usize = molecules.iter().map(Distinct::records).sum();
    let forecast = forecast(encoder.as_ref(), &manifest, &lengths);
    tracing::info!("{records} records; {forecast} of {} values", manifest.dtype.name());
    let sampled = lengths.iter().filter(|&&length| settings.tokens.samples(length)).count() as u64;
    if sampled > 0 {
        tracing::info!("{sampled} sequences are sampled, not covered: {}", settings.tokens);
    }
    if settings.dry_run {
        return Ok(outcome(forecast, records, sampled).rejected(left_out));
    }

    let mut writer = StoreWriter::open_or_create(&folder, &manifest)?;
    if writer.discarded() > 0 {
        tracing::warn!(
            "an earlier run was interrupted: {} incomplete entries were discarded",
            writer.discarded()
        );
    }
    let mut missing = Forecast::default();
    for (molecule, &length) in molecules.iter().zip(&lengths) {
        if !writer.contains(&molecule.digest) {
            missing.add(encoder.rows(length), &manifest);
        }
    }
    if missing.sequences < forecast.sequences {
        tracing::info!("to compute: {missing}");
    }
    missing.check_space(&folder)?;

    let stop = stop_flag()?;
    let progress = Progress::new("embedding", molecules.len() as u64);
    let plan = encoder.plan(&lengths);
    let done = embed(encoder.as_ref(), &molecules, &plan, &mut writer, &progress, &stop);
    progress.end();
    let done = done?;
    writer.finish()?;
    if done.stopped {
        let stored = done.computed + done.found;
        bail!(
            "a signal stopped the work with {stored} of {} sequences stored; give the same command again to go on",
            molecules.len()
        );
    }
    if left_out > 0 {
        write_rejects(&folder, &rejected)?;
    }
    provenance.write_beside(&folder)?;
    Ok(sum_up(&done, outcome(forecast, records, sampled).rejected(left_out)))
}

/// Makes the encoder; gives also the sequences that it cannot embed.
fn encoder(
    settings: &Settings,
    records: &[Record],
    provenance: &mut Provenance,
) -> Result<(Box<dyn Encoder>, Vec<Rejected>)> {
    let Some(foreign) = &settings.import else {
        return Ok((built_in(settings.encoder, settings.kind, settings.tokens)?, Vec::new()));
    };
    let mut import = foreign.open(settings.kind, settings.tokens, records, provenance)?;
    let rejected = import.take_rejected();
    Ok((Box::new(import), rejected))
}

/// Gives the folder that this run writes: the store, or its own part of it.
fn folder(settings: &Settings) -> Result<PathBuf> {
    let Some(part) = settings.shard else { return Ok(settings.output.clone()) };
    if settings.output.join("manifest.json").exists() {
        return Err(Place::file(&settings.output)
            .error("is a store that was not made in parts", "leave out `--shard`, or name another folder"));
    }
    Ok(settings.output.join(part.folder()))
}

fn forecast(encoder: &dyn Encoder, manifest: &Manifest, lengths: &[usize]) -> Forecast {
    let mut forecast = Forecast::default();
    for &length in lengths {
        forecast.add(encoder.rows(length), manifest);
    }
    forecast
}

/// Catches the signals that ask to end, so that the store is closed in order.
fn stop_flag() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [libc::SIGTERM, libc::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("cannot catch signals")?;
    }
    Ok(stop)
}

fn outcome(forecast: Forecast, records: usize, sampled: u64) -> Outcome {
    Outcome::done()
        .figure("records", records)
        .figure("sequences", forecast.sequences)
        .figure("rows", forecast.rows)
        .figure("bytes", forecast.bytes)
        .figure("sampled", sampled)
}

fn sum_up(done: &Done, outcome: Outcome) -> Outcome {
    tracing::info!("{} computed, {} in the store already", done.computed, done.found);
    let mut without_graph = 0;
    for (remark, ids) in &done.remarks {
        if let Remark::NoGraph(reason) = remark {
            without_graph += ids.len();
            tracing::warn!("embedded by its tokens alone, as {reason}: {}", names(ids));
        }
    }
    outcome
        .figure("computed", done.computed)
        .figure("found", done.found)
        .figure("without_graph", without_graph)
}

fn names(ids: &[RecordId]) -> String {
    let shown: Vec<_> = ids.iter().take(SHOWN).map(RecordId::as_str).collect();
    let more = ids.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
