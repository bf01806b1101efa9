//! Reads the pairs, divides them, and writes the split and its audit.

use std::io::Write;
use std::path::PathBuf;

use crossmamba::identity::{Identity, Sequences};
use crossmamba::io::{AtomicFile, Source};
use crossmamba::pair::{Pair, PairTable};
use crossmamba::provenance::Provenance;
use crossmamba::split::{Audit, Part};
use crossmamba::{Error, Result};
use crossmamba_tools::kit::Outcome;
use serde::Serialize;

use crate::FileArgs;
use crate::rule;

/// What was asked for, resolved and checked.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    #[serde(flatten)]
    rule: rule::Args,
    #[serde(skip)]
    pairs: Source,
    #[serde(skip)]
    output: Option<PathBuf>,
    #[serde(skip)]
    audit: Option<PathBuf>,
    #[serde(skip)]
    rna: Option<Source>,
    #[serde(skip)]
    partner: Option<Source>,
}

impl Settings {
    /// Checks that the files that the rule needs are named.
    pub(crate) fn new(rule: rule::Args, files: FileArgs) -> Result<Self> {
        let missing = |name: &str| Error::setting(name, "is missing", "name a file");
        let pairs = files.pairs.ok_or_else(|| missing("--pairs"))?;
        let auditing = matches!(rule, rule::Args::Audit { .. });
        if auditing && files.output.is_some() {
            return Err(Error::setting("--output", "an audit makes no split", "leave it out"));
        }
        if auditing && files.audit.is_none() {
            return Err(missing("--audit"));
        }
        if !auditing && files.output.is_none() {
            return Err(missing("--output"));
        }
        let drawing = matches!(rule, rule::Args::Negatives { .. });
        if drawing && files.audit.is_some() {
            return Err(Error::setting(
                "--audit",
                "negatives are no split",
                "leave it out, or use crossmamba-audit",
            ));
        }
        let by_sequence = drawing || matches!(rule, rule::Args::Unseen { .. });
        if files.audit.is_none() && !by_sequence && (files.rna.is_some() || files.partner.is_some()) {
            return Err(Error::setting(
                "--rna, --partner",
                "serve the audit only",
                "add --audit, or leave them out",
            ));
        }
        let FileArgs { output, audit, rna, partner, .. } = files;
        Ok(Self { rule, pairs, output, audit, rna, partner })
    }
}

/// Divides the pairs, and writes the split and its audit.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let named = [("rna", &settings.rna), ("partner", &settings.partner)];
    let named = named.into_iter().filter_map(|(role, source)| Some((role, source.as_ref()?)));
    let inputs = std::iter::once(("pairs", &settings.pairs)).chain(settings.rule.inputs()).chain(named);
    let create = |path: &Option<PathBuf>| path.as_deref().map(AtomicFile::create).transpose();
    let (mut split_file, mut audit_file) = (create(&settings.output)?, create(&settings.audit)?);

    let pairs = PairTable::read(&settings.pairs)?;
    let sequences = Sequences::read(settings.rna.as_ref(), settings.partner.as_ref())?;
    let molecules = Identity::by_id(&pairs, Some(&sequences));
    if let Some((drawn, how)) = settings.rule.negatives(&pairs, &molecules, &sequences)? {
        let mut files = Vec::new();
        if let Some(mut file) = split_file {
            write_drawn(&pairs, &drawn, &how, &mut file).map_err(Error::io("write", file.path()))?;
            files.extend(provenance(settings, inputs)?.file_beside(file.path())?);
            files.push(file);
        }
        let (positives, negatives) = (pairs.pairs.len(), drawn.len());
        tracing::info!("{negatives} negatives, {how}, for {positives} positives");
        return Ok(Outcome::done()
            .figure("positives", positives)
            .figure("negatives", negatives)
            .outputs(files));
    }
    let (split, rejected) = settings.rule.split(&pairs, &molecules, &sequences)?;
    rule::warn_of_divided_mirrors(&split, &pairs, &molecules);
    if let Some(file) = &mut split_file {
        split.write_to(&mut *file, &pairs).map_err(Error::io("write", file.path()))?;
    }
    if let Some(file) = &mut audit_file {
        let audit = Audit::new(&split, &pairs, &sequences)?;
        audit.write_to(&mut *file).map_err(Error::io("write", file.path()))?;
    }
    let provenance = provenance(settings, inputs)?;
    let mut files = Vec::new();
    for file in [split_file, audit_file].into_iter().flatten() {
        files.extend(provenance.file_beside(file.path())?);
        files.push(file);
    }
    let mut folds = 0_usize;
    let unused = split.parts().iter().filter(|part| **part == Part::Unused).count();
    for fold in split.each_fold() {
        folds += 1;
        let (train, validation, test) = (fold.train.len(), fold.validation.len(), fold.test.len());
        tracing::info!("{}: train {train}, validation {validation}, test {test}", fold.name);
    }
    Ok(Outcome::done()
        .rejected(rejected)
        .figure("pairs", pairs.pairs.len())
        .figure("folds", folds)
        .figure("unused", unused)
        .outputs(files))
}

/// Records what made the outputs.
fn provenance<'a>(
    settings: &Settings,
    inputs: impl Iterator<Item = (&'static str, &'a Source)>,
) -> Result<Provenance> {
    let mut provenance = Provenance::new("crossmamba-split", settings);
    for (role, path) in inputs {
        provenance.input(role, path)?;
    }
    if let Some(seed) = settings.rule.seed() {
        provenance.seed(seed);
    }
    Ok(provenance)
}

/// Writes positives, then negatives, and where each comes from.
fn write_drawn(given: &PairTable, drawn: &[Pair], how: &str, mut out: impl Write) -> std::io::Result<()> {
    writeln!(out, "rna_id\tpartner_id\tlabel\torigin")?;
    for Pair { rna, partner, .. } in &given.pairs {
        writeln!(out, "{rna}\t{partner}\t1\tgiven")?;
    }
    drawn.iter().try_for_each(|Pair { rna, partner, .. }| writeln!(out, "{rna}\t{partner}\t0\t{how}"))
}
