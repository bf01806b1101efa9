//! The rules by which pairs are divided.

use std::num::NonZero;

use crossmamba::Result;
use crossmamba::identity::Identity;
use crossmamba::io::Source;
use crossmamba::pair::{Pair, PairTable, Sides};
use crossmamba::split::{
    FixedFolds, FoldColumns, HoldOut, LeftOut, RandomFolds, Split, Splitter as _, Stratify,
};
use serde::Serialize;

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
    /// Read folds from a column of a table with `rna_id` and `partner_id`; pairs with an empty cell become unused
    #[command(after_long_help = TABLE)]
    Table {
        /// Table of pairs with tabs, commas or semicolons, such as the inter.tsv of `DataSAIL`
        #[arg(long, value_name = "FILE")]
        #[serde(skip)]
        table: Source,
        /// Column of the folds: numbers, or words for training, validation and test
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
        /// Column of the partners' groups: whole numbers; they are drawn by where the RNAs have none
        #[arg(long, value_name = "NAME")]
        partner_group_column: Option<String>,
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
    /// Gives the file that the rule reads, if any, and the role it has.
    pub(crate) fn input(&self) -> Option<(&'static str, &Source)> {
        match self {
            Self::Random { .. } | Self::Holdout { .. } => None,
            Self::Table { table, .. } => Some(("table", table)),
            Self::Audit { splits } => Some(("splits", splits)),
        }
    }

    /// Gives the seed, if any.
    pub(crate) fn seed(&self) -> Option<u64> {
        match self {
            Self::Random { seed, .. } | Self::Holdout { seed, .. } => Some(*seed),
            Self::Table { .. } | Self::Audit { .. } => None,
        }
    }

    /// Divides the pairs; also gives the number of pairs that had to be left out because the rule contradicts
    /// itself.
    pub(crate) fn split(&self, pairs: &PairTable, molecules: &Identity) -> Result<(Split, u64)> {
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
        }
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
