//! `crossmamba-parse table`.

use std::path::PathBuf;

use crossmamba::io::{AtomicFile, Column, Dialect, Source, TableReader};
use crossmamba::pair::Sides;
use crossmamba::provenance::Provenance;
use crossmamba::record::Molecule;
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Files, Outcome, Rejects};
use serde::Serialize;

use crate::labels::LabelRules;
use crate::merge::Replicates;
use crate::molecules::Written;
use crate::options::{LabelArgs, TableArgs};
use crate::rows;
use crossmamba_tools::sequences::IdRule;

#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Args {
    /// Table whose rows hold the sequences themselves; plain, gzip or BGZF; - is standard input
    #[arg(long, value_name = "FILE")]
    table: Source,

    /// What the partners are
    #[arg(long, value_enum)]
    partner_kind: Molecule,

    /// Normalised pairs: `rna_id`, `partner_id` and, if there are labels, `label`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Normalised RNAs of these pairs
    #[arg(long, value_name = "FILE")]
    rna_output: PathBuf,

    /// Normalised partners of these pairs: FASTA, or a SMILES list
    #[arg(long, value_name = "FILE")]
    partner_output: PathBuf,

    /// Table of rejected rows; without it the first ten are logged
    #[arg(long, short, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Counts as JSON
    #[arg(long, short, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// Column of RNA sequences [default: `rna_sequence`, or 1 with --no-header]
    #[arg(long, value_name = "NAME")]
    rna_sequence_column: Option<String>,

    /// Column of the partners' sequences or SMILES strings [default: `partner_sequence`, `protein_sequence` or smiles,
    /// or 2 with --no-header]
    #[arg(long, value_name = "NAME")]
    partner_sequence_column: Option<String>,

    /// Column of RNA identifiers [default: none; each sequence is named by its place among them]
    #[arg(long, value_name = "NAME")]
    rna_column: Option<String>,

    /// Column of partner identifiers [default: none; each sequence is named by its place among them]
    #[arg(long, value_name = "NAME")]
    partner_column: Option<String>,

    /// What of a cell is the identifier: accession, first-word, whole (with `_` for blanks) or `regex:PATTERN`
    /// [default: the cell as it stands]
    #[arg(long, value_name = "RULE")]
    id_rule: Option<IdRule>,

    #[command(flatten)]
    columns: TableArgs,

    #[command(flatten)]
    labels: LabelArgs,
}

const AFTER: &str = "\
Sequences are normalised as crossmamba-parse sequences does by default, and labels and rows are
read as crossmamba-parse pairs reads them. Equal sequences are one molecule. The table is held in
memory.

Reasons in the table of rejects are those of the two other commands; id-conflict is an identifier
that an earlier row gives to another sequence.

Examples:
  RNA and protein sequences side by side:
    crossmamba-parse table --table set.csv --partner-kind protein --rna-sequence-column rna_seq \\
        --partner-sequence-column protein_seq --label-column interaction --rna-output rna.fa \\
        --partner-output protein.fa --output pairs.tsv

  RNAs and SMILES strings with names, and Kd in umol/L:
    crossmamba-parse table --table binders.tsv --partner-kind small-molecule \\
        --rna-sequence-column sequence --partner-sequence-column SMILES --rna-column target \\
        --partner-column ligand --label-column Kd --unit uM --rna-output rna.fa \\
        --partner-output molecules.smi --output pairs.tsv

Exit code: 0 done; 1 done, but rows were rejected; 2 failed or nothing was left, and nothing was
written.";

/// What was asked for, resolved and checked.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    #[serde(skip)]
    table: Source,
    #[serde(skip)]
    output: PathBuf,
    #[serde(skip)]
    sequences: Sides<PathBuf>,
    #[serde(skip)]
    rejects: Option<PathBuf>,
    #[serde(skip)]
    summary: Option<PathBuf>,
    #[serde(skip)]
    columns: [Option<String>; 5],
    #[serde(skip)]
    dialect: Dialect,
    partner_kind: Molecule,
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
            .reads([&self.table])
            .writes_with_record(&self.output)
            .writes_with_record(&self.rna_output)
            .writes_with_record(&self.partner_output)
            .writes(&self.rejects)
            .writes(&self.summary)
    }

    /// Resolves and checks what was asked for.
    pub(crate) fn settings(self) -> Result<Settings> {
        let (dialect, replicates) = (self.columns.dialect(), self.labels.replicates);
        let stdout = [&self.output, &self.rna_output, &self.partner_output];
        if stdout.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            let problem = "only one output can go to standard output";
            return Err(Error::setting("-", problem, "name the others as files"));
        }
        Ok(Settings {
            table: self.table,
            output: self.output,
            sequences: Sides::new(self.rna_output, self.partner_output),
            rejects: self.rejects,
            summary: self.summary,
            labels: self.labels.rules(&self.columns)?,
            columns: [
                self.rna_sequence_column,
                self.partner_sequence_column,
                self.columns.label_column,
                self.rna_column,
                self.partner_column,
            ],
            dialect,
            partner_kind: self.partner_kind,
            replicates,
            id_rule: self.id_rule,
        })
    }
}

/// The columns of identifiers have no default: no name, no number.
const NONE: &[&str] = &[];

/// Reads the table and writes its sequences, its pairs, what is rejected and why.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut out = AtomicFile::create(&settings.output)?;
    let [rna_out, partner_out] =
        [&settings.sequences.rna, &settings.sequences.partner].map(AtomicFile::create);
    let mut sequences_out = Sides::new(rna_out?, partner_out?);
    let mut rejects = Rejects::create(settings.rejects.as_deref())?;
    let mut summary = settings.summary.as_deref().map(AtomicFile::create).transpose()?;
    let [rna, partner, label, rna_id, partner_id] = settings.columns.each_ref().map(Option::as_deref);
    let partners = ["partner_sequence", "protein_sequence", "smiles"];
    let wanted = [
        Column::required("--rna-sequence-column", rna, &["rna_sequence"], 1),
        Column::required("--partner-sequence-column", partner, &partners, 2),
        TableArgs::label(label),
        Column::optional("--rna-column", rna_id, NONE, 0),
        Column::optional("--partner-column", partner_id, NONE, 0),
    ];
    let mut reader = TableReader::open(&settings.table, settings.dialect, &wanted)?;
    let named = Sides::new(reader.has(3), reader.has(4));
    let mut molecules = Written::new(settings.partner_kind, named, settings.id_rule.as_ref());
    let parsed =
        rows::parse(&mut reader, &mut molecules, &settings.labels, settings.replicates, &mut rejects)?;
    parsed.write(&mut out)?;
    let sequences = molecules.write(&parsed.table.pairs, &mut sequences_out)?;
    tracing::info!("{} distinct RNAs, {} distinct partners", sequences.rna, sequences.partner);
    let figures =
        parsed.figures().into_iter().chain([("rna", sequences.rna), ("partners", sequences.partner)]);
    let outcome = figures.fold(Outcome::done().rejected(rejects.total()), |outcome, (name, count)| {
        outcome.figure(name, count)
    });
    let report = parsed.report(&rejects);
    let mut provenance = Provenance::new("crossmamba-parse table", settings);
    provenance.input("table", &settings.table)?;
    if let Some(file) = &mut summary {
        file.write_json(&report)?;
    }
    let mut files = vec![sequences_out.rna, sequences_out.partner, out];
    files.extend(rejects.into_file().into_iter().chain(summary));
    for path in [&settings.sequences.rna, &settings.sequences.partner, &settings.output] {
        files.extend(provenance.file_beside(path)?);
    }
    Ok(outcome.outputs(files))
}
