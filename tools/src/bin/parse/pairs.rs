//! `crossmamba-parse pairs`.

use std::collections::HashSet;
use std::path::PathBuf;

use crossmamba::io::{AtomicFile, Source, read_ids};
use crossmamba::normalise::{Fault, Reason, check_id};
use crossmamba::pair::{PairTable, Task};
use crossmamba::provenance::Provenance;
use crossmamba::record::RecordId;
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Files, Outcome, Rejects};
use serde::Serialize;
use serde_json::{Value, json};

use crate::merge::{Collected, Merged, Rejected, Replicates};
use crate::table::{Cells, Columns, Delimiter, Table};

#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Args {
    /// Table of pairs: tabs, commas or semicolons, cells quoted or not; plain, gzip or BGZF; - is standard
    /// input
    #[arg(long, short, value_name = "FILE")]
    pairs: Source,

    /// Normalised RNAs; pairs of others are rejected. Without it RNA identifiers are not looked up
    #[arg(long, value_name = "FILE")]
    rna: Option<Source>,

    /// Normalised partners: FASTA or a SMILES list. Without it partner identifiers are not looked up
    #[arg(long, value_name = "FILE")]
    partner: Option<Source>,

    /// Normalised pairs: `rna_id`, `partner_id` and, if there are labels, `label`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Table of rejected rows; without it the first ten are logged
    #[arg(long, short, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Counts as JSON
    #[arg(long, short, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// Column of RNA identifiers [default: `rna_id`, or 1 with --no-header]
    #[arg(long, value_name = "NAME")]
    rna_column: Option<String>,

    /// Column of partner identifiers [default: `partner_id`, or 2 with --no-header]
    #[arg(long, value_name = "NAME")]
    partner_column: Option<String>,

    /// Column of labels [default: label, or 3 with --no-header, if there is one]
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,

    /// The table has no header; its columns are named by their numbers, from 1
    #[arg(long)]
    no_header: bool,

    /// What separates the cells; auto takes the first of tab, comma and semicolon that the first line holds
    #[arg(long, value_enum, default_value_t = Delimiter::Auto)]
    delimiter: Delimiter,

    /// What the labels are; auto takes classification if all of them are 0 or 1
    #[arg(long, value_enum, default_value_t = TaskRule::Auto)]
    task: TaskRule,

    /// Affinity: what becomes of several measurements of one pair
    #[arg(long, value_enum, default_value_t = Replicates::Mean)]
    replicates: Replicates,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum TaskRule {
    Auto,
    Classification,
    Affinity,
}

const AFTER: &str = "\
Rows about one pair become one: equal labels of a classification are merged, contradictory ones
are all rejected, and measurements of an affinity are treated as --replicates says. Other columns
are dropped. The table is held in memory, with about 200 bytes for each pair.

Reasons in the table of rejects (file, line, id, reason, detail); a row has exactly one, the first
that holds:
  ragged-row           not as many cells as the first line
  no-id                an empty identifier
  bad-id               an identifier that holds white space or control characters, or is not UTF-8
  unknown-rna          not among the RNAs
  unknown-partner      not among the partners
  no-label             an empty label
  bad-label            not a finite number; in a classification, neither 0 nor 1
  contradictory-label  the pair has both labels
  replicate            one of several measurements, with --replicates reject

Examples:
  A table with the columns rna_id, partner_id and label, checked against the sequences:
    crossmamba-parse pairs --pairs table.csv --rna rna.fa --partner protein.fa --output pairs.tsv

  A table without header:
    crossmamba-parse pairs --pairs RPI369.txt --no-header --output pairs.tsv

Exit code: 0 done; 1 done, but rows were rejected; 2 failed, and nothing was written.";

/// What was asked for, resolved and checked.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    #[serde(skip)]
    pairs: Source,
    #[serde(skip)]
    rna: Option<Source>,
    #[serde(skip)]
    partner: Option<Source>,
    #[serde(skip)]
    output: PathBuf,
    #[serde(skip)]
    rejects: Option<PathBuf>,
    #[serde(skip)]
    summary: Option<PathBuf>,
    #[serde(skip)]
    columns: Columns,
    #[serde(skip)]
    delimiter: Delimiter,
    task: TaskRule,
    replicates: Replicates,
}

impl Args {
    /// Lists the files of the run.
    pub(crate) fn files(&self) -> Files {
        Files::new()
            .reads([&self.pairs])
            .reads(&self.rna)
            .reads(&self.partner)
            .writes_with_record(&self.output)
            .writes(&self.rejects)
            .writes(&self.summary)
    }

    /// Resolves and checks what was asked for.
    pub(crate) fn settings(self) -> Result<Settings> {
        if self.task == TaskRule::Classification && self.replicates != Replicates::Mean {
            let problem = "is about affinities";
            return Err(Error::setting("--replicates", problem, "leave it out for a classification"));
        }
        Ok(Settings {
            pairs: self.pairs,
            rna: self.rna,
            partner: self.partner,
            output: self.output,
            rejects: self.rejects,
            summary: self.summary,
            columns: Columns {
                header: !self.no_header,
                rna: self.rna_column,
                partner: self.partner_column,
                label: self.label_column,
            },
            delimiter: self.delimiter,
            task: self.task,
            replicates: self.replicates,
        })
    }
}

