//! Makes one pair of all rows about the same two molecules, of both orders where these are the same pair.

use std::collections::HashMap;

use crossmamba::normalise::{Fault, Reason};
use crossmamba::pair::{Pair, Task};
use crossmamba::record::RecordId;
use serde::Serialize;

/// What is done with several measurements of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Replicates {
    /// Their mean is taken.
    Mean,
    /// The first counts.
    First,
    /// All of them are rejected.
    Reject,
}

/// Whether a pair is the same in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MirrorRule {
    /// It is where both identifiers name one molecule in either column.
    Auto,
    /// It is.
    Same,
    /// It is not.
    Different,
}

/// All rows about one pair, in the order of the table.
struct Rows {
    rna: RecordId,
    partner: RecordId,
    labels: Vec<(u64, Option<f64>)>,
}

/// Rows that were read, by pair, in the order in which the pairs first occur.
#[derive(Default)]
pub(crate) struct Collected {
    index: HashMap<(RecordId, RecordId), usize>,
    pairs: Vec<Rows>,
}

/// A row that was rejected.
pub(crate) struct Rejected {
    pub(crate) line: u64,
    pub(crate) id: String,
    pub(crate) fault: Fault,
}

/// What became of the rows.
pub(crate) struct Merged {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) rejected: Vec<Rejected>,
    /// Rows that went into the pair of an earlier row.
    pub(crate) repeats: u64,
    /// Pairs that are kept in both orders, by the order that comes first.
    pub(crate) mirrored: Vec<(RecordId, RecordId)>,
}

impl Collected {
    /// Adds a row.
    pub(crate) fn add(&mut self, rna: RecordId, partner: RecordId, line: u64, label: Option<f64>) {
        let next = self.pairs.len();
        let at = *self.index.entry((rna.clone(), partner.clone())).or_insert(next);
        if at == next {
            self.pairs.push(Rows { rna, partner, labels: Vec::with_capacity(1) });
        }
        self.pairs[at].labels.push((line, label));
    }

    /// Makes one pair of each group of rows, or rejects them all. `one_molecule` tells whether an identifier names the
    /// same molecule in either column: where it does for both of a pair, the labels of either order are the pair's.
    pub(crate) fn merge(
        self,
        task: Option<Task>,
        replicates: Replicates,
        one_molecule: impl Fn(&RecordId) -> bool,
    ) -> Merged {
        let mirror = |at: usize| {
            let Rows { rna, partner, .. } = &self.pairs[at];
            let other = self.index.get(&(partner.clone(), rna.clone())).filter(|&&other| other != at)?;
            (one_molecule(rna) && one_molecule(partner)).then_some(*other)
        };
        let mirrors: Vec<Option<usize>> = (0..self.pairs.len()).map(mirror).collect();
        let label = |at: usize| {
            let Some(other) = mirrors[at] else {
                return label_of(&self.pairs[at].labels, task, replicates, 0);
            };
            let mut labels = [&self.pairs[at].labels[..], &self.pairs[other].labels].concat();
            labels.sort_by_key(|(line, _)| *line);
            label_of(&labels, task, replicates, self.pairs[other].labels.len())
        };
        let labels: Vec<Result<Option<f64>, Fault>> = (0..self.pairs.len()).map(label).collect();
        let mut merged = Merged {
            pairs: Vec::with_capacity(self.pairs.len()),
            rejected: Vec::new(),
            repeats: 0,
            mirrored: Vec::new(),
        };
        for (at, (rows, label)) in self.pairs.into_iter().zip(labels).enumerate() {
            match label {
                Ok(label) => {
                    merged.repeats += rows.labels.len() as u64 - 1;
                    if mirrors[at].is_some_and(|other| at < other) {
                        merged.mirrored.push((rows.rna.clone(), rows.partner.clone()));
                    }
                    merged.pairs.push(Pair { rna: rows.rna, partner: rows.partner, label });
                }
                Err(fault) => {
                    let id = format!("{} {}", rows.rna, rows.partner);
                    let reject = |(line, _)| Rejected { line, id: id.clone(), fault: fault.clone() };
                    merged.rejected.extend(rows.labels.into_iter().map(reject));
                }
            }
        }
        merged
    }
}

/// Gives the label of a pair from all rows about it, `mirrored` of which name its molecules in the other order.
fn label_of(
    rows: &[(u64, Option<f64>)],
    task: Option<Task>,
    replicates: Replicates,
    mirrored: usize,
) -> Result<Option<f64>, Fault> {
    let order = match mirrored {
        0 => String::new(),
        1 => ", 1 of them in the other order".to_owned(),
        more => format!(", {more} of them in the other order"),
    };
    let labels: Vec<f64> = rows.iter().filter_map(|(_, label)| *label).collect();
    let Some(&first) = labels.first() else { return Ok(None) };
    if labels.len() == 1 {
        return Ok(Some(first));
    }
    if task == Some(Task::Classification) {
        return if labels.iter().all(|&label| label == first) {
            Ok(Some(first))
        } else {
            Err(Fault::new(Reason::ContradictoryLabel, format!("{} rows with 0 and 1{order}", labels.len())))
        };
    }
    match replicates {
        Replicates::First => Ok(Some(first)),
        // Equal values stay what they are, and the sum of large ones cannot overflow.
        Replicates::Mean if labels.iter().all(|&label| label == first) => Ok(Some(first)),
        Replicates::Mean => Ok(Some(labels.iter().map(|label| label / labels.len() as f64).sum())),
        Replicates::Reject => Err(Fault::new(Reason::Replicate, format!("{} rows{order}", labels.len()))),
    }
}
