//! Reads the rows of a table into pairs, and writes them.

use std::collections::HashSet;

use crossmamba::io::{AtomicFile, TableReader, TableRow, same_name};
use crossmamba::normalise::{Fault, Reason};
use crossmamba::pair::{PairTable, Task, Unit, doubt};
use crossmamba::record::RecordId;
use crossmamba::{Error, Place, Result};
use crossmamba_tools::kit::Rejects;
use serde_json::{Map, Value, json};

use crate::labels::{Label, LabelRules, Tally};
use crate::merge::{Collected, Merged, MirrorRule, Rejected, Replicates};
use crate::options::LABEL;

/// Names that columns of labels have in published tables; a column whose name begins with one of the last is one, too.
const LABELS: [&str; 14] = [
    "label",
    "labels",
    "y",
    "class",
    "target",
    "score",
    "value",
    "outcome",
    "activity",
    "interaction",
    "interacts",
    "binding",
    "affinity",
    "kd",
];
const BEGINNINGS: [&str; 8] = ["label", "affinity", "interact", "pkd", "pki", "pic50", "ic50", "kd"];

/// Gives the two molecules of a row their identifiers.
pub(crate) trait Molecules {
    /// Gives the identifiers of a row.
    ///
    /// # Errors
    /// Why the row is rejected.
    fn identify(&mut self, row: &TableRow<'_>) -> std::result::Result<(RecordId, RecordId), Fault>;

    /// Tells whether an identifier names one molecule in either column.
    fn is_one_molecule(&self, id: &RecordId) -> bool;
}

/// The pairs of a table, and what became of its rows.
pub(crate) struct Parsed {
    pub(crate) table: PairTable,
    rows: u64,
    /// Rows that went into the pair of an earlier row.
    merged: u64,
    /// Pairs that are kept in both orders.
    mirrored: Vec<(RecordId, RecordId)>,
    /// Rows that were left out and are no rejects.
    dropped: u64,
}

/// Reads all rows, and hands the rejected ones on in their order.
///
/// # Errors
/// A table that cannot be read, labels that tell nothing, or no pair at all.
pub(crate) fn parse(
    reader: &mut TableReader,
    molecules: &mut dyn Molecules,
    rules: &LabelRules,
    replicates: Replicates,
    rejects: &mut Rejects,
) -> Result<Parsed> {
    reader.remarks().iter().for_each(|remark| tracing::info!("{remark}"));
    say_unused(reader);
    let path = reader.path().to_path_buf();
    let (width, labelled) = (reader.width(), reader.has(LABEL));
    let (mut collected, mut rejected, mut tally) = (Collected::default(), Vec::new(), Tally::default());
    let (mut rows, mut dropped) = (0, 0);
    while let Some(row) = reader.next_row()? {
        rows += 1;
        if !row.whole {
            let fault = Fault::new(Reason::RaggedRow, format!("{} cells, not {width}", row.width()));
            let id = String::from_utf8_lossy(row.first()).into_owned();
            rejected.push(Rejected { line: row.line, id, fault });
            continue;
        }
        let read = molecules.identify(&row).and_then(|(rna, partner)| {
            let text = row.cell(LABEL);
            Ok((rna, partner, text, text.map(|text| rules.read(text)).transpose()?))
        });
        match read {
            Ok((rna, partner, text, label)) => {
                if let (Some(text), Some(label)) = (text, label) {
                    tally.add(text, label, row.line);
                }
                match label {
                    None => collected.add(rna, partner, row.line, None),
                    Some(Label::Number(value) | Label::Word(value)) => {
                        collected.add(rna, partner, row.line, Some(value));
                    }
                    Some(Label::Dropped) => dropped += 1,
                }
            }
            Err(fault) => {
                let text = |i| String::from_utf8_lossy(row.cell(i).unwrap_or_default()).into_owned();
                rejected.push(Rejected { line: row.line, id: format!("{} {}", text(0), text(1)), fault });
            }
        }
    }
    let task = if labelled {
        tally.task(rules).map_err(|(problem, remedy)| Place::file(&path).error(problem, remedy))?
    } else {
        None
    };
    if let Some(words) = tally.words() {
        tracing::info!("{words}");
    }
    let one_molecule = |id: &RecordId| match rules.mirrors {
        MirrorRule::Auto => molecules.is_one_molecule(id),
        MirrorRule::Same => true,
        MirrorRule::Different => false,
    };
    let Merged { pairs, rejected: more, repeats: merged, mirrored } =
        collected.merge(task, replicates, one_molecule);
    rejected.extend(more);
    rejected.sort_by_key(|row| row.line);
    for row in &rejected {
        rejects.add(&path, row.line, row.id.as_bytes(), &row.fault)?;
    }
    let mut table = PairTable::new(pairs);
    table.task = task;
    table.unit = rules.unit.map(|_| Unit::P.to_owned());
    let parsed = Parsed { table, rows, merged, mirrored, dropped };
    parsed.say(rejects);
    if parsed.table.pairs.is_empty() {
        return Err(rejects.nothing_left(&path, "pair", rows));
    }
    Ok(parsed)
}

/// Warns of columns that look like labels and are not read.
fn say_unused(reader: &TableReader) {
    let looks = |name: &&str| {
        let begins = |start: &&str| name.to_lowercase().starts_with(start);
        LABELS.iter().any(|label| same_name(label, name)) || BEGINNINGS.iter().any(begins)
    };
    let found: Vec<String> =
        reader.unused().filter(looks).map(|name| format!("`{}`", name.escape_debug())).collect();
    match (&found[..], reader.name(LABEL)) {
        ([], _) => {}
        (found, Some(label)) => tracing::warn!(
            "the labels are those of `{label}`; not used: {}; see --label-column",
            found.join(", ")
        ),
        (found, None) => tracing::warn!(
            "the pairs get no labels, and these columns look like some: {}; name one with --label-column",
            found.join(", ")
        ),
    }
}

impl Parsed {
    fn say(&self, rejects: &Rejects) {
        let task = self.table.task;
        let kept = self.table.pairs.len();
        let what = task.map_or_else(|| "without labels".to_owned(), |task| format!("for {task}"));
        tracing::info!(
            "kept {kept} pairs {what} of {} rows, {} of which repeat another",
            self.rows,
            self.merged
        );
        if let Some((rna, partner)) = self.mirrored.first() {
            tracing::warn!(
                "{} pair(s) stand in both orders, as `{rna} {partner}` does, and are taken for one pair each: both rows \
                 get one label and stay in one fold; if the columns name different molecules, use --mirrors different",
                self.mirrored.len()
            );
        }
        if self.dropped > 0 {
            tracing::info!("{} rows with bounds or uncertainties for labels were left out", self.dropped);
        }
        rejects.log();
        let labels: Vec<f64> = self.table.pairs.iter().filter_map(|pair| pair.label).collect();
        if task == Some(Task::Affinity)
            && self.table.unit.is_none()
            && let Some(doubt) = doubt(&labels)
        {
            tracing::warn!("{doubt}: if they are, name their unit with --unit, which takes their logarithm");
        }
    }

