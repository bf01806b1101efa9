//! Writes the predictions, and the pairs that could not be scored.

use std::path::PathBuf;

use crossmamba::io::AtomicFile;
use crossmamba::nn::Sides;
use crossmamba::nn::bundle::Prediction;
use crossmamba::nn::predict::Sink;
use crossmamba::pair::Task;
use crossmamba::prediction::{Columns, Row, Writer};
use crossmamba::provenance::Provenance;
use crossmamba::{Error, Result};

use super::Settings;
use super::candidates::{Candidates, Reject};
use super::settings::rejects_beside;
use crossmamba_tools::kit::Rejects;

/// The tables, which appear together at the end.
pub(super) struct Output {
    table: AtomicFile,
    rejects: Rejects,
}

/// Writes one row per prediction that it takes.
pub(super) struct Rows<'a> {
    path: PathBuf,
    table: Writer<'a, &'a mut AtomicFile>,
    candidates: &'a Candidates,
    task: Task,
    /// The rows so far.
    pub(super) count: u64,
}

impl Output {
    /// Starts both tables, so that an output that cannot be written is known before the work.
    pub(super) fn create(settings: &Settings) -> Result<Self> {
        let table = AtomicFile::create(&settings.output)?;
        Ok(Self { table, rejects: Rejects::create(rejects_beside(&settings.output).as_deref())? })
    }

    /// Writes the header of the table, and gives what takes its rows.
    pub(super) fn rows<'a>(
        &'a mut self,
        candidates: &'a Candidates,
        task: Task,
        unit: Option<&'a str>,
    ) -> Result<Rows<'a>> {
        let path = self.table.path().to_owned();
        let columns = Columns { label: candidates.labelled(), fold: false, task, unit };
        let table = Writer::start(&mut self.table, columns).map_err(Error::io("write", &path))?;
        Ok(Rows { path, table, candidates, task, count: 0 })
    }

    /// Lists what could not be scored.
    pub(super) fn rejects(&mut self, rejects: &[Reject]) -> Result<()> {
        rejects.iter().try_for_each(|Reject { file, line, id, fault }| {
            self.rejects.add(file, *line, id.as_bytes(), fault)
        })
    }

    /// Gives the files, to be committed with their record.
    pub(super) fn into_files(self, record: &Provenance) -> Result<impl Iterator<Item = AtomicFile>> {
        let record = record.file_beside(self.table.path())?;
        Ok(self.rejects.into_file().into_iter().chain([self.table]).chain(record))
    }
}

impl Rows<'_> {
    /// Gives what is predicted.
    pub(super) fn task(&self) -> Task {
        self.task
    }
}

impl Sink for Rows<'_> {
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()> {
        let (Sides { rna, partner }, label) = self.candidates.pair(place);
        let (rna, partner) = (rna.clone(), partner.clone());
        let row = Row { rna, partner, label, fold: None, predicted: prediction.of_task(self.task) };
        self.count += 1;
        self.table.row(&row).map_err(Error::io("write", &self.path))
    }
}
