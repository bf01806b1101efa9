//! Writes the predictions, and the pairs that could not be scored.

use std::path::PathBuf;

use crossmamba::io::{AtomicFile, Cell, Holds, TableForm};
use crossmamba::nn::Sides;
use crossmamba::nn::bundle::{Bundle, Prediction, Trust};
use crossmamba::nn::device::Device;
use crossmamba::nn::predict::Sink;
use crossmamba::pair::Task;
use crossmamba::prediction::{Columns, Predicted, Row, Trusted, Writer};
use crossmamba::provenance::Provenance;
use crossmamba::{Error, Result};

use super::Settings;
use super::candidates::{Candidates, Reject};
use super::given::{Molecules, molecules};
use super::page::{Kind, Known, Page};
use crossmamba_tools::kit::Rejects;

/// The tables, which appear together at the end.
pub(super) struct Output {
    form: TableForm,
    table: AtomicFile,
    rejects: Rejects,
    html: Option<AtomicFile>,
    page: Option<Page>,
}

/// Writes one row per prediction that it takes.
pub(super) struct Rows<'a> {
    path: PathBuf,
    table: Writer<'a, &'a mut AtomicFile>,
    page: Option<&'a mut Page>,
    candidates: &'a Candidates,
    bundles: &'a [Bundle],
    coverage: f64,
    task: Task,
    /// The rows so far.
    count: u64,
}

impl Output {
    /// Starts both tables, so that an output that cannot be written is known before the work.
    pub(super) fn create(settings: &Settings) -> Result<Self> {
        let table = AtomicFile::create(&settings.output)?;
        let rejects = Rejects::create(settings.rejects.as_deref())?;
        let html = settings.html.as_deref().map(AtomicFile::create).transpose()?;
        Ok(Self { form: settings.form, table, rejects, html, page: None })
    }

    /// Writes the header of the table, and gives what takes its rows.
    pub(super) fn rows<'a>(
        &'a mut self,
        candidates: &'a Candidates,
        bundles: &'a [Bundle],
        coverage: f64,
        task: Task,
        unit: Option<&'a str>,
    ) -> Result<Rows<'a>> {
        let path = self.table.path().to_owned();
        let columns = Columns { label: candidates.labelled(), fold: false, task, unit, trust: true };
        let table =
            Writer::start_as(self.form, &mut self.table, columns).map_err(Error::io("write", &path))?;
        let (kind, value, names): (Kind, &str, &[&str]) = match task {
            Task::Classification => (Kind::Probability, "probability", &["score", "probability"]),
            Task::Affinity => (Kind::Affinity, "affinity", &["affinity", "low", "high"]),
        };
        let label = candidates.labelled().then_some("label");
        let numbers = label.into_iter().chain(names.iter().copied()).map(|name| (name, Holds::Number));
        let columns: Vec<(&str, Holds)> = numbers.chain(Trusted::columns(task)).collect();
        self.page = self.html.take().map(|file| Page::start(file, kind, &columns, value));
        Ok(Rows { path, table, page: self.page.as_mut(), candidates, bundles, coverage, task, count: 0 })
    }

    /// Opens or embeds the molecules; those that cannot be used are listed.
    pub(super) fn molecules(
        &mut self,
        settings: &Settings,
        bundle: &Bundle,
        device: &Device,
    ) -> Result<Sides<Molecules>> {
        molecules(settings, bundle, device, &mut self.rejects)
    }

    /// Lists what could not be scored, and gives the number of all rejects.
    pub(super) fn reject(&mut self, rejects: &[Reject]) -> Result<u64> {
        for Reject { file, line, id, fault } in rejects {
            self.rejects.add(file, *line, id.as_bytes(), fault)?;
        }
        Ok(self.rejects.total())
    }

    /// Gives the files, to be committed with their record.
    pub(super) fn into_files(
        self,
        known: &Known<'_>,
        record: &Provenance,
    ) -> Result<impl Iterator<Item = AtomicFile>> {
        let page = self.page.map(|page| page.finish(known, record)).transpose()?;
        let record = record.file_beside(self.table.path())?;
        Ok(self.rejects.into_file().into_iter().chain([self.table]).chain(page).chain(record))
    }
}

impl Rows<'_> {
    /// Ends the table, and gives the number of its rows.
    pub(super) fn finish(self) -> Result<u64> {
        self.table.finish().map_err(Error::io("write", &self.path))?;
        Ok(self.count)
    }

    /// Gives what is predicted.
    pub(super) fn task(&self) -> Task {
        self.task
    }

    fn trusted(&self, trust: Trust) -> Option<Trusted> {
        self.bundles.get(trust.bundle)?.trusted(&trust)
    }

    /// Gives the bounds of an affinity, by the bundle that knows the pair best.
    fn interval(&self, prediction: &Prediction) -> Option<(f64, f64)> {
        let bundle = self.bundles.get(prediction.trust.map_or(0, |trust| trust.bundle))?;
        bundle.interval(prediction, self.coverage)
    }
}

impl Sink for Rows<'_> {
    fn take(&mut self, place: u64, prediction: Prediction) -> Result<()> {
        let (Sides { rna, partner }, label) = self.candidates.pair(place);
        let predicted = prediction.of_task(self.task);
        let trusted = prediction.trust.and_then(|trust| self.trusted(trust));
        let interval = if self.task == Task::Affinity { self.interval(&prediction) } else { None };
        if let Some(page) = &mut self.page {
            let label = self.candidates.labelled().then(|| label.map_or(Cell::Unknown, Cell::Exact));
            let values = match predicted {
                Predicted::Interaction { score, probability } => {
                    vec![score.map_or(Cell::Unknown, Cell::Number), Cell::Number(probability)]
                }
                Predicted::Affinity(value) => {
                    let bounds = interval.map(|(low, high)| [low, high].map(Cell::Number));
                    [Cell::Number(value)].into_iter().chain(bounds.unwrap_or([Cell::Unknown; 2])).collect()
                }
            };
            let trust = Trusted::cells(trusted.as_ref(), self.task);
            let cells: Vec<Cell<'_>> = label.into_iter().chain(values).chain(trust).collect();
            page.row(Sides { rna, partner }, &cells)?;
        }
        let (rna, partner) = (rna.clone(), partner.clone());
        let row = Row { rna, partner, label, fold: None, predicted, interval, trusted };
        self.count += 1;
        self.table.row(&row).map_err(Error::io("write", &self.path))
    }
}