    /// Writes the table of pairs.
    pub(crate) fn write(&self, out: &mut AtomicFile) -> Result<()> {
        self.table.write_to(&mut *out).map_err(Error::io("write", out.path()))
    }

    /// Gives the figures for the end of the run.
    pub(crate) fn figures(&self) -> [(&'static str, u64); 4] {
        [
            ("rows", self.rows),
            ("pairs", self.table.pairs.len() as u64),
            ("merged_rows", self.merged),
            ("mirrored_pairs", self.mirrored.len() as u64),
        ]
    }

    /// Gives the counts as they stand in the summary.
    pub(crate) fn report(&self, rejects: &Rejects) -> Value {
        let table = &self.table;
        let distinct = |ids: Vec<&RecordId>| ids.into_iter().collect::<HashSet<_>>().len();
        let labels: Vec<f64> = table.pairs.iter().filter_map(|pair| pair.label).collect();
        let labels = match table.task {
            None => Value::Null,
            Some(Task::Classification) => {
                let positive = labels.iter().filter(|&&label| label == 1.0).count();
                json!({ "positive": positive, "negative": labels.len() - positive })
            }
            Some(Task::Affinity) => json!({
                "min": labels.iter().copied().reduce(f64::min),
                "mean": (!labels.is_empty()).then(|| labels.iter().sum::<f64>() / labels.len() as f64),
                "max": labels.iter().copied().reduce(f64::max),
            }),
        };
        let mut report = Map::new();
        let mut add = |name: &str, value: Value| report.insert(name.to_owned(), value);
        add("rows", self.rows.into());
        add("pairs", table.pairs.len().into());
        add("merged_rows", self.merged.into());
        add("mirrored_pairs", self.mirrored.len().into());
        add("rejected", rejects.total().into());
        add("reasons", rejects.counts().into());
        if self.dropped > 0 {
            add("dropped", self.dropped.into());
        }
        add("rna", distinct(table.pairs.iter().map(|pair| &pair.rna).collect()).into());
        add("partners", distinct(table.pairs.iter().map(|pair| &pair.partner).collect()).into());
        add("task", json!(table.task));
        if let Some(unit) = &table.unit {
            add("unit", unit.clone().into());
        }
        add("labels", labels);
        report.into()
    }
}

/// Names the side in a fault.
pub(crate) fn of(side: &str) -> impl Fn(Fault) -> Fault {
    let side = side.to_owned();
    move |fault: Fault| match fault.detail.as_str() {
        "" => Fault::new(fault.reason, side.clone()),
        detail => Fault::new(fault.reason, format!("{side}: {detail}")),
    }
}
