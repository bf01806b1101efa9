//! Holds pairs of molecules and what is known about them.

mod read;
mod side;
mod task;
mod unit;

use std::io::Write;
use std::path::{Path, PathBuf};

pub use side::{Side, Sides};
pub use task::Task;
pub use unit::{Unit, doubt};

use crate::io::{AtomicFile, Source};
use crate::record::RecordId;
use crate::{Error, Place, Result};

/// Two molecules, by their identifiers, and perhaps a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The RNA.
    pub rna: RecordId,
    /// The protein, small molecule or other RNA.
    pub partner: RecordId,
    /// 0 or 1 for a classification, a finite number (pKd) for an affinity.
    pub label: Option<f64>,
}

impl Pair {
    /// Gives the molecule of a side.
    pub const fn id(&self, side: Side) -> &RecordId {
        match side {
            Side::Rna => &self.rna,
            Side::Partner => &self.partner,
        }
    }
}

/// The pairs of a file in their order; no pair stands in it twice.
#[derive(Debug, Clone, Default)]
pub struct PairTable {
    /// The pairs.
    pub pairs: Vec<Pair>,
    /// What the labels are; `None` when no pair has one.
    pub task: Option<Task>,
    /// The unit of the affinities, where the table names one in a column `unit`.
    pub unit: Option<String>,
    path: PathBuf,
}

impl PairTable {
    /// Makes a table of pairs that do not come from a file; the labels tell the task.
    pub fn new(pairs: Vec<Pair>) -> Self {
        let task = Task::of(pairs.iter().filter_map(|pair| pair.label));
        Self { pairs, task, unit: None, path: PathBuf::from("pairs") }
    }

    /// Reads a tab-separated table with the columns `rna_id`, `partner_id` and perhaps `label` and `unit`; others are
    /// ignored. The file may be compressed; `-` is standard input.
    ///
    /// ```
    /// use crossmamba::pair::{PairTable, Task};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("pairs.tsv");
    /// std::fs::write(&path, "rna_id\tpartner_id\tlabel\nr\tp\t1\n")?;
    /// assert_eq!(PairTable::read(&path)?.task, Some(Task::Classification));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A missing column, a row of another width, an empty identifier, a label that is not a finite number, a second
    /// unit, a pair that stands in the table twice, or no pair at all. The error names the line.
    pub fn read(source: impl Into<Source>) -> Result<Self> {
        let source = source.into();
        let (pairs, unit) = read::read(&source)?;
        Ok(Self { path: source.path().to_path_buf(), unit, ..Self::new(pairs) })
    }

    /// Writes the table: a header, then one line for each pair; the label column is there when a pair has a
    /// label, the unit's when there is a unit.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut file = AtomicFile::create(&path)?;
        self.write_to(&mut file).map_err(Error::io("write", path))?;
        file.commit()
    }

    /// Writes the table as [`PairTable::write`] does.
    pub fn write_to(&self, mut out: impl Write) -> std::io::Result<()> {
        let labelled = self.task.is_some();
        let unit = self.unit.as_ref().filter(|_| labelled);
        let mut header = "rna_id\tpartner_id".to_owned();
        header.push_str(if labelled { "\tlabel" } else { "" });
        header.push_str(if unit.is_some() { "\tunit" } else { "" });
        writeln!(out, "{header}")?;
        for pair in &self.pairs {
            write!(out, "{}\t{}", pair.rna, pair.partner)?;
            match pair.label {
                Some(label) => write!(out, "\t{label}")?,
                None if labelled => write!(out, "\t")?,
                None => {}
            }
            match unit {
                Some(unit) => writeln!(out, "\t{unit}")?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }

    /// Gives the labels and what they are.
    ///
    /// # Errors
    /// A pair without a label.
    pub fn require_labels(&self) -> Result<(Task, Vec<f64>)> {
        let place = || Place::file(&self.path);
        let Some(task) = self.task else {
            return Err(place().error("has no labels", "add a column `label`"));
        };
        let labels = self.pairs.iter().map(|pair| {
            pair.label.ok_or_else(|| {
                place()
                    .record(format!("{} {}", pair.rna, pair.partner))
                    .error("has no label", "add it or remove the pair")
            })
        });
        Ok((task, labels.collect::<Result<_>>()?))
    }

    /// Gives the line of a pair in its file: below the header each pair has one line.
    pub fn line(&self, at: usize) -> u64 {
        at as u64 + 2
    }

    /// Gives the file that the pairs came from, for errors about them.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
