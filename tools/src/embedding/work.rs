//! The distinct sequences of an input, and the loop that embeds them in order.

use std::collections::{BTreeMap, HashMap};

use crate::kit::{Progress, StopRequest};
use crossmamba::encoder::{Encoded, Encoder, Remark};
use crossmamba::record::{Digest, Molecule, Record, RecordId};
use crossmamba::store::{Destination, Part, StoreWriter};
use crossmamba::{Place, Result};
use rayon::prelude::*;

/// Names shown of a group of records.
const SHOWN: usize = 5;

/// One sequence and all records that have it.
pub struct Distinct {
    /// The digest of the sequence.
    pub digest: Digest,
    /// The first record that has it.
    pub record: Record,
    line: u64,
    others: Vec<(RecordId, u64)>,
}

impl Distinct {
    /// Counts the records that have this sequence.
    pub fn records(&self) -> usize {
        1 + self.others.len()
    }

    /// Lists the records that have this sequence, each with its line.
    pub fn ids(&self) -> impl Iterator<Item = (&RecordId, u64)> {
        let first = std::iter::once((&self.record.id, self.line));
        first.chain(self.others.iter().map(|(id, line)| (id, *line)))
    }
}

/// Gathers records by sequence, in the order in which each sequence comes first, and keeps those of one part.
pub fn distinct(records: Vec<Record>, lines: &[u64], kind: Molecule, part: Option<Part>) -> Vec<Distinct> {
    let mut seen: HashMap<Digest, usize> = HashMap::new();
    let mut found: Vec<Distinct> = Vec::new();
    for (record, &line) in records.into_iter().zip(lines) {
        let digest = record.digest(kind);
        if part.is_some_and(|part| !part.holds(&digest)) {
            continue;
        }
        if let Some(&at) = seen.get(&digest) {
            found[at].others.push((record.id, line));
        } else {
            seen.insert(digest, found.len());
            found.push(Distinct { digest, record, line, others: Vec::new() });
        }
    }
    found
}

/// What came of the work.
#[derive(Debug, Default)]
pub struct Done {
    /// Sequences that were computed.
    pub computed: u64,
    /// Sequences that were there before.
    pub found: u64,
    /// What a user should know of some embeddings, and the records.
    pub remarks: BTreeMap<Remark, Vec<RecordId>>,
    /// A signal asked to stop; what was computed is in the store.
    pub stopped: bool,
}

/// How many embeddings know less of their molecules than others do.
#[derive(Debug, Default)]
pub struct Remarks {
    /// SMILES strings that could not be read as graphs.
    pub without_graph: usize,
    /// Letters or tokens that a language model does not know.
    pub unknown_tokens: usize,
    /// Characters that are part of no token.
    pub dropped_characters: usize,
}

impl Done {
    /// Warns of embeddings that know less of their molecules than others do, and counts them.
    pub fn warn(&self) -> Remarks {
        let mut counts = Remarks::default();
        let (mut with_unknown, mut with_dropped) = (Vec::new(), Vec::new());
        for (remark, ids) in &self.remarks {
            match remark {
                Remark::NoGraph(reason) => {
                    counts.without_graph += ids.len();
                    tracing::warn!("embedded by its tokens alone, as {reason}: {}", names(ids));
                }
                Remark::Foreign { unknown, dropped } => {
                    counts.unknown_tokens += unknown * ids.len();
                    counts.dropped_characters += dropped * ids.len();
                    if *unknown > 0 {
                        with_unknown.extend_from_slice(ids);
                    }
                    if *dropped > 0 {
                        with_dropped.extend_from_slice(ids);
                    }
                }
                _ => {}
            }
        }
        if counts.unknown_tokens > 0 {
            let ids = names(&with_unknown);
            let count = counts.unknown_tokens;
            tracing::warn!("{count} letters or tokens are not in the vocabulary, and read as unknown: {ids}");
        }
        if counts.dropped_characters > 0 {
            let ids = names(&with_dropped);
            tracing::warn!(
                "{} characters are part of no token, and left out as the model's own code does: {ids}",
                counts.dropped_characters
            );
        }
        counts
    }
}

