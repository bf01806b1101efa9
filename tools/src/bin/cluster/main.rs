//! Finds families of sequences and of small molecules, or reads those that another program found.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;
use std::process::ExitCode;

use crossmamba::cluster::{Apart, Candidates, ClusterRule, Clusters, Comparison, Likeness};
use crossmamba::io::{AtomicFile, Number, Source, read_sequences};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::{Error, Place, Result};
use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};
use serde::Serialize;

const EXAMPLES: &str = "\
Two sequences belong together where the best local alignment pairs identical letters for at least
--identity of the shorter one (-c of CD-HIT, --min-seq-id with --seq-id-mode 1 of MMseqs2), and
pairs at least --coverage of the longer one. What is joined by a chain of such pairs is one cluster
(single linkage), so that no two sequences of two clusters are alike. Of small molecules --identity is
the Tanimoto coefficient of the counts in their circular fingerprints (radius 2).

Up to some ten thousand sequences all pairs are compared, and that is a guarantee. Beyond, pairs are
compared that share a word; then some sequences are compared with all others, the pairs that the words
had missed are joined and listed (--missed), and the log says how many may be left.

Examples:
  Families of RNAs and of proteins:
    crossmamba-cluster --kind rna --input rna.fa --identity 0.8 --output rna.clusters.tsv
    crossmamba-cluster --kind protein --input protein.fa --identity 0.4 \\
        --output protein.clusters.tsv

  Between RNAs, those of both columns together, so that relatives across the columns are found:
    crossmamba-cluster --kind rna --input mirna.fa --input target.fa --output rna.clusters.tsv

  Many sequences, and the pairs of a sample that had been missed:
    crossmamba-cluster --kind protein --input all.fa --identity 0.9 --missed missed.tsv \\
        --output all.clusters.tsv

  What another program found: the tables of MMseqs2 and DataSAIL, the .clstr of CD-HIT:
    crossmamba-cluster --import protein_cluster.tsv --output protein.clusters.tsv

  Similarities, as a square matrix or as a table of two molecules and their similarity:
    crossmamba-cluster --import tanimoto.tsv --threshold 0.6 --output molecules.clusters.tsv

Exit code: 0 done; 2 failed, and nothing was written.";

/// Find families of molecules, so that whole families can be held out
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-cluster", version, after_long_help = EXAMPLES)]
struct Args {
    /// Kind of the molecules
    #[arg(long, value_enum, requires = "input")]
    kind: Option<Molecule>,

    /// Normalised molecules, FASTA or a SMILES list; several files are taken together
    #[arg(
        long,
        short,
        value_name = "FILE",
        requires = "kind",
        conflicts_with = "import",
        required_unless_present = "import"
    )]
    input: Vec<Source>,

    /// Identical letters as a share of the shorter sequence, or Tanimoto coefficient [default: 0.8 for RNA, 0.4 for protein, 0.5 for
    /// small molecules]
    #[arg(long, value_name = "SHARE", conflicts_with = "import")]
    identity: Option<f64>,

    /// Letters that the alignment pairs as a share of the longer sequence
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, conflicts_with = "import")]
    coverage: f64,

    /// Which pairs of sequences are compared
    #[arg(long, value_enum, default_value_t, conflicts_with = "import")]
    compare: Candidates,

    /// Where to list the pairs that words had missed in a sample, and that were joined: `id other identity`; none where all
    /// pairs are compared
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    missed: Option<PathBuf>,

    /// Clusters, or similarities, that another program made
    #[arg(long, value_name = "FILE")]
    import: Option<Source>,

    /// Similarity from which on two molecules belong together, where similarities are imported
    #[arg(long, value_name = "SIMILARITY", requires = "import", allow_negative_numbers = true)]
    threshold: Option<f64>,

    /// The cluster of each molecule: `id cluster`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    #[command(flatten)]
    common: Common,
}

/// What was asked for, resolved and checked.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Settings {
    Compare {
        kind: Molecule,
        #[serde(flatten)]
        rule: ClusterRule,
        #[serde(skip)]
        inputs: Vec<Source>,
    },
    Import {
        threshold: Option<f64>,
        #[serde(skip)]
        import: Source,
    },
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-cluster";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        let files = Files::new().reads(self.input.iter().chain(&self.import));
        files.writes_with_record(&self.output).writes(&self.missed)
    }

    fn run(self) -> anyhow::Result<Outcome> {
        let (output, missed) = (self.output.clone(), self.missed.clone());
        run(&self.settings()?, output, missed)
    }
}

