//! Reads how trainings went, epoch by epoch.

use std::path::Path;

use crate::Result;
use crate::io::{Source, TsvReader, TsvRow};

/// How the training of one fold went.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The name of the fold.
    pub fold: String,
    /// For each member of the ensemble, its epochs.
    pub members: Vec<Vec<Epoch>>,
}

/// What one epoch came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Its number, from 1 on.
    pub number: f64,
    /// The mean loss on the training pairs.
    pub loss: f64,
    /// The loss on the validation pairs; NaN without any.
    pub validation_loss: f64,
    /// The measure on the validation pairs: AUROC, or Pearson's correlation; NaN without any.
    pub measure: f64,
}

impl Course {
    /// Reads the log of a training, `training.tsv`.
    ///
    /// ```
    /// use crossmamba::report::Course;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("training.tsv");
    /// let text = "member\tepoch\tloss\tvalidation_loss\tvalidation_metric\n0\t1\t0.2\t0.3\t0.7\n0\t2\t0.1\tNA\tNA\n";
    /// std::fs::write(&path, text).unwrap();
    /// let course = Course::read("0", &path).unwrap();
    /// assert_eq!((course.members[0].len(), course.members[0][1].loss), (2, 0.1));
    /// ```
    ///
    /// # Errors
    /// A table that cannot be read or is no log of a training.
    pub fn read(fold: &str, path: &Path) -> Result<Self> {
        let mut table = TsvReader::open(Source::from(path))?;
        let [member, epoch, loss, validation, measure] =
            ["member", "epoch", "loss", "validation_loss", "validation_metric"];
        let columns = [member, epoch, loss, validation, measure].map(|name| table.require(name));
        let [member, epoch, loss, validation, measure] = columns;
        let (member, epoch, loss) = (member?, epoch?, loss?);
        let (validation, measure) = (validation?, measure?);
        let mut members: Vec<Vec<Epoch>> = Vec::new();
        let mut last = None;
        while let Some(row) = table.next_row()? {
            // The rows of a member stand together.
            let own = row.get(member).to_owned();
            if last.as_ref() != Some(&own) {
                members.push(Vec::new());
                last = Some(own);
            }
            let epoch = Epoch {
                number: number(&row, epoch)?,
                loss: number(&row, loss)?,
                validation_loss: number(&row, validation)?,
                measure: number(&row, measure)?,
            };
            if let Some(epochs) = members.last_mut() {
                epochs.push(epoch);
            }
        }
        Ok(Self { fold: fold.to_owned(), members })
    }
}

/// Reads a number; NaN where it is not known.
fn number(row: &TsvRow<'_>, column: usize) -> Result<f64> {
    match row.get(column) {
        "NA" | "" => Ok(f64::NAN),
        text => text.parse().map_err(|_| {
            row.place().error(
                format!("`{}` is not a number", text.escape_debug()),
                "take the file as training wrote it",
            )
        }),
    }
}
