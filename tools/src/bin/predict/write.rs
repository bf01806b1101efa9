//! Writes the predictions, and the pairs that could not be scored.

use std::io::{self, Write as _};
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

/// The tables, which appear together at the end.
pub(super) struct Output {
    table: AtomicFile,
    rejects: Option<AtomicFile>,
}

/// Writes one row per prediction that it takes.
pub(super) struct Rows<'a> {
    path: PathBuf,
    table: Writer<&'a mut AtomicFile>,
    candidates: &'a Candidates,
    task: Task,
    /// The rows so far.
    pub(super) count: u64,
}

impl Output {
    /// Starts both tables, so that an output that cannot be written is known before the work.
    pub(super) fn create(settings: &Settings) -> Result<Self> {
        let table = AtomicFile::create(&settings.output)?;
        Ok(Self { table, rejects: settings.rejects().map(AtomicFile::create).transpose()? })
    }

    /// Writes the header of the table, and gives what takes its rows.
    pub(super) fn rows<'a>(&'a mut self, candidates: &'a Candidates, task: Task) -> Result<Rows<'a>> {
        let path = self.table.path().to_owned();
        let columns = Columns { label: candidates.labelled(), fold: false, task };
        let table = Writer::start(&mut self.table, columns).map_err(Error::io("write", &path))?;
        Ok(Rows { path, table, candidates, task, count: 0 })
    }

    /// Lists what could not be scored.
    pub(super) fn rejects(&mut self, rejects: &[Reject]) -> Result<()> {
        let Some(file) = &mut self.rejects else { return Ok(()) };
        let path = file.path().to_owned();
        let mut list = || -> io::Result<()> {
            writeln!(file, "rna_id\tpartner_id\treason")?;
            for Reject { ids, reason } in rejects {
                let Sides { rna, partner } = ids.as_ref().map(|id| id.as_ref().map_or("", |id| id.as_str()));
                writeln!(file, "{rna}\t{partner}\t{reason}")?;
            }
            Ok(())
        };
        list().map_err(Error::io("write", path))
    }

    pub(super) fn commit(self, record: &Provenance) -> Result<()> {
        let path = self.table.path().to_owned();
        if let Some(rejects) = self.rejects {
            rejects.commit()?;
        }
        self.table.commit()?;
        record.write_beside(&path)
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
