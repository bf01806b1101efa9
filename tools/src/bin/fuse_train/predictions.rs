//! Writes what each model says about the pairs that it has not seen.

use std::path::{Path, PathBuf};

use crossmamba::io::AtomicFile;
use crossmamba::metrics::{auroc, pearson};
use crossmamba::nn::bundle::{Bundle, MODEL, Prediction};
use crossmamba::nn::device::Device;
use crossmamba::nn::predict::{predict, predict_each};
use crossmamba::nn::{Dataset, Sides};
use crossmamba::pair::{PairTable, Task};
use crossmamba::prediction::{Columns, Predicted, Row, Trusted, Writer};
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
    let OutOfFold { found, trust, each, digests, task, unit } = OutOfFold::read(data, folds, device)?;
    record.model(match digests[..] {
        [one] => one,
        _ => Digest::of(digests.iter().map(Digest::to_string).collect::<String>().as_bytes()),
    });
    let table = Table { pairs, folds, task, unit: unit.as_deref() };
    let (mut files, mut figure) = (Vec::new(), f64::NAN);
    let named = each.iter().map(|(name, found)| (format!("predictions.{name}.tsv"), found, None));
    // How far to trust it is told once, beside what was chosen.
    let trust = trust.iter().any(Option::is_some).then_some(&trust);
    for (name, found, trust) in named.chain([("predictions.tsv".to_owned(), &found, trust)]) {
        let path = settings.output.join(name);
        let (file, headline) = table.write(&path, found, trust)?;
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
#[derive(Clone, Copy)]
struct Said {
    /// The number of the fold.
    fold: usize,
    predicted: Predicted,
    calibrated: f64,
}

/// By pair of the table, how far to trust what was chosen, and the bounds of an affinity.
type Trust = Vec<Option<(Trusted, Option<(f64, f64)>)>>;

/// What is the same in all tables of predictions.
struct Table<'a> {
    pairs: &'a PairTable,
    folds: &'a [(&'a Fold, PathBuf)],
    task: Task,
    unit: Option<&'a str>,
}

impl Table<'_> {
    /// Writes one table, and gives its headline figure.
    fn write(&self, path: &Path, found: &Found, trust: Option<&Trust>) -> Result<(AtomicFile, f64)> {
        let mut file = AtomicFile::create(path)?;
        let columns =
            Columns { label: true, fold: true, task: self.task, unit: self.unit, trust: trust.is_some() };
        let mut table = Writer::start(&mut file, columns).map_err(Error::io("write", path))?;
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for (at, (pair, found)) in self.pairs.pairs.iter().zip(found).enumerate() {
            let (Some(Said { fold, predicted, calibrated }), Some(label)) = (*found, pair.label) else {
                continue;
            };
            let (trusted, interval) = trust.and_then(|trust| trust[at].clone()).unzip();
            let row = Row {
                rna: pair.rna.clone(),
                partner: pair.partner.clone(),
                label: Some(label),
                fold: Some(self.folds[fold].0.name.clone()),
                predicted,
                interval: interval.flatten(),
                trusted,
            };
            table.row(&row).map_err(Error::io("write", path))?;
            scores.push(calibrated);
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
    trust: Trust,
    /// The same of each expert, by name, in their order.
    each: Vec<(String, Found)>,
    digests: Vec<Digest>,
    task: Task,
    /// The unit of an affinity.
    unit: Option<String>,
}

impl OutOfFold {
    fn read(data: &Dataset, folds: &[(&Fold, PathBuf)], device: &Device) -> Result<Self> {
        let count = data.pairs.len();
        let (mut found, mut trust): (Found, Trust) = (vec![None; count], vec![None; count]);
        let mut each: Vec<(String, Found)> = Vec::new();
        let (mut digests, mut task, mut unit) = (Vec::new(), Task::Classification, None);
        for (number, (fold, folder)) in folds.iter().enumerate() {
            let bundle = Bundle::read(folder, device)?;
            task = bundle.task();
            let (tested, molecules): (Vec<usize>, Vec<Sides<u32>>) =
                fold.test.iter().filter_map(|&at| Some((at, data.pair(at)?))).unzip();
            let keep = |found: &mut Found, predicted: &[Prediction]| {
                for (&at, said) in tested.iter().zip(predicted) {
                    let predicted = said.of_task(task);
                    found[at] = Some(Said { fold: number, predicted, calibrated: said.calibrated });
                }
            };
            let mut chosen = Vec::new();
            match &bundle.model().experts {
                Some(choice) => {
                    for (place, (name, predicted)) in
                        predict_each(&bundle, data, &molecules)?.into_iter().enumerate()
                    {
                        if place == each.len() {
                            each.push((name, vec![None; count]));
                        }
                        keep(&mut each[place].1, &predicted);
                        if place == choice.chosen {
                            chosen = predicted;
                        }
                    }
                }
                None => chosen = predict(std::slice::from_ref(&bundle), data, &molecules)?,
            }
            keep(&mut found, &chosen);
            for (&at, said) in tested.iter().zip(&chosen) {
                let trusted = said.trust.and_then(|trust| bundle.trusted(&trust));
                let bounds = || bundle.interval(said, COVERAGE).filter(|_| task == Task::Affinity);
                trust[at] = trusted.map(|trusted| (trusted, bounds()));
            }
            digests.push(bundle.digest());
            unit.clone_from(&bundle.model().unit);
        }
        Ok(Self { found, trust, each, digests, task, unit })
    }
}
