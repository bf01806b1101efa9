//! Writes what each model says about the pairs that it has not seen.

use std::path::PathBuf;

use crossmamba::io::AtomicFile;
use crossmamba::metrics::{auroc, pearson};
use crossmamba::nn::bundle::{Bundle, MODEL, Prediction};
use crossmamba::nn::device::Device;
use crossmamba::nn::predict::predict;
use crossmamba::nn::{Dataset, Sides};
use crossmamba::pair::{PairTable, Task};
use crossmamba::prediction::{Columns, Row, Writer};
use crossmamba::provenance::Provenance;
use crossmamba::record::Digest;
use crossmamba::split::Fold;
use crossmamba::{Error, Result};

use super::Settings;

/// Writes `predictions.tsv` when every fold has its bundle, to be committed, and gives its headline figure; nothing without
/// test pairs.
pub(super) fn write(
    settings: &Settings,
    data: &Dataset,
    pairs: &PairTable,
    folds: &[(&Fold, PathBuf)],
    mut record: Provenance,
    device: &Device,
) -> Result<Option<(Vec<AtomicFile>, &'static str, f64)>> {
    if folds.iter().all(|(fold, _)| fold.test.is_empty()) {
        return Ok(None);
    }
    let missing = folds.iter().filter(|(_, folder)| !folder.join(MODEL).exists()).count();
    if missing > 0 {
        tracing::info!("predictions.tsv is written when the other {missing} fold(s) are trained");
        return Ok(None);
    }
    let OutOfFold { found, digests, task, unit } = OutOfFold::read(data, folds, device)?;
    let path = settings.output.join("predictions.tsv");
    let mut file = AtomicFile::create(&path)?;
    let columns = Columns { label: true, fold: true, task, unit: unit.as_deref() };
    let mut table = Writer::start(&mut file, columns).map_err(Error::io("write", &path))?;
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for (pair, found) in pairs.pairs.iter().zip(&found) {
        let (Some((fold, prediction)), Some(label)) = (found, pair.label) else { continue };
        let row = Row {
            rna: pair.rna.clone(),
            partner: pair.partner.clone(),
            label: Some(label),
            fold: Some(folds[*fold].0.name.clone()),
            predicted: prediction.of_task(task),
        };
        table.row(&row).map_err(Error::io("write", &path))?;
        scores.push(prediction.calibrated);
        labels.push(label);
    }
    record.model(match digests[..] {
        [one] => one,
        _ => Digest::of(digests.iter().map(Digest::to_string).collect::<String>().as_bytes()),
    });
    let files = [file].into_iter().chain(record.file_beside(&path)?).collect();
    Ok(Some(match task {
        Task::Classification => {
            let positive: Vec<bool> = labels.iter().map(|&y| y > 0.5).collect();
            (files, "auroc", auroc(&scores, &positive))
        }
        Task::Affinity => (files, "pearson", pearson(&scores, &labels)),
    }))
}

/// What the models say about the pairs that they have not seen.
struct OutOfFold {
    /// By pair of the table: the number of its fold, and the prediction of that fold's model.
    found: Vec<Option<(usize, Prediction)>>,
    digests: Vec<Digest>,
    task: Task,
    /// The unit of an affinity.
    unit: Option<String>,
}

impl OutOfFold {
    fn read(data: &Dataset, folds: &[(&Fold, PathBuf)], device: &Device) -> Result<Self> {
        let mut found = vec![None; data.pairs.len()];
        let (mut digests, mut task, mut unit) = (Vec::new(), Task::Classification, None);
        for (number, (fold, folder)) in folds.iter().enumerate() {
            let bundle = Bundle::read(folder, device)?;
            let (tested, molecules): (Vec<usize>, Vec<Sides<u32>>) =
                fold.test.iter().filter_map(|&at| Some((at, data.pair(at)?))).unzip();
            let predicted = predict(std::slice::from_ref(&bundle), data, &molecules)?;
            for (at, prediction) in tested.into_iter().zip(predicted) {
                found[at] = Some((number, prediction));
            }
            digests.push(bundle.digest());
            task = bundle.task();
            unit.clone_from(&bundle.model().unit);
        }
        Ok(Self { found, digests, task, unit })
    }
}
