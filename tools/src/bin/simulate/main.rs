//! Makes a positive control: RNAs, partners and labelled pairs with planted, documented binding rules.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use crossmamba::Error;
use crossmamba::provenance::{Provenance, beside};
use crossmamba::simulate::{Kind, Settings, files, outputs, simulate};
use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};

const EXAMPLES: &str = "\
Examples:
  A set of RNA-protein pairs for trying the chain; rules.md in the folder explains what was
  planted:
    crossmamba-simulate --output simulated

  Pairs in which neither molecule alone says anything about the label:
    crossmamba-simulate --interaction-only --output interaction

  RNAs and small molecules with affinities (pKd), measured with an error of 0.5:
    crossmamba-simulate --kind rna-small-molecule --noise 0.5 --output affinity

  A small, easy set: 2 classes of binding rule need 10 families:
    crossmamba-simulate --classes 2 --families 10 --rna 40 --partners 40 --pairs 200 --noise 0 \\
        --output small

The folder then holds rna.fa; protein.fa, molecules.smi or rna2.fa; pairs.tsv (rna_id, partner_id,
label); folds.tsv (folds at random and by unseen family); rules.md, rules.tsv and planted.tsv (the
truth); and beside each a record of how it was made.

Exit code: 0 done; 2 failed.";

/// Make a positive control: RNAs, partners and labelled pairs with planted, documented binding rules
#[derive(Debug, Parser)]
#[command(name = "crossmamba-simulate", version, after_long_help = EXAMPLES)]
struct Args {
    /// What the RNAs are paired with
    #[arg(long, value_enum, default_value_t = Kind::RnaProtein)]
    kind: Kind,

    /// Number of RNAs
    #[arg(long, value_name = "N", default_value_t = 400)]
    rna: usize,

    /// Number of partners
    #[arg(long, value_name = "N", default_value_t = 400)]
    partners: usize,

    /// Number of pairs
    #[arg(long, value_name = "N", default_value_t = 3200)]
    pairs: usize,

    /// Number of families on each side: a multiple of 5 × classes [default: 10 × classes]
    #[arg(long, value_name = "N")]
    families: Option<usize>,

    /// Number of classes of binding rule, 2 to 8
    #[arg(long, value_name = "N", default_value_t = 8)]
    classes: usize,

    /// Share of molecules that have lost their sites or domain [default: 0.1; 0 with --interaction-only]
    #[arg(long, value_name = "SHARE")]
    decoys: Option<f64>,

    /// Share of wrong labels, or the standard deviation of the pKd [default: 0.05, or 0.3 for pKd]
    #[arg(long, value_name = "NUMBER")]
    noise: Option<f64>,

    /// Put each molecule into as many positives as negatives: neither side alone tells the label
    #[arg(long)]
    interaction_only: bool,

    /// Seed of all random choices
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Folder to write; it is created, inside a folder that exists
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,

    #[command(flatten)]
    common: Common,
}

impl Args {
    fn settings(&self) -> Settings {
        let defaults = Settings::new(self.kind);
        Settings {
            kind: self.kind,
            rna: self.rna,
            partners: self.partners,
            pairs: self.pairs,
            families: self.families.unwrap_or(self.classes.saturating_mul(10)),
            classes: self.classes,
            decoys: self.decoys.unwrap_or(if self.interaction_only { 0.0 } else { defaults.decoys }),
            noise: self.noise.unwrap_or(defaults.noise),
            interaction_only: self.interaction_only,
            seed: self.seed,
        }
    }
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-simulate";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        let written = outputs(self.settings().kind, &self.output);
        let records = written.iter().map(|path| beside(path)).collect::<Vec<_>>();
        Files::new().fills(written).fills(records)
    }

    fn run(self) -> anyhow::Result<Outcome> {
        let settings = self.settings();
        let folder = &self.output;
        let set = simulate(&settings)?;
        if !folder.is_dir() {
            std::fs::create_dir(folder).map_err(Error::io("create the folder", folder))?;
        }

        let mut provenance = Provenance::new(Self::NAME, &settings);
        provenance.seed(settings.seed);
        let written = files(&set, folder, &provenance)?;
        let binding = set.pairs.iter().filter(|pair| pair.binds).count();
        tracing::info!(
            "{} RNAs, {} partners, {} pairs, {binding} of them binding; {} explains the rule",
            set.rna.len(),
            set.partners.len(),
            set.pairs.len(),
            folder.join("rules.md").display()
        );
        Ok(Outcome::done()
            .figure("rna", set.rna.len())
            .figure("partners", set.partners.len())
            .figure("pairs", set.pairs.len())
            .figure("binding", binding)
            .outputs(written))
    }
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