/// Reads the table and writes its pairs, what is rejected and why.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut out = AtomicFile::create(&settings.output)?;
    let mut rejects = Rejects::create(settings.rejects.as_deref())?;
    let mut summary = settings.summary.as_deref().map(AtomicFile::create).transpose()?;

    let read = |source: &Option<Source>| source.as_ref().map(read_ids).transpose();
    let known = Known { rna: read(&settings.rna)?, partner: read(&settings.partner)? };
    let mut table = Table::open(&settings.pairs, settings.delimiter, &settings.columns)?;
    let labelled = table.has_labels();
    let (collected, mut rejected, rows) = collect(&mut table, &known, settings.task)?;
    let task = match settings.task {
        TaskRule::Auto => collected.task(),
        TaskRule::Classification => labelled.then_some(Task::Classification),
        TaskRule::Affinity => labelled.then_some(Task::Affinity),
    };
    let Merged { pairs, rejected: more, repeats: merged } = collected.merge(task, settings.replicates);
    rejected.extend(more);
    rejected.sort_by_key(|row| row.line);
    for row in &rejected {
        rejects.add(&settings.pairs, row.line, row.id.as_bytes(), &row.fault)?;
    }

    let mut table = PairTable::new(pairs);
    table.task = task;
    let kept = table.pairs.len() as u64;
    let what = task.map_or_else(|| "without labels".to_owned(), |task| format!("for {task}"));
    tracing::info!("kept {kept} pairs {what} of {rows} rows, {merged} of which repeat another");
    rejects.log();
    if kept == 0 {
        tracing::warn!("no pair is left: the output is empty");
    }
    table.write_to(&mut out).map_err(Error::io("write", &settings.output))?;
    let outcome = Outcome::done()
        .rejected(rejects.total())
        .figure("rows", rows)
        .figure("pairs", kept)
        .figure("merged_rows", merged);
    let report = report(&table, rows, merged, &rejects);
    let mut provenance = Provenance::new("crossmamba-parse pairs", settings);
    provenance.input("pairs", &settings.pairs)?;
    for (role, source) in [("rna", &settings.rna), ("partner", &settings.partner)] {
        source.iter().try_for_each(|source| provenance.input(role, source))?;
    }
    if let Some(file) = &mut summary {
        file.write_json(&report)?;
    }
    let files = std::iter::once(out).chain(rejects.into_file()).chain(summary);
    AtomicFile::commit_all(files.chain(provenance.file_beside(&settings.output)?))?;
    Ok(outcome)
}

/// The identifiers that may occur; `None` where any may.
struct Known {
    rna: Option<HashSet<RecordId>>,
    partner: Option<HashSet<RecordId>>,
}

fn collect(table: &mut Table, known: &Known, task: TaskRule) -> Result<(Collected, Vec<Rejected>, u64)> {
    let (mut collected, mut rejected, mut rows) = (Collected::default(), Vec::new(), 0);
    let width = table.width();
    while let Some(row) = table.next_row()? {
        rows += 1;
        let Some(cells) = row.cells else {
            let fault = Fault::new(Reason::RaggedRow, format!("{} cells, not {width}", row.width));
            let id = String::from_utf8_lossy(row.first).into_owned();
            rejected.push(Rejected { line: row.line, id, fault });
            continue;
        };
        match check(&cells, known, task) {
            Ok((rna, partner, label)) => collected.add(rna, partner, row.line, label),
            Err(fault) => {
                let text = String::from_utf8_lossy;
                let id = format!("{} {}", text(cells.rna), text(cells.partner));
                rejected.push(Rejected { line: row.line, id, fault });
            }
        }
    }
    Ok((collected, rejected, rows))
}

fn check(
    cells: &Cells<'_>,
    known: &Known,
    task: TaskRule,
) -> std::result::Result<(RecordId, RecordId, Option<f64>), Fault> {
    let of = |side: &str| {
        let side = side.to_owned();
        move |fault: Fault| match fault.detail.as_str() {
            "" => Fault::new(fault.reason, side),
            detail => Fault::new(fault.reason, format!("{side}: {detail}")),
        }
    };
    let id = |bytes, side| check_id(bytes).map_err(of(side));
    let bad = |problem| Fault::new(Reason::BadId, problem);
    let rna = RecordId::new(id(cells.rna, "RNA")?).map_err(bad)?;
    let partner = RecordId::new(id(cells.partner, "partner")?).map_err(bad)?;
    if known.rna.as_ref().is_some_and(|ids| !ids.contains(&rna)) {
        return Err(Fault::new(Reason::UnknownRna, rna.as_str()));
    }
    if known.partner.as_ref().is_some_and(|ids| !ids.contains(&partner)) {
        return Err(Fault::new(Reason::UnknownPartner, partner.as_str()));
    }
    let label = match cells.label {
        None => None,
        Some([]) => return Err(Fault::new(Reason::NoLabel, "")),
        Some(text) => Some(label(text, task)?),
    };
    Ok((rna, partner, label))
}

fn label(text: &[u8], task: TaskRule) -> std::result::Result<f64, Fault> {
    let shown = String::from_utf8_lossy(text);
    let bad = |problem: &str| Fault::new(Reason::BadLabel, format!("`{shown}` {problem}"));
    let number: f64 = shown.parse().map_err(|_| bad("is not a number"))?;
    if !number.is_finite() {
        return Err(bad("is not finite"));
    }
    if task == TaskRule::Classification && number != 0.0 && number != 1.0 {
        return Err(bad("is neither 0 nor 1"));
    }
    // Adding zero makes -0 a 0.
    Ok(number + 0.0)
}

fn report(table: &PairTable, rows: u64, merged: u64, rejects: &Rejects) -> Value {
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
    json!({
        "rows": rows,
        "pairs": table.pairs.len(),
        "merged_rows": merged,
        "rejected": rejects.total(),
        "reasons": rejects.counts(),
        "rna": distinct(table.pairs.iter().map(|pair| &pair.rna).collect()),
        "partners": distinct(table.pairs.iter().map(|pair| &pair.partner).collect()),
        "task": table.task,
        "labels": labels,
    })
}
