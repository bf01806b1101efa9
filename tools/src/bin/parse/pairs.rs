//! `crossmamba-parse pairs`.

use std::collections::HashMap;
use std::path::PathBuf;

use crossmamba::Result;
use crossmamba::identity::{Sequences, is_one_molecule};
use crossmamba::io::{AtomicFile, Column, Dialect, Source, TableReader, TableRow};
use crossmamba::normalise::{Fault, Reason, check_id};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Digest, RecordId};
use crossmamba_tools::kit::{Files, Outcome, Rejects};
use serde::Serialize;

use crate::known::Known;
use crate::labels::LabelRules;
use crate::merge::Replicates;
use crate::options::{LabelArgs, TableArgs};
use crate::rows::{self, Molecules, of};
use crossmamba_tools::sequences::IdRule;

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

    /// What of a cell is the identifier: accession (P12345 of `sp|P12345|NAME`, `NM_1` of `NM_1.2`), first-word, whole
    /// (with `_` for blanks) or `regex:PATTERN` (its first group) [default: the cell as it stands]
    #[arg(long, value_name = "RULE")]
    id_rule: Option<IdRule>,

    #[command(flatten)]
    table: TableArgs,

    #[command(flatten)]
    labels: LabelArgs,
}

const AFTER: &str = "\
The separator is the one that yields the columns; names of columns may have any case. Blank lines,
comments (#), a first line `sep=;` and a column of row names, as R writes it, are passed over.

Labels are 0 and 1, words for them (true, yes, positive, hit, +, and their opposites) or numbers.
What looks like two classes and is not 0 and 1, such as -1 and 1, is refused until --positive or
--task says what is right. Rows about one pair become one: equal labels of a classification are
merged, contradictory ones are all rejected, and measurements of an affinity are treated as
--replicates says. Between RNAs the rows A–B and B–A are about one pair (--mirrors): both are kept,
with one label. Other columns are dropped. The table is held in memory, with about 200 bytes for
each pair.

Reasons in the table of rejects (file, line, id, reason, detail); a row has exactly one, the first
that holds:
  ragged-row           not as many cells as the first line
  no-id                an empty identifier
  bad-id               an identifier that holds white space or control characters, or is not UTF-8
  unknown-rna          not among the RNAs; the detail names the nearest that is
  unknown-partner      not among the partners; the detail names the nearest that is
  no-label             an empty label, or NA
  inexact-label        a bound (>10000) or an uncertainty (5.2±0.3), unless --inexact says otherwise
  bad-label            not a finite number; in a classification, neither 0 nor 1
  contradictory-label  the pair has both labels, in one order or in either
  replicate            one of several measurements, with --replicates reject

Examples:
  A table with the columns rna_id, partner_id and label, checked against the sequences:
    crossmamba-parse pairs --pairs table.csv --rna rna.fa --partner protein.fa --output pairs.tsv

  A table without header:
    crossmamba-parse pairs --pairs RPI369.txt --no-header --output pairs.tsv

  Dissociation constants in nmol/L, which become -log10 of mol/L; UniProt's names in full:
    crossmamba-parse pairs --pairs kd.csv --label-column Kd --unit nM --inexact drop \\
        --partner-column target --id-rule accession --output pairs.tsv

Exit code: 0 done; 1 done, but rows were rejected; 2 failed or nothing was left, and nothing was
written.";

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
    columns: [Option<String>; 3],
    #[serde(skip)]
    dialect: Dialect,
    #[serde(flatten)]
    labels: LabelRules,
    replicates: Replicates,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_rule: Option<IdRule>,
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
        let (dialect, replicates) = (self.table.dialect(), self.labels.replicates);
        Ok(Settings {
            pairs: self.pairs,
            rna: self.rna,
            partner: self.partner,
            output: self.output,
            rejects: self.rejects,
            summary: self.summary,
            labels: self.labels.rules(&self.table)?,
            columns: [self.rna_column, self.partner_column, self.table.label_column],
            dialect,
            replicates,
            id_rule: self.id_rule,
        })
    }
}

