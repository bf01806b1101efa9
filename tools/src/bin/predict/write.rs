//! Writes the predictions, and the pairs that could not be scored.

use std::io::Write as _;
use std::ops::Range;

use crossmamba::io::AtomicFile;
use crossmamba::nn::bundle::Prediction;
use crossmamba::nn::{Dataset, Side, Sides};
use crossmamba::pair::{Pair, PairTable, Task};
use crossmamba::prediction::{Columns, Row, Writer};
use crossmamba::provenance::Provenance;
use crossmamba::{Error, Result};

use super::Settings;

/// The tables, which appear together at the end.
pub(super) struct Output {
    table: AtomicFile,
    rejects: Option<AtomicFile>,
}

impl Output {
    /// Starts both tables, so that an output that cannot be written is known before the work.
    pub(super) fn create(settings: &Settings) -> Result<Self> {
        let table = AtomicFile::create(&settings.output)?;
        Ok(Self { table, rejects: settings.rejects().map(AtomicFile::create).transpose()? })
    }

    pub(super) fn predictions(
        &mut self,
        pairs: &PairTable,
        scored: &[usize],
        predictions: &[Prediction],
        task: Task,
    ) -> Result<()> {
        let path = self.table.path().to_owned();
        let columns = Columns { label: pairs.task.is_some(), fold: false, task };
        let rows = scored.iter().zip(predictions).map(|(&at, prediction)| {
            let Pair { rna, partner, label } = pairs.pairs[at].clone();
            Row { rna, partner, label, fold: None, predicted: prediction.of_task(task) }
        });
        let mut table = Writer::start(&mut self.table, columns).map_err(Error::io("write", &path))?;
        rows.into_iter().try_for_each(|row| table.row(&row)).map_err(Error::io("write", &path))
    }

    /// Lists the pairs of a range that lack a molecule.
    pub(super) fn rejects(&mut self, pairs: &PairTable, taken: Range<usize>, data: &Dataset) -> Result<()> {
        let Some(file) = &mut self.rejects else { return Ok(()) };
        let mut text = String::from("rna_id\tpartner_id\treason\n");
        for (at, pair) in taken.clone().zip(&pairs.pairs[taken]) {
            if data.pair(at).is_none() {
                let missing: Vec<&str> = Side::BOTH
                    .into_iter()
                    .filter(|&side| {
                        let ids = Sides::new(&pair.rna, &pair.partner);
                        !data.table(side).has(ids[side])
                    })
                    .map(Side::name)
                    .collect();
                let reason = format!("the {} is not in its store", missing.join(" and the "));
                text.push_str(&format!("{}\t{}\t{reason}\n", pair.rna, pair.partner));
            }
        }
        let path = file.path().to_owned();
        file.write_all(text.as_bytes()).map_err(Error::io("write", path))
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