/// Embeds what the store lacks, batch by batch of the encoder's plan, and names every record.
///
/// Batches are computed side by side and written in the order of the plan, so the store's bytes do not depend on
/// the number of threads.
///
/// # Errors
/// What the encoder or the store says.
pub fn embed(
    encoder: &dyn Encoder,
    molecules: &[Distinct],
    lengths: &[usize],
    writer: &mut dyn Destination,
    progress: &Progress,
    stop: &StopRequest,
) -> Result<Done> {
    let mut done = Done::default();
    let (mut missing, mut missing_lengths) = (Vec::new(), Vec::new());
    for (molecule, &length) in molecules.iter().zip(lengths) {
        if writer.contains(&molecule.digest) {
            store(molecule, None, writer, &mut done)?;
            progress.add(1);
        } else {
            missing.push(molecule);
            missing_lengths.push(length);
        }
    }
    let at_once = if encoder.batches_in_parallel() { 2 * rayon::current_num_threads() } else { 1 };
    for batches in encoder.plan(&missing_lengths).chunks(at_once) {
        if stop.asked() {
            done.stopped = true;
            return Ok(done);
        }
        let compute = |batch: &Vec<usize>| -> Result<Vec<Encoded>> {
            encoder.encode(&batch.iter().map(|&i| &missing[i].record).collect::<Vec<_>>())
        };
        let computed: Result<Vec<_>> = if at_once > 1 {
            batches.par_iter().map(compute).collect()
        } else {
            batches.iter().map(compute).collect()
        };
        encoder.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
        if computed.is_err() && stop.asked() {
            done.stopped = true;
            return Ok(done);
        }
        for (batch, encoded) in batches.iter().zip(computed?) {
            for (&i, encoded) in batch.iter().zip(&encoded) {
                store(missing[i], Some(encoded), writer, &mut done)?;
            }
            progress.add(batch.len() as u64);
        }
    }
    Ok(done)
}

/// Compares what a store holds already with what would be computed now, for encoders whose values come from files, before
/// anything is added to it; the store then says where its values are from.
///
/// # Errors
/// The first record whose values are others now.
pub fn recheck(encoder: &dyn Encoder, molecules: &[Distinct], writer: &mut StoreWriter) -> Result<()> {
    if let Some(source) = encoder.source() {
        let compared = compare(encoder, molecules, writer)?;
        writer.taken_from(source, compared);
    }
    Ok(())
}

/// Counts the sequences that a store holds already, and refuses one whose values are not those that would be computed
/// now.
fn compare(encoder: &dyn Encoder, molecules: &[Distinct], writer: &StoreWriter) -> Result<usize> {
    let stored: Vec<_> = molecules.iter().filter(|molecule| writer.contains(&molecule.digest)).collect();
    let same = |molecule: &&Distinct| -> Result<bool> {
        let id = &molecule.record.id;
        let encoded = encoder.encode(&[&molecule.record])?;
        encoded
            .iter()
            .try_fold(true, |same, one| Ok(same && writer.holds(&molecule.digest, id, &one.embedding)?))
    };
    let same: Vec<bool> = stored.par_iter().map(same).collect::<Result<_>>()?;
    let mut changed =
        stored.iter().zip(same).filter(|(_, same)| !same).map(|(molecule, _)| &molecule.record.id);
    let Some(first) = changed.next() else { return Ok(stored.len()) };
    let more = match changed.count() {
        0 => String::new(),
        count => format!(" (and those of {count} more)"),
    };
    Err(Place::file(writer.folder()).record(first).error(
        format!("the stored values{more} are not those that the files hold now"),
        "name a new store, or delete this one and give the same command again",
    ))
}

fn store(
    molecule: &Distinct,
    encoded: Option<&Encoded>,
    writer: &mut dyn Destination,
    done: &mut Done,
) -> Result<()> {
    let Distinct { digest, record, others, .. } = molecule;
    match encoded {
        Some(encoded) if !writer.contains(digest) => {
            writer.append(digest, &record.id, &encoded.embedding)?;
            done.computed += 1;
            if let Some(remark) = &encoded.remark {
                done.remarks.entry(remark.clone()).or_default().push(record.id.clone());
            }
        }
        _ => {
            writer.add_id(&record.id, digest)?;
            done.found += 1;
        }
    }
    others.iter().try_for_each(|(id, _)| writer.add_id(id, digest))
}

/// Names the first records of a group.
pub fn names(ids: &[RecordId]) -> String {
    let shown: Vec<_> = ids.iter().take(SHOWN).map(RecordId::as_str).collect();
    let more = ids.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