/// Reads the table and writes its pairs, what is rejected and why.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut out = AtomicFile::create(&settings.output)?;
    let mut rejects = Rejects::create(settings.rejects.as_deref())?;
    let mut summary = settings.summary.as_deref().map(AtomicFile::create).transpose()?;

    let sequences = Sequences::read(settings.rna.as_ref(), settings.partner.as_ref())?;
    let known = |digests: &Option<HashMap<RecordId, Digest>>| {
        digests.as_ref().map(|digests| Known::new(digests.keys().cloned().collect()))
    };
    let (rna, partner) = (known(&sequences.rna), known(&sequences.partner));
    let mut molecules = Named { rna, partner, sequences, rule: settings.id_rule.as_ref() };
    let [rna, partner, label] = settings.columns.each_ref().map(Option::as_deref);
    let wanted = [
        Column::required("--rna-column", rna, &["rna_id"], 1),
        Column::required("--partner-column", partner, &["partner_id"], 2),
        TableArgs::label(label),
    ];
    let mut reader = TableReader::open(&settings.pairs, settings.dialect, &wanted)?;
    let parsed =
        rows::parse(&mut reader, &mut molecules, &settings.labels, settings.replicates, &mut rejects)?;
    parsed.write(&mut out)?;
    let figures = parsed.figures().into_iter();
    let outcome = figures.fold(Outcome::done().rejected(rejects.total()), |outcome, (name, count)| {
        outcome.figure(name, count)
    });
    let report = parsed.report(&rejects);
    let mut provenance = Provenance::new("crossmamba-parse pairs", settings);
    provenance.input("pairs", &settings.pairs)?;
    for (role, source) in [("rna", &settings.rna), ("partner", &settings.partner)] {
        source.iter().try_for_each(|source| provenance.input(role, source))?;
    }
    if let Some(file) = &mut summary {
        file.write_json(&report)?;
    }
    let files = std::iter::once(out).chain(rejects.into_file()).chain(summary);
    Ok(outcome.outputs(files.chain(provenance.file_beside(&settings.output)?)))
}

/// Molecules that a row names; the identifiers that may occur, or `None` where any may.
struct Named<'a> {
    rna: Option<Known>,
    partner: Option<Known>,
    sequences: Sequences,
    rule: Option<&'a IdRule>,
}

impl Named<'_> {
    fn id(&self, cell: Option<&[u8]>, side: &str) -> std::result::Result<RecordId, Fault> {
        let cell = cell.unwrap_or_default();
        let bad = |problem: &str| of(side)(Fault::new(Reason::BadId, problem));
        let text = match self.rule.filter(|_| !cell.is_empty()) {
            None => check_id(cell).map_err(of(side))?.to_owned(),
            Some(rule) => {
                let text = str::from_utf8(cell).map_err(|_| bad("is not UTF-8 text"))?;
                rule.apply(text).ok_or_else(|| bad("--id-rule finds nothing in it"))?
            }
        };
        RecordId::new(text).map_err(bad)
    }
}

impl Molecules for Named<'_> {
    fn identify(&mut self, row: &TableRow<'_>) -> std::result::Result<(RecordId, RecordId), Fault> {
        let (rna, partner) = (self.id(row.cell(0), "RNA")?, self.id(row.cell(1), "partner")?);
        for (known, id, reason) in
            [(&self.rna, &rna, Reason::UnknownRna), (&self.partner, &partner, Reason::UnknownPartner)]
        {
            if let Some(known) = known.as_ref().filter(|known| !known.holds(id)) {
                let detail = match known.nearest(id) {
                    Some(nearest) => format!("{id}; the nearest known is {nearest}, see --id-rule"),
                    None => id.to_string(),
                };
                return Err(Fault::new(reason, detail));
            }
        }
        Ok((rna, partner))
    }

    fn is_one_molecule(&self, id: &RecordId) -> bool {
        is_one_molecule(id, Some(&self.sequences))
    }
}
