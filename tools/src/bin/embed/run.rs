//! The run: read, forecast, embed, sum up.

use std::path::PathBuf;

use crossmamba::alphabet::look_like_nucleotides;
use crossmamba::encoder::Encoder;
use crossmamba::io::read_sequences_with_lines;
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record};
use crossmamba::store::{Manifest, StoreWriter};
use crossmamba::words::Size;
use crossmamba::{Error, Place, Result};
use crossmamba_tools::kit::{Outcome, Progress, StopRequest};

use crate::forecast::{Duration, Forecast};
use crate::select::Selected;
use crate::settings::{NAME, Settings};
use crossmamba_tools::embedding::{Distinct, Done, embed, recheck};

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let folder = folder(settings)?;
    let records = read_sequences_with_lines(&settings.input, settings.kind)?;
    warn_of_nucleotides(settings, &records.0);
    let mut provenance = Provenance::new(NAME, settings);
    provenance.input("sequences", &settings.input)?;

    let stop = StopRequest::listen()?;
    let selected = Selected::new(settings, records, &mut provenance, &stop)?;
    let Selected { encoder, molecules, lengths, .. } = &selected;
    let encoder = encoder.as_ref();
    let manifest = encoder.manifest(settings.dtype);
    let records: usize = molecules.iter().map(Distinct::records).sum();
    let forecast = forecast(encoder, &manifest, lengths);
    tracing::info!("{records} records; {forecast} of {} values", manifest.dtype.name());
    let count =
        |which: &dyn Fn(usize) -> bool| lengths.iter().filter(|&&length| which(length)).count() as u64;
    let sampled = count(&|length| settings.tokens.samples(length));
    if sampled > 0 {
        tracing::info!("{sampled} sequences are sampled, not covered: {}", settings.tokens);
    }
    let stitched = count(&|length| encoder.stitched(length));
    if stitched > 0 {
        tracing::info!("{stitched} sequences are longer than the context, and read in overlapping windows");
    }
    let outcome =
        outcome(forecast, records, sampled).figure("stitched", stitched).rejected(selected.left_out());
    if settings.dry_run {
        say_effort(encoder, lengths)?;
        return Ok(outcome);
    }

    if !folder.exists() {
        encoder.prepare()?;
    }
    let mut writer = StoreWriter::open_or_create(&folder, &manifest)?;
    if writer.discarded() > 0 {
        tracing::warn!(
            "an earlier run was interrupted: {} incomplete entries were discarded",
            writer.discarded()
        );
    }
    let (mut missing, mut missing_lengths) = (Forecast::default(), Vec::new());
    for (molecule, &length) in molecules.iter().zip(lengths) {
        if !writer.contains(&molecule.digest) {
            missing.add(encoder.rows(length), &manifest);
            missing_lengths.push(length);
        }
    }
    if missing.sequences < forecast.sequences {
        tracing::info!("to compute: {missing}");
    }
    missing.check_space(&folder)?;
    say_effort(encoder, &missing_lengths)?;

    recheck(encoder, molecules, &mut writer)?;
    let progress = Progress::new("embedding", molecules.len() as u64);
    let done = embed(encoder, molecules, lengths, &mut writer, &progress, &stop);
    progress.end();
    let done = done?;
    if done.stopped {
        writer.pause()?;
        let stored = done.computed + done.found;
        let done = format!("a signal stopped the work with {stored} of {} sequences stored", molecules.len());
        return Err(Error::Stopped { done, remedy: "give the same command again to go on".into() }.into());
    }
    let rejects = selected.rejects(&settings.input, &folder)?;
    let record = provenance.file_beside(&folder)?;
    // Last what says that the store is complete.
    let files = rejects.into_iter().chain(record).chain(writer.ready()?);
    Ok(sum_up(&done, outcome.outputs(files)))
}

/// Warns of nucleotides that are given as protein, whose letters they all are.
fn warn_of_nucleotides(settings: &Settings, records: &[Record]) {
    let mut counts = [0; 256];
    for letter in records.iter().flat_map(|record| &record.sequence) {
        counts[*letter as usize] += 1;
    }
    if settings.kind == Molecule::Protein && look_like_nucleotides(&counts) {
        let path = settings.input.display();
        tracing::warn!(
            "{path}: the letters look like nucleotides, not like protein: is it `--kind rna` that is right?"
        );
    }
}

/// Says how long the work will take, and how much memory.
fn say_effort(encoder: &dyn Encoder, lengths: &[usize]) -> Result<()> {
    let Some(effort) = encoder.effort(lengths)? else { return Ok(()) };
    let time = effort.seconds.map(|seconds| {
        format!("about {} at {:.0} tokens a second, ", Duration(seconds), effort.tokens as f64 / seconds)
    });
    tracing::info!(
        "{} tokens: {}about {} of memory, up to {} tokens at once",
        effort.tokens,
        time.unwrap_or_default(),
        Size(effort.memory),
        effort.at_once
    );
    Ok(())
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
    let remarks = done.warn();
    outcome
        .figure("computed", done.computed)
        .figure("found", done.found)
        .figure("without_graph", remarks.without_graph)
        .figure("unknown_tokens", remarks.unknown_tokens)
        .figure("dropped_characters", remarks.dropped_characters)
}
