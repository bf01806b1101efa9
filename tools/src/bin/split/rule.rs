//! The rules by which pairs are divided.

use std::num::NonZero;

use crossmamba::identity::{Families, Identity, Sequences};
use crossmamba::io::Source;
use crossmamba::pair::{Pair, PairTable, Sides, Task};
use crossmamba::split::{
    Divided, Draw, FixedFolds, FoldColumns, HeldOut, HoldOut, LeftOut, Negatives, RandomFolds, Split,
    Splitter as _, Stratify, Unseen,
};
use crossmamba::{Error, Result};
use crossmamba_tools::clusters::ClusterFiles;
use serde::Serialize;

/// Folds that are made where no number is given.
const FOLDS: u32 = 5;
/// Pairs that are shown when a table leaves some out.
const SHOWN: usize = 5;

const RANDOM: &str = "\
Examples:
  Five folds, and what their parts share:
    crossmamba-split random --folds 5 --seed 1 --pairs pairs.tsv --output splits.tsv \\
        --audit audit.tsv

Exit code: 0 done; 2 failed, and nothing was written.";

const HOLDOUT: &str = "\
Examples:
  A fifth of the pairs to test on, a tenth to validate on:
    crossmamba-split holdout --test 0.2 --validation 0.1 --seed 1 --pairs pairs.tsv \\
        --output splits.tsv

Exit code: 0 done; 2 failed, and nothing was written.";

const UNSEEN: &str = "\
Molecules of one cluster, of one sequence (where the sequences are given) or of one identifier are
held out together. In the regime `both` a pair whose RNA and partner are in two parts is in none
(unused); the search keeps as many pairs as it can, and the log says how many are lost. Sizes and
labels of the parts are evened out as far as whole clusters allow.

Examples:
  Five folds whose proteins are no relatives of those trained on:
    crossmamba-split unseen --regime partner --folds 5 --partner-clusters protein.clusters.tsv \\
        --pairs pairs.tsv --output splits.tsv

  A test part in which both molecules are new:
    crossmamba-split unseen --regime both --test 0.2 --validation 0.1 \\
        --rna-clusters rna.clusters.tsv --partner-clusters protein_cluster.tsv \\
        --pairs pairs.tsv --output splits.tsv --audit audit.tsv --rna rna.fa --partner protein.fa

Exit code: 0 done; 2 failed, and nothing was written.";

const NEGATIVES: &str = "\
The output holds the positive pairs, then the negative ones, and in its column `origin` where each
comes from: given, drawn-uniform or drawn-degree, and -apart where relatives were excluded.

Negatives are pairs of an RNA and a partner that each stand in a positive pair. None is positive, a
pair and its mirror are one between RNAs, and no molecule is paired with itself. With the sequences,
molecules of one sequence are one; with clusters, no negative is of two families that bind.

By degree each molecule is in as many negatives as positives (times --per-positive), so that how
often it binds tells nothing in the whole set; crossmamba-audit says what it still tells.

Examples:
  One negative for each positive, each molecule in as many negatives as positives:
    crossmamba-split negatives --draw degree --pairs positives.tsv --output pairs.tsv

  Ten for each, none of relatives of what binds:
    crossmamba-split negatives --draw uniform --per-positive 10 --pairs positives.tsv \\
        --rna-clusters rna.clusters.tsv --partner-clusters protein.clusters.tsv \\
        --output pairs.tsv

Exit code: 0 done; 2 failed, and nothing was written.";

const TABLE: &str = "\
Examples:
  Folds that a benchmark publishes; with the sequences the audit also finds twins under other
  names:
    crossmamba-split table --table folds.tsv --column cold_rna5 --rna-group-column rna_cluster \\
        --pairs pairs.tsv --output splits.tsv --audit audit.tsv --rna rna.fa \\
        --partner protein.fa

  The split that DataSAIL made of the same pairs:
    crossmamba-split table --table inter.tsv --column Split --pairs pairs.tsv --output splits.tsv

Exit code: 0 done; 1 done, but pairs to which the table gives two folds are unused; 2 failed, and
nothing was written.";

