//! `crossmamba-parse sequences`.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use crossmamba::alphabet::look_like_nucleotides;
use crossmamba::io::{AtomicFile, Source, is_stream};
use crossmamba::normalise::{
    Ambiguous, Case, Gaps, Identifier, InnerStop, Normaliser, Numbers, OtherLetters, Rules,
};
use crossmamba::provenance::Provenance;
use crossmamba::record::Molecule;
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Files, Outcome, Progress, Rejects};
use serde::Serialize;

use crossmamba_tools::sequences::{self, IdRule, Naming, Sink};

#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Args {
    /// Files to read, in this order: FASTA or FASTQ, or lines of a SMILES string, white space and an
    /// identifier; plain, gzip or BGZF; - is standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<Source>,

    /// What the molecules are
    #[arg(long, short, value_enum)]
    kind: Molecule,

    /// Normalised sequences: FASTA with one line of letters per record, or SMILES, a tab and the identifier
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Table of rejected records; without it the first ten are logged
    #[arg(long, short, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Counts, lengths and letters as JSON
    #[arg(long, short, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// Lower-case letters: made upper case, or the record is rejected [default: upper]
    #[arg(long, value_enum)]
    case: Option<Case>,

    /// Letters that stand for several (RNA RYSWKMBDHVN, protein BZJX): kept, made N or X, or the record is
    /// rejected [default: keep]
    #[arg(long, value_enum)]
    ambiguous: Option<Ambiguous>,

    /// Gaps `-` and `.`: the record is rejected, or they are removed [default: reject]
    #[arg(long, value_enum)]
    gaps: Option<Gaps>,

    /// Position numbers beside the lines, as flat files have them: the record is rejected, or digits are removed
    /// [default: reject]
    #[arg(long, value_enum)]
    numbers: Option<Numbers>,

    /// Stops `*` inside a protein: the record is rejected, or they become X; one at the end is removed
    /// [default: reject]
    #[arg(long, value_enum)]
    inner_stop: Option<InnerStop>,

    /// Letters of RNA that are no nucleotide and stand for none, such as X: the record is rejected, or they become N
    /// [default: reject]
    #[arg(long, value_enum)]
    other_letters: Option<OtherLetters>,

    /// In a list of SMILES strings: the identifier stands after the string, or before it [default: after]
    #[arg(long, value_enum)]
    identifier: Option<Identifier>,

    /// Longest record, in letters; longer ones are rejected without being held in memory
    #[arg(long, value_name = "N", default_value_t = Rules::MAX_LENGTH)]
    max_length: NonZero<usize>,

    /// Name records that have no identifier by this prefix and their line number, instead of rejecting them
    #[arg(long, value_name = "PREFIX")]
    id_prefix: Option<String>,

    /// What of a header is the identifier: accession (P12345 of `sp|P12345|NAME`, `NM_1` of `NM_1.2`), first-word, whole
    /// (with `_` for blanks) or `regex:PATTERN` (its first group) [default: first-word]
    #[arg(long, value_name = "RULE")]
    id_rule: Option<IdRule>,
}

const AFTER: &str = "\
White space inside sequences is dropped. In RNA, T becomes U. In protein, U and O are amino acids
and are kept. SMILES strings are checked (letters, brackets, branches, ring bonds) and left as they are: they are not made canonical, and
valences are not checked. In a line of such a list the string comes first, extensions between bars
(CXSMILES) are left out, and then comes the identifier: one word, or in a line with tabs all up to
the next tab, with `_` for blanks inside. A record whose identifier was seen before is rejected,
the first one is kept. Different identifiers may share a sequence; how many do is in the summary.
Descriptions and columns after the identifier are dropped. Memory: about 20 MiB per thread, the
longest record a few times, and 40 to 80 bytes for each record.

Reasons in the table of rejects (file, line, id, reason, detail); a record has exactly one, the
first that holds:
  no-id             no identifier
  bad-id            the identifier holds white space or control characters, or is not UTF-8
  too-long          more letters than --max-length
  quality-length    FASTQ: not as many quality values as letters
  empty             no letters, or none left
  bad-letter        a letter outside the alphabet, unless --other-letters mask; digits are such, unless
                    --numbers remove
  gap               a gap, unless --gaps remove
  ambiguous         an ambiguity letter, with --ambiguous reject
  stop              a stop inside a protein, unless --inner-stop mask
  bad-smiles        letters, brackets, branches or ring bonds of a SMILES string
  duplicate-record  the identifier and the sequence of an earlier record
  id-conflict       the identifier of an earlier record with another sequence

Examples:
  Two files as one, with a table of what is rejected and why:
    crossmamba-parse sequences --kind rna a.fa.gz b.fq --output rna.fa --rejects rejects.tsv

  In a pipe, with stops inside proteins made X:
    zcat big.fa.gz | crossmamba-parse sequences --kind protein - --inner-stop mask --output \\
        - > protein.fa