impl Args {
    fn settings(self) -> Result<Settings> {
        if let Some(import) = self.import {
            return Ok(Settings::Import { threshold: self.threshold, import });
        }
        let missing = |name: &str| Error::setting(name, "is missing", "give it, or --import");
        let kind = self.kind.ok_or_else(|| missing("--kind"))?;
        let usual = match kind {
            Molecule::Rna => 0.8,
            Molecule::Protein => 0.4,
            Molecule::SmallMolecule => 0.5,
        };
        if kind == Molecule::SmallMolecule && (self.coverage > 0.0 || self.compare != Candidates::Auto) {
            let problem = "is about alignments, of which small molecules have none";
            return Err(Error::setting("--coverage or --compare", problem, "leave it out"));
        }
        let likeness = Likeness { identity: self.identity.unwrap_or(usual), coverage: self.coverage };
        likeness.check()?;
        Ok(Settings::Compare {
            kind,
            rule: ClusterRule { likeness, candidates: self.compare },
            inputs: self.input,
        })
    }
}

fn run(settings: &Settings, output: PathBuf, missed: Option<PathBuf>) -> anyhow::Result<Outcome> {
    let mut file = AtomicFile::create(output)?;
    let mut list = missed.map(AtomicFile::create).transpose()?;
    let mut provenance = Provenance::new(Args::NAME, settings);
    let clusters = match settings {
        Settings::Compare { kind, rule, inputs } => {
            let records = read(inputs, *kind)?;
            let (clusters, comparison) = rule.cluster(*kind, &records)?;
            for input in inputs {
                provenance.input("input", input)?;
            }
            say(*kind, rule, &records, &comparison);
            if let Some(list) = &mut list {
                let apart = comparison.missed.as_ref().map_or(&[][..], |missed| &missed.apart);
                write_apart(&records, apart, &mut *list).map_err(Error::io("write", list.path()))?;
            }
            clusters
        }
        Settings::Import { threshold, import } => {
            let clusters = Clusters::read(import, *threshold)?;
            provenance.input("import", import)?;
            clusters
        }
    };
    clusters.write_to(&mut file).map_err(Error::io("write", file.path()))?;
    let record = provenance.file_beside(file.path())?;
    let (molecules, count, largest) = (clusters.numbers().len(), clusters.count(), clusters.largest());
    tracing::info!("{molecules} molecules in {count} clusters, the largest of {largest}");
    let outcome = Outcome::done().figure("molecules", molecules).figure("clusters", count);
    Ok(outcome.figure("largest", largest).outputs(record.into_iter().chain(list).chain([file])))
}

/// Reads the molecules of all files; one that stands in several is one.
fn read(inputs: &[Source], kind: Molecule) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    let mut known: HashMap<RecordId, usize> = HashMap::new();
    for input in inputs {
        for record in read_sequences(input, kind)? {
            match known.entry(record.id.clone()) {
                Entry::Vacant(place) => {
                    place.insert(records.len());
                    records.push(record);
                }
                Entry::Occupied(place) if records[*place.get()].sequence == record.sequence => {}
                Entry::Occupied(_) => {
                    let place = Place::file(input.path()).record(&record.id);
                    let problem = "has another sequence in a file before";
                    return Err(place.error(problem, "give the two molecules two identifiers"));
                }
            }
        }
    }
    Ok(records)
}

/// Lists pairs that had been in two clusters.
fn write_apart(records: &[Record], apart: &[Apart], mut out: impl std::io::Write) -> std::io::Result<()> {
    writeln!(out, "id\tother\tidentity")?;
    apart.iter().try_for_each(|Apart { records: [a, b], identity }| {
        writeln!(out, "{}\t{}\t{}", records[*a].id, records[*b].id, Number(*identity))
    })
}

/// Says what was compared, and what the result promises.
fn say(kind: Molecule, rule: &ClusterRule, records: &[Record], comparison: &Comparison) {
    let (distinct, alignments) = (comparison.distinct, comparison.alignments);
    let identity = rule.likeness.identity;
    if kind == Molecule::SmallMolecule {
        tracing::info!(
            "all pairs of {distinct} distinct molecules that can be alike, {alignments}, were compared: no two clusters hold a pair \
             at or above Tanimoto {identity}"
        );
        if comparison.unread > 0 {
            tracing::warn!("{} molecules could not be read, and are alone", comparison.unread);
        }
        return;
    }
    let (Some(word), Some(missed)) = (comparison.word, &comparison.missed) else {
        tracing::info!(
            "all pairs of {distinct} distinct sequences were compared with {alignments} alignments: no two clusters hold a pair \
             at or above identity {identity}"
        );
        return;
    };
    tracing::info!(
        "of {distinct} distinct sequences those were compared that share a word of {word} letters; {alignments} alignments"
    );
    let (pairs, left) = missed.left(distinct);
    let found = format!(
        "{} sequences were compared with all others: of {} pairs at or above identity {identity} {} were in two clusters",
        missed.drawn,
        missed.alike,
        missed.apart.len()
    );
    let Some(Apart { records: [a, b], .. }) = missed.apart.first() else {
        tracing::info!(
            "{found}; so of about {pairs:.0} pairs of all no more than {left:.0} are likely to be (95 %)"
        );
        return;
    };
    tracing::warn!(
        "{found} (`{}` and `{}` for one; --missed lists them), and are joined now; about {left:.0} of {pairs:.0} pairs of all \
         may be left: raise the identity, or give --compare all",
        records[*a].id,
        records[*b].id
    );
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