const AUDIT: &str = "\
Examples:
  What somebody else's split shares:
    crossmamba-split audit --splits theirs.tsv --pairs pairs.tsv --audit audit.tsv --rna rna.fa \\
        --partner protein.fa

Exit code: 0 done; 2 failed, and nothing was written.";

#[derive(Debug, clap::Subcommand, Serialize)]
#[serde(rename_all = "kebab-case", tag = "rule")]
pub(crate) enum Args {
    /// Make folds of equal size, at random
    #[command(after_long_help = RANDOM)]
    Random {
        /// Number of folds
        #[arg(long, short, value_name = "K", default_value = "5")]
        folds: NonZero<u32>,
        /// Seed of all random choices
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Whether all parts get the same mix of labels, of affinities by tenths [default: label, if there
        /// are labels]
        #[arg(long, value_enum)]
        stratify: Option<Stratify>,
    },
    /// Make one training, validation and test part, at random
    #[command(after_long_help = HOLDOUT)]
    Holdout {
        /// Share of the pairs to test on
        #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
        test: f64,
        /// Share of the pairs to validate on
        #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
        validation: f64,
        /// Seed of all random choices
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Whether all parts get the same mix of labels, of affinities by tenths [default: label, if there
        /// are labels]
        #[arg(long, value_enum)]
        stratify: Option<Stratify>,
    },
    /// Make folds, or one hold-out, whose test parts hold new RNAs, new partners, or both
    #[command(after_long_help = UNSEEN)]
    Unseen {
        /// What is new in each test part
        #[arg(long, value_enum)]
        regime: HeldOut,
        /// Number of folds [default: 5, without --test]
        #[arg(long, short, value_name = "K", conflicts_with = "test")]
        folds: Option<NonZero<u32>>,
        /// Share of the pairs to test on, for one hold-out in place of folds
        #[arg(long, value_name = "SHARE")]
        test: Option<f64>,
        /// Share of the pairs to validate on
        #[arg(long, value_name = "SHARE", default_value_t = 0.1, requires = "test")]
        validation: f64,
        /// Seed of all random choices
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        #[serde(skip)]
        clusters: ClusterFiles,
    },
    /// Read folds from a column of a table with `rna_id` and `partner_id`; pairs with an empty cell become unused
    #[command(after_long_help = TABLE)]
    Table {
        /// Table of pairs with tabs, commas or semicolons, such as the inter.tsv of `DataSAIL`
        #[arg(long, value_name = "FILE")]
        #[serde(skip)]
        table: Source,
        /// Column of the folds: numbers (and `train` for pairs that none tests), or words for training, validation and test
        #[arg(long, value_name = "NAME")]
        column: String,
        /// Column of RNA identifiers [default: `rna_id`, or the `E_ID` of `DataSAIL`]
        #[arg(long, value_name = "NAME")]
        #[serde(skip_serializing_if = "Option::is_none")]
        rna_column: Option<String>,
        /// Column of partner identifiers [default: `partner_id`, or the `F_ID` of `DataSAIL`]
        #[arg(long, value_name = "NAME")]
        #[serde(skip_serializing_if = "Option::is_none")]
        partner_column: Option<String>,
        /// Column of the RNAs' groups: whole numbers; inner validation parts are drawn by whole groups
        #[arg(long, value_name = "NAME")]
        rna_group_column: Option<String>,
        /// Column of the partners' groups: whole numbers; they are drawn by where the RNAs have none. With groups of both
        /// sides a fold learns from the pairs that share neither with its test part
        #[arg(long, value_name = "NAME")]
        partner_group_column: Option<String>,
    },
    /// Draw negative pairs for a table of positive ones, and make no split
    #[command(after_long_help = NEGATIVES)]
    Negatives {
        /// How the negatives are drawn
        #[arg(long, value_enum)]
        draw: Draw,
        /// Negatives for each positive
        #[arg(long, value_name = "N", default_value_t = 1.0)]
        per_positive: f64,
        /// Seed of all random choices
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        #[serde(skip)]
        clusters: ClusterFiles,
    },
    /// Audit a split that exists, and make none
    #[command(after_long_help = AUDIT)]
    Audit {
        /// Split to audit
        #[arg(long, value_name = "FILE")]
        #[serde(skip)]
        splits: Source,
    },
}

impl Args {
    /// Gives the files that the rule reads, and the roles they have.
    pub(crate) fn inputs(&self) -> Vec<(&'static str, &Source)> {
        match self {
            Self::Random { .. } | Self::Holdout { .. } => Vec::new(),
            Self::Unseen { clusters, .. } | Self::Negatives { clusters, .. } => clusters.inputs().collect(),
            Self::Table { table, .. } => vec![("table", table)],
            Self::Audit { splits } => vec![("splits", splits)],
        }
    }

    /// Gives the seed, if any.
    pub(crate) fn seed(&self) -> Option<u64> {
        match self {
            Self::Random { seed, .. }
            | Self::Holdout { seed, .. }
            | Self::Unseen { seed, .. }
            | Self::Negatives { seed, .. } => Some(*seed),
            Self::Table { .. } | Self::Audit { .. } => None,
        }
    }

    /// Divides the pairs; also gives the number of pairs that had to be left out because the rule contradicts
    /// itself.
    pub(crate) fn split(
        &self,
        pairs: &PairTable,
        molecules: &Identity,
        sequences: &Sequences,
    ) -> Result<(Split, u64)> {
        let by = |stratify: &Option<Stratify>| match stratify {
            Some(rule) => *rule,
            None if pairs.task.is_none() => Stratify::None,
            None => Stratify::Label,
        };
        match self {
            Self::Random { folds, seed, stratify } => {
                let rule = RandomFolds { folds: *folds, seed: *seed, stratify: by(stratify) };
                Ok((rule.split(pairs, molecules)?, 0))
            }
            Self::Holdout { test, validation, seed, stratify } => {
                let (test, validation) = (*test, *validation);
                let rule = HoldOut { test, validation, seed: *seed, stratify: by(stratify) };
                Ok((rule.split(pairs, molecules)?, 0))
            }
            Self::Unseen { regime, folds, test, validation, seed, clusters } => {
                let rule = match test {
                    Some(test) => Unseen::holdout(*regime, *test, *validation, *seed)?,
                    None => Unseen::folds(*regime, folds.map_or(FOLDS, NonZero::get), *seed),
                };
                let families = Families::of(pairs, molecules, sequences, &clusters.read()?)?;
                let (split, divided) = rule.split(pairs, molecules, &families)?;
                say(*regime, &divided, pairs);
                Ok((split, 0))
            }
            Self::Table {
                table,
                column,
                rna_column,
                partner_column,
                rna_group_column,
                partner_group_column,
            } => {
                let columns = FoldColumns {
                    ids: Sides::new(rna_column.as_deref(), partner_column.as_deref()),
                    fold: column,
                    groups: Sides::new(rna_group_column.as_deref(), partner_group_column.as_deref()),
                };
                let rule = FixedFolds::read(table, columns)?;
                let Sides { rna, partner } = rule.ids();
                if (rna.as_str(), partner.as_str()) != ("rna_id", "partner_id") {
                    tracing::info!("RNAs are those of `{rna}`, partners those of `{partner}`");
                }
                let split = rule.split(pairs, molecules)?;
                if rule.numbers().iter().zip(0..).any(|(&number, place)| number != place) {
                    let numbers: Vec<String> = rule.numbers().iter().map(u32::to_string).collect();
                    tracing::info!(
                        "folds {} of `{column}` became 0 to {}",
                        numbers.join(", "),
                        numbers.len() - 1
                    );
                }
                Ok((split, report(&rule.left_out(pairs), pairs)))
            }
            Self::Audit { splits } => Ok((Split::read(splits, pairs)?, 0)),
            Self::Negatives { .. } => Err(Error::defect("dividing the pairs", "negatives are no split")),
        }
    }

    /// Draws negatives, where that is the rule; also gives the words that say how.
    pub(crate) fn negatives(
        &self,
        pairs: &PairTable,
        molecules: &Identity,
        sequences: &Sequences,
    ) -> Result<Option<(Vec<Pair>, String)>> {
        let Self::Negatives { draw, per_positive, seed, clusters } = self else {
            return Ok(None);
        };
        let clusters = clusters.read()?;
        let families = Families::of(pairs, molecules, sequences, &clusters)?.identity(molecules);
        let rule = Negatives { draw: *draw, per_positive: *per_positive, seed: *seed };
        let drawn = rule.draw(pairs, molecules, &families)?;
        let how = match draw {
            Draw::Uniform => "drawn-uniform",
            Draw::Degree => "drawn-degree",
        };
        let apart = if clusters.rna.is_some() || clusters.partner.is_some() { "-apart" } else { "" };
        Ok(Some((drawn, format!("{how}{apart}"))))
    }
}

/// Says how even the parts are, and what they cost.
fn say(regime: HeldOut, divided: &Divided, pairs: &PairTable) {
    let (families, lost, all) = (divided.families, divided.lost, pairs.pairs.len());
    tracing::info!(
        "{families} families of {} stay whole; the largest has {} pairs",
        regime.words(),
        divided.largest
    );
    if lost > 0 {
        let share = 100.0 * lost as f64 / all as f64;
        tracing::warn!(
            "{lost} of {all} pairs ({share:.0} %) are unused, because their molecules are in two parts; fewer folds lose less"
        );
    }
    if pairs.task == Some(Task::Classification) {
        for (part, [size, positive]) in &divided.parts {
            if *positive == 0 || positive == size {
                tracing::warn!(
                    "part {part} has {size} pairs, of which {positive} are positive: no ranking can be measured in it"
                );
            }
        }
    }
    let sizes = divided.parts.iter().map(|(_, [size, _])| *size);
    let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
    let folds = divided.parts.iter().all(|(part, _)| part.fold().is_some());
    if folds && most > 2 * least {
        tracing::warn!(
            "the folds have {least} to {most} pairs: the largest of {families} families has {} of {all}; fewer folds, or a \
             higher identity of clusters, would be more even",
            divided.largest
        );
    }
}

/// Warns of pairs whose mirror plays another part.
pub(crate) fn warn_of_divided_mirrors(split: &Split, pairs: &PairTable, molecules: &Identity) {
    let divided = split.divided_mirrors(molecules);
    let named = |&(first, mirror): &(usize, usize)| {
        let Pair { rna, partner, .. } = &pairs.pairs[first];
        let parts = [first, mirror].map(|pair| split.parts()[pair]);
        format!("`{rna} {partner}` ({}, and {} in the other order)", parts[0], parts[1])
    };
    if !divided.is_empty() {
        let shown = divided.iter().take(SHOWN).map(named).collect::<Vec<_>>().join(", ");
        let more = if divided.len() > SHOWN { ", …" } else { "" };
        tracing::warn!(
            "{} pair(s) are in two parts, because between RNAs a pair is the same in either order: {shown}{more}; give both \
             rows one fold, or remove one of them",
            divided.len()
        );
    }
}

/// Says which pairs take no part, and counts those about which the table contradicts itself.
fn report(left_out: &[(usize, LeftOut)], pairs: &PairTable) -> u64 {
    let mut contradictory = 0;
    for (what, why) in [
        (LeftOut::Unused, "the table gives them no fold"),
        (LeftOut::Contradictory, "the table gives them two folds"),
    ] {
        let found: Vec<&Pair> =
            left_out.iter().filter(|(_, reason)| *reason == what).map(|&(i, _)| &pairs.pairs[i]).collect();
        if found.is_empty() {
            continue;
        }
        let names = found.iter().take(SHOWN).map(|pair| format!("`{} {}`", pair.rna, pair.partner));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = if found.len() > SHOWN { ", …" } else { "" };
        tracing::warn!("{} of {} pairs are unused, {why}: {names}{more}", found.len(), pairs.pairs.len());
        if what == LeftOut::Contradictory {
            contradictory = found.len() as u64;
        }
    }
    contradictory
}