Exit code: 0 done; 1 done, but records were rejected; 2 failed or nothing was left, and nothing
was written.";

/// What was asked for, resolved and checked.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    #[serde(skip)]
    inputs: Vec<Source>,
    #[serde(skip)]
    output: PathBuf,
    #[serde(skip)]
    rejects: Option<PathBuf>,
    #[serde(skip)]
    summary: Option<PathBuf>,
    #[serde(flatten)]
    rules: Rules,
    id_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_rule: Option<IdRule>,
}

impl Args {
    /// Lists the files of the run.
    pub(crate) fn files(&self) -> Files {
        Files::new()
            .reads(&self.inputs)
            .writes_with_record(&self.output)
            .writes(&self.rejects)
            .writes(&self.summary)
    }

    /// Resolves and checks what was asked for.
    pub(crate) fn settings(self) -> Result<Settings> {
        let kind = self.kind;
        let small = kind == Molecule::SmallMolecule;
        let idle = [
            ("case", self.case.is_some() && small),
            ("ambiguous", self.ambiguous.is_some() && small),
            ("gaps", self.gaps.is_some() && small),
            ("numbers", self.numbers.is_some() && small),
            ("inner-stop", self.inner_stop.is_some() && kind != Molecule::Protein),
            ("other-letters", self.other_letters.is_some() && kind != Molecule::Rna),
            ("identifier", self.identifier.is_some() && !small),
        ];
        if let Some((name, _)) = idle.into_iter().find(|(_, idle)| *idle) {
            return Err(Error::setting(
                format!("--{name}"),
                format!("means nothing for {kind}"),
                "leave it out",
            ));
        }
        if let Some(prefix) = &self.id_prefix {
            crossmamba::record::RecordId::check(prefix)
                .map_err(|problem| Error::setting("--id-prefix", problem, "use letters and digits"))?;
            if self.inputs.len() > 1 {
                let problem = "line numbers of several files are not unique";
                return Err(Error::setting("--id-prefix", problem, "parse one file at a time"));
            }
        }
        let mut rules = Rules::new(kind);
        rules.max_length = self.max_length;
        rules.case = self.case.unwrap_or_default();
        rules.ambiguous = self.ambiguous.unwrap_or_default();
        rules.gaps = self.gaps.unwrap_or_default();
        rules.numbers = self.numbers.unwrap_or_default();
        rules.inner_stop = self.inner_stop.unwrap_or_default();
        rules.other_letters = self.other_letters.unwrap_or_default();
        rules.identifier = self.identifier.unwrap_or_default();
        Ok(Settings {
            inputs: self.inputs,
            output: self.output,
            rejects: self.rejects,
            summary: self.summary,
            rules,
            id_prefix: self.id_prefix,
            id_rule: self.id_rule,
        })
    }
}

/// Normalises the files and writes what is kept, what is rejected and why.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let out = AtomicFile::create(&settings.output)?;
    let mut rejects = Rejects::create(settings.rejects.as_deref())?;
    let mut sink = Sink::new(out, &settings.output, &mut rejects);
    let mut summary = settings.summary.as_deref().map(AtomicFile::create).transpose()?;

    let normaliser = Normaliser::new(settings.rules);
    let naming = Naming { prefix: settings.id_prefix.as_deref(), rule: settings.id_rule.as_ref() };
    let progress = Progress::new("records", 0);
    // A stream has no record beside it, so that nobody asks for the digests of the inputs.
    let recorded = !is_stream(&settings.output);
    for input in &settings.inputs {
        let input = if recorded { input.clone() } else { Source::from(input.path()) };
        sequences::run(&input, &normaliser, naming, &mut sink, &progress)?;
    }
    progress.end();

    tracing::info!("kept {} of {} records", sink.kept, sink.records);
    sink.rejects.log();
    if settings.rules.kind == Molecule::Protein && look_like_nucleotides(&sink.letter_counts()) {
        tracing::warn!(
            "the letters look like nucleotides, not like protein: is it `--kind rna` that is right?"
        );
    }
    if sink.kept == 0 {
        let first = settings.inputs.first().map_or(Path::new("-"), Source::path);
        return Err(sink.rejects.nothing_left(first, "record", sink.records).into());
    }
    let outcome = Outcome::done()
        .rejected(sink.rejects.total())
        .figure("records", sink.records)
        .figure("kept", sink.kept)
        .figure("duplicate_sequences", sink.duplicate_sequences);
    let report = sink.summary();
    let mut provenance = Provenance::new("crossmamba-parse sequences", settings);
    for (number, input) in (1..).zip(&settings.inputs).filter(|_| recorded) {
        provenance.input(&format!("sequences-{number}"), input)?;
    }
    if let Some(file) = &mut summary {
        file.write_json(&report)?;
    }
    let files = [sink.into_output()].into_iter().chain(rejects.into_file()).chain(summary);
    Ok(outcome.outputs(files.chain(provenance.file_beside(&settings.output)?)))
}
