//! Makes the encoder, and sets apart the records that it cannot embed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossmamba::encoder::{Encoder, built_in};
use crossmamba::exchange::Rejected;
use crossmamba::io::AtomicFile;
use crossmamba::nn::device::Opened;
use crossmamba::normalise::{Fault, Reason};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Digest, Record, RecordId};
use crossmamba::simd::Instructions;
use crossmamba::{Place, Result};
use crossmamba_tools::kit::{Rejects, StopRequest, open_device};

use crate::import::Foreign;
use crate::settings::Settings;
use crossmamba_tools::embedding::LanguageSettings;
use crossmamba_tools::embedding::{Distinct, distinct, names};

/// What will be embedded, and by what.
pub(crate) struct Selected {
    pub(crate) encoder: Box<dyn Encoder>,
    pub(crate) molecules: Vec<Distinct>,
    /// The length of each molecule.
    pub(crate) lengths: Vec<usize>,
    /// Records that are left out, each with its line and the reason.
    left_out: Vec<(RecordId, u64, Fault)>,
    /// Whether records may be left out, so that there is a table of them even if it is empty.
    table: bool,
}

impl Selected {
    /// Makes the encoder and chooses among the records.
    ///
    /// # Errors
    /// Files that the encoder is made from and that cannot be used; records that cannot be embedded, unless the
    /// settings allow to leave them out.
    pub(crate) fn new(
        settings: &Settings,
        (records, lines): (Vec<Record>, Vec<u64>),
        provenance: &mut Provenance,
        stop: &StopRequest,
    ) -> Result<Self> {
        let (encoder, rejected) = encoder(settings, &records, provenance, stop)?;
        let unusable: HashMap<Digest, String> =
            rejected.into_iter().map(|one| (one.digest, one.error.to_string())).collect();
        let all = distinct(records, &lines, settings.kind, settings.shard);
        let mut left_out = Vec::new();
        let mut molecules = Vec::with_capacity(all.len());
        for molecule in all {
            match unusable.get(&molecule.digest) {
                Some(problem) => {
                    let fault = Fault::new(Reason::NoEmbedding, problem);
                    left_out.extend(molecule.ids().map(|(id, line)| (id.clone(), line, fault.clone())));
                }
                None => molecules.push(molecule),
            }
        }
        let lengths = molecules.iter().map(|m| encoder.length(&m.record.sequence)).collect();
        let skips = settings.language.as_ref().is_some_and(LanguageSettings::skips);
        let partial = settings.import.as_ref().is_some_and(Foreign::is_partial);
        let table = skips || partial || !left_out.is_empty();
        let mut selected = Self { encoder, molecules, lengths, left_out, table };
        selected.leave_out_long(&settings.input, skips)?;
        Ok(selected)
    }

    /// Counts the records that are left out.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.len() as u64
    }

    /// Makes the table of records that are left out, where the settings allow such.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn rejects(&self, input: &Path, store: &Path) -> Result<Option<AtomicFile>> {
        if !self.table {
            return Ok(None);
        }
        let mut rejects = Rejects::create(Some(&rejects_beside(store)))?;
        for (id, line, fault) in &self.left_out {
            rejects.add(input, *line, id.as_str().as_bytes(), fault)?;
        }
        Ok(rejects.into_file())
    }

    /// Takes out what is longer than the encoder reads.
    fn leave_out_long(&mut self, input: &Path, skips: bool) -> Result<()> {
        let Some(longest) = self.encoder.longest() else { return Ok(()) };
        let lengths = std::mem::take(&mut self.lengths);
        let too_long = lengths.iter().filter(|&&length| length > longest).count();
        let mut skipped = Vec::new();
        for (molecule, length) in std::mem::take(&mut self.molecules).into_iter().zip(lengths) {
            if length <= longest {
                self.molecules.push(molecule);
                self.lengths.push(length);
            } else if skips {
                let detail = format!("{length}, more than the {longest} that the model reads at once");
                let fault = Fault::new(Reason::TooLong, detail);
                self.left_out.extend(molecule.ids().map(|(id, line)| (id.clone(), line, fault.clone())));
                skipped.extend(molecule.ids().map(|(id, _)| id.clone()));
            } else {
                let more =
                    if too_long > 1 { format!(", as {} more are", too_long - 1) } else { String::new() };
                return Err(Place::file(input).record(&molecule.record.id).error(
                    format!("is {length} long, more than the {longest} that the model reads at once{more}"),
                    "choose `--long window` or `--long skip`",
                ));
            }
        }
        if !skipped.is_empty() {
            tracing::warn!(
                "{} records are longer than {longest} and skipped: {}",
                skipped.len(),
                names(&skipped)
            );
        }
        Ok(())
    }
}

/// Names the table of records that are left out of a store.
pub(crate) fn rejects_beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".rejects.tsv");
    name.into()
}

/// Makes the encoder, notes what it was made from, and gives the sequences that it has no embedding of.
fn encoder(
    settings: &Settings,
    records: &[Record],
    provenance: &mut Provenance,
    stop: &StopRequest,
) -> Result<(Box<dyn Encoder>, Vec<Rejected>)> {
    if let Some(foreign) = &settings.import {
        let mut import = foreign.open(settings.kind, settings.tokens, records, provenance)?;
        let rejected = import.take_rejected();
        return Ok((Box::new(import), rejected));
    }
    let Some(language) = &settings.language else {
        return Ok((built_in(settings.encoder, settings.kind, settings.tokens)?, Vec::new()));
    };
    let (checkpoint, tokenizer) = language.weights.open()?;
    provenance.input_digest("checkpoint", &language.weights.checkpoint, Some(checkpoint.digest()));
    let Opened { device, name, .. } = open_device(settings.device)?;
    if device.is_cpu() {
        provenance.instructions(Instructions::chosen()?.to_string());
    } else {
        provenance.device(name);
    }
    let encoder = language.encoder(&device, checkpoint, tokenizer, settings.tokens)?.stopping_at(stop.flag());
    tracing::debug!("{} tokens at once", encoder.max_tokens());
    Ok((Box::new(encoder), Vec::new()))
}
