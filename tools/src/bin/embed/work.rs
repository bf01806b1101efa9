//! The distinct sequences of an input, and the loop that embeds them in order.

use std::collections::{BTreeMap, HashMap};

use crossmamba::encoder::{Encoded, Encoder, Remark};
use crossmamba::record::{Digest, Molecule, Record, RecordId};
use crossmamba::store::{Part, StoreWriter};
use crossmamba::{Place, Result};
use crossmamba_tools::kit::{Progress, StopRequest};
use rayon::prelude::*;

/// Names shown of a group of records.
const SHOWN: usize = 5;

/// One sequence and all records that have it.
pub(crate) struct Distinct {
    pub(crate) digest: Digest,
    pub(crate) record: Record,
    line: u64,
    others: Vec<(RecordId, u64)>,
}

impl Distinct {
    /// Counts the records that have this sequence.
    pub(crate) fn records(&self) -> usize {
        1 + self.others.len()
    }

    /// Lists the records that have this sequence, each with its line.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&RecordId, u64)> {
        let first = std::iter::once((&self.record.id, self.line));
        first.chain(self.others.iter().map(|(id, line)| (id, *line)))
    }
}

/// Gathers records by sequence, in the order in which each sequence comes first, and keeps those of one part.
pub(crate) fn distinct(
    records: Vec<Record>,
    lines: &[u64],
    kind: Molecule,
    part: Option<Part>,
) -> Vec<Distinct> {
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
pub(crate) struct Done {
    pub(crate) computed: u64,
    pub(crate) found: u64,
    pub(crate) remarks: BTreeMap<Remark, Vec<RecordId>>,
    /// A signal asked to stop; what was computed is in the store.
    pub(crate) stopped: bool,
}

/// Embeds what the store lacks, batch by batch of the encoder's plan, and names every record.
///
/// Batches are computed side by side and written in the order of the plan, so the store's bytes do not depend on
/// the number of threads.
pub(crate) fn embed(
    encoder: &dyn Encoder,
    molecules: &[Distinct],
    lengths: &[usize],
    writer: &mut StoreWriter,
    progress: &Progress,
    stop: &StopRequest,
) -> Result<Done> {
    let mut done = Done::default();
    if let Some(source) = encoder.source() {
        let compared = recheck(encoder, molecules, writer)?;
        writer.taken_from(source, compared);
    }
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

/// Counts the sequences that a store holds already, and refuses one whose values are not those that would be computed
/// now, before anything is added to it.
fn recheck(encoder: &dyn Encoder, molecules: &[Distinct], writer: &StoreWriter) -> Result<usize> {
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
    writer: &mut StoreWriter,
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
pub(crate) fn names(ids: &[RecordId]) -> String {
    let shown: Vec<_> = ids.iter().take(SHOWN).map(RecordId::as_str).collect();
    let more = ids.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
