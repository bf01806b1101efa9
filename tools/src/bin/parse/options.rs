//! The options of every command that reads a table: where its columns are, and what its labels mean.

use crossmamba::io::{Column, Delimiter, Dialect};
use crossmamba::pair::Unit;
use crossmamba::{Error, Result};

use crate::labels::{Inexact, LabelRules, TaskRule};
use crate::merge::{MirrorRule, Replicates};

/// The place of the label among the wanted columns of every table.
pub(crate) const LABEL: usize = 2;

/// What is typed about a table.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The table")]
pub(crate) struct TableArgs {
    /// Column of labels [default: label, or 3 with --no-header, if there is one]
    #[arg(long, value_name = "NAME")]
    pub(crate) label_column: Option<String>,

    /// The table has no header; its columns are named by their numbers, from 1
    #[arg(long)]
    no_header: bool,

    /// What separates the cells
    #[arg(long, value_enum, default_value_t = Delimiter::Auto)]
    delimiter: Delimiter,

    /// Read `6,5` as 6.5
    #[arg(long)]
    decimal_comma: bool,
}

/// What is typed about labels.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Labels")]
pub(crate) struct LabelArgs {
    /// What the labels are; auto takes classification if all are 0 or 1, or words such as yes and no
    #[arg(long, value_enum, default_value_t = TaskRule::Auto)]
    task: TaskRule,

    /// The label that is positive; every other label is negative
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    positive: Option<String>,

    /// Unit of labels that are concentrations (Kd, Ki, IC50), which become −log10 of mol/L, as a pKd is given
    #[arg(long, value_enum)]
    unit: Option<Unit>,

    /// What becomes of labels that are bounds (`>10000`) or hold an uncertainty (`5.2±0.3`) [default: reject]
    #[arg(long, value_enum)]
    inexact: Option<Inexact>,

    /// Affinity: what becomes of several measurements of one pair
    #[arg(long, value_enum, default_value_t = Replicates::Mean)]
    pub(crate) replicates: Replicates,

    /// Whether A–B and B–A are one pair; auto takes them for one where each identifier has the same sequence on both
    /// sides or, where sequences are not known, is a name and no mere number
    #[arg(long, value_enum, default_value_t = MirrorRule::Auto)]
    mirrors: MirrorRule,
}

impl TableArgs {
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect { delimiter: self.delimiter, header: !self.no_header }
    }

    /// Asks for the column of labels.
    pub(crate) fn label(name: Option<&str>) -> Column<'_> {
        Column::optional("--label-column", name, &["label"], LABEL + 1)
    }
}

impl LabelArgs {
    /// Resolves and checks what was asked for.
    pub(crate) fn rules(self, table: &TableArgs) -> Result<LabelRules> {
        let wrong =
            |name: &'static str, problem, remedy: &'static str| Err(Error::setting(name, problem, remedy));
        if self.task == TaskRule::Classification || self.positive.is_some() {
            if self.replicates != Replicates::Mean {
                return wrong("--replicates", "is about affinities", "leave it out for a classification");
            }
            if self.unit.is_some() {
                return wrong("--unit", "is about affinities", "leave it out for a classification");
            }
        }
        if self.positive.is_some() && self.task == TaskRule::Affinity {
            return wrong("--positive", "is about classifications", "leave it out for an affinity");
        }
        Ok(LabelRules {
            task: match (self.task, &self.positive, self.unit) {
                (TaskRule::Auto, Some(_), _) => TaskRule::Classification,
                (TaskRule::Auto, None, Some(_)) => TaskRule::Affinity,
                (task, ..) => task,
            },
            positive: self.positive.map(|value| value.trim().to_owned()),
            unit: self.unit,
            inexact: self.inexact,
            decimal_comma: table.decimal_comma,
            mirrors: self.mirrors,
        })
    }
}
