//! Writes what each model says about the pairs that it has not seen.

use std::path::{Path, PathBuf};

use crossmamba::io::AtomicFile;
use crossmamba::metrics::{auroc, pearson};
use crossmamba::nn::bundle::{Bundle, MODEL, Prediction};
use crossmamba::nn::device::Device;
use crossmamba::nn::predict::{predict, predict_each};
use crossmamba::nn::{Dataset, Sides};
use crossmamba::pair::{PairTable, Task};
use crossmamba::prediction::{Columns, Row, Trusted, Writer};
use crossmamba::provenance::Provenance;
use crossmamba::record::Digest;
use crossmamba::split::Fold;
use crossmamba::trust::COVERAGE;
use crossmamba::{Error, Result};

use super::Settings;

/// Writes `predictions.tsv` when every fold has its bundle, to be committed, and gives its headline figure; nothing without
/// test pairs.
///
/// Where there are several experts, each also has a table of its own, `predictions.<name>.tsv`.
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
    let OutOfFold { found, each, digests, task, unit } = OutOfFold::read(data, folds, device)?;
    record.model(match digests[..] {
        [one] => one,
        _ => Digest::of(digests.iter().map(Digest::to_string).collect::<String>().as_bytes()),
    });
    let table = Table { pairs, folds, task, unit: unit.as_deref() };
    let (mut files, mut figure) = (Vec::new(), f64::NAN);
    let named = each.iter().map(|(name, found)| (format!("predictions.{name}.tsv"), found));
    for (name, found) in named.chain([("predictions.tsv".to_owned(), &found)]) {
        let path = settings.output.join(name);
        let (file, headline) = table.write(&path, found)?;
        files.extend([file].into_iter().chain(record.file_beside(&path)?));
        figure = headline;
    }
    let name = match task {
        Task::Classification => "auroc",
        Task::Affinity => "pearson",
    };
    Ok(Some((files, name, figure)))
}

/// By pair of the table, what the model of its fold says.
type Found = Vec<Option<Said>>;

/// What a model says about a pair that it has not seen.
#[derive(Clone)]
struct Said {
    /// The number of the fold.
    fold: usize,
    prediction: Prediction,
    interval: Option<(f64, f64)>,
    trusted: Option<Trusted>,
}

impl Said {
    fn of(fold: usize, bundle: &Bundle, prediction: Prediction) -> Self {
        let trusted = prediction.trust.and_then(|trust| bundle.trusted(&trust));
        let bounds = trusted.is_some() && bundle.task() == Task::Affinity;
        let interval = bounds.then(|| bundle.interval(&prediction, COVERAGE)).flatten();
        Self { fold, prediction, interval, trusted }
    }
}

/// What is the same in all tables of predictions.
struct Table<'a> {
    pairs: &'a PairTable,
    folds: &'a [(&'a Fold, PathBuf)],
    task: Task,
    unit: Option<&'a str>,
}

impl Table<'_> {
    /// Writes one table, and gives its headline figure.
    fn write(&self, path: &Path, found: &Found) -> Result<(AtomicFile, f64)> {
        let mut file = AtomicFile::create(path)?;
        let trust = found.iter().flatten().any(|said| said.trusted.is_some());
        let columns = Columns { label: true, fold: true, task: self.task, unit: self.unit, trust };
        let mut table = Writer::start(&mut file, columns).map_err(Error::io("write", path))?;
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for (pair, found) in self.pairs.pairs.iter().zip(found) {
            let (Some(Said { fold, prediction, interval, trusted }), Some(label)) = (found, pair.label)
            else {
                continue;
            };
            let row = Row {
                rna: pair.rna.clone(),
                partner: pair.partner.clone(),
                label: Some(label),
                fold: Some(self.folds[*fold].0.name.clone()),
                predicted: prediction.of_task(self.task),
                interval: *interval,
                trusted: trusted.clone(),
            };
            table.row(&row).map_err(Error::io("write", path))?;
            scores.push(prediction.calibrated);
            labels.push(label);
        }
        table.finish().map_err(Error::io("write", path))?;
        let figure = match self.task {
            Task::Classification => auroc(&scores, &labels.iter().map(|&y| y > 0.5).collect::<Vec<_>>()),
            Task::Affinity => pearson(&scores, &labels),
        };
        Ok((file, figure))
    }
}

/// What the models say about the pairs that they have not seen.
struct OutOfFold {
    found: Found,
    /// The same of each expert, by name, in their order.
    each: Vec<(String, Found)>,
    digests: Vec<Digest>,
    task: Task,
    /// The unit of an affinity.
    unit: Option<String>,
}

impl OutOfFold {
    fn read(data: &Dataset, folds: &[(&Fold, PathBuf)], device: &Device) -> Result<Self> {
        let mut found = vec![None; data.pairs.len()];
        let mut each: Vec<(String, Found)> = Vec::new();
        let (mut digests, mut task, mut unit) = (Vec::new(), Task::Classification, None);
        for (number, (fold, folder)) in folds.iter().enumerate() {
            let bundle = Bundle::read(folder, device)?;
            let (tested, molecules): (Vec<usize>, Vec<Sides<u32>>) =
                fold.test.iter().filter_map(|&at| Some((at, data.pair(at)?))).unzip();
            let keep = |found: &mut Found, predicted: &[Prediction]| {
                for (&at, prediction) in tested.iter().zip(predicted) {
                    found[at] = Some(Said::of(number, &bundle, *prediction));
                }
            };
            match &bundle.model().experts {
                Some(choice) => {
                    let predicted = predict_each(&bundle, data, &molecules)?;
                    keep(&mut found, &predicted[choice.chosen].1);
                    for (place, (name, mut predicted)) in predicted.into_iter().enumerate() {
                        // How far to trust it is told once, beside what was chosen.
                        for prediction in &mut predicted {
                            prediction.trust = None;
                        }
                        if place == each.len() {
                            each.push((name, vec![None; data.pairs.len()]));
                        }
                        keep(&mut each[place].1, &predicted);
                    }
                }
                None => keep(&mut found, &predict(std::slice::from_ref(&bundle), data, &molecules)?),
            }
            digests.push(bundle.digest());
            task = bundle.task();
            unit.clone_from(&bundle.model().unit);
        }
        Ok(Self { found, each, digests, task, unit })
    }
}
