//! Prepares a fold: what it is trained on, and how labels and columns are scaled.

use std::io::{BufWriter, Write};
use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::inner::{inner_fraction, inner_part};
use super::run::{FoldRun, Run, checkpoint, of_inner, of_member};
use super::state::State;
use crate::nn::bundle::{Extent, MODEL, Model, Parts, Plan, StoreInputs, Target};
use crate::nn::data::TokenTable;
use crate::pair::{Sides, Task};
use crate::record::{Digest, Digester};
use crate::rng::Rng;
use crate::split::Fold;
use crate::trust::Kept;
use crate::{Error, Place, Result};

/// What decides the result of a run.
#[derive(Serialize)]
struct Key<'a> {
    version: &'a str,
    config: Value,
    task: Task,
    seed: u64,
    members: usize,
    groups: Option<&'a [u32]>,
    stores: Value,
    molecules: [&'a [Digest]; 2],
    values: [Vec<Vec<Option<u32>>>; 2],
    pairs: Pairs<'a>,
    labels: &'a [f64],
}

/// The molecules of each pair.
struct Pairs<'a>(&'a [Option<Sides<u32>>]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|pair| pair.map(Sides::into_array)))
    }
}

impl Run<'_> {
    /// Digests everything that decides the result but the folds chosen: what may go on with what.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn key(&self) -> Result<String> {
        let mut digester = BufWriter::new(Digester::default());
        self.write_key(&mut digester)
            .and_then(|()| {
                Ok(digester.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish().to_string())
            })
            .map_err(|error| Error::defect("the key of a run", error.to_string()))
    }

    /// Writes what the key is the digest of, piece by piece: of ten million pairs it is a gigabyte.
    fn write_key(&self, mut out: impl Write) -> std::io::Result<()> {
        let tables = self.data.tables.as_ref();
        let stores = tables.map(|table| table.manifests().map(StoreInputs::of).collect::<Vec<_>>());
        let key = Key {
            version: env!("CARGO_PKG_VERSION"),
            config: serde_json::to_value(self.config)?,
            task: self.task,
            seed: self.seed,
            members: self.members,
            groups: self.groups,
            stores: serde_json::to_value(stores.into_array())?,
            molecules: tables.map(TokenTable::molecules).into_array(),
            values: tables.map(|table| table.checksums().collect::<Vec<_>>()).into_array(),
            pairs: Pairs(&self.data.pairs),
            labels: self.labels,
        };
        serde_json::to_writer(&mut out, &key)?;
        if let Some(experts) = &self.experts {
            serde_json::to_writer(&mut out, &experts.key())?;
        }
        out.write_all(match self.kept {
            Kept::Nothing => b"without neighbours" as &[u8],
            Kept::Rnas => b"neighbours of RNAs",
            Kept::Both => b"",
        })?;
        for Fold { name, train, validation, test } in self.folds {
            serde_json::to_writer(&mut out, &(name.as_str(), train, validation, test))?;
        }
        Ok(())
    }

    /// Draws the inner part of a fold, measures labels and columns on what is left, and resolves the sizes.
    ///
    /// # Errors
    /// A fold with nothing to train on, or with one class only; a folder that holds another run's model or checkpoint.
    pub fn prepare(&self, fold: &Fold, folder: &Path, key: &str) -> Result<FoldRun> {
        self.check_experts(fold)?;
        let finished = finished(folder, key)?;
        let compared = self.inner_folds(fold);
        let inner = if self.members() > 0 { &compared[..] } else { &[] };
        let heads = self.heads(fold, !inner.is_empty());
        if !finished {
            // Before any other fold is trained into the folder of another run.
            let inner = heads.iter().flat_map(|&head| (0..inner.len()).map(move |at| of_inner(head, at)));
            let fits = (0..self.members()).map(of_member).chain(inner);
            let states = fits.map(|fit| checkpoint(folder, &fit));
            states.filter(|path| path.exists()).try_for_each(|path| State::check(&path, key))?;
        }
        let inner =
            inner.iter().map(|inner| self.prepare_one(inner, folder, false)).collect::<Result<_>>()?;
        Ok(FoldRun { inner, heads, compared, ..self.prepare_one(fold, folder, finished)? })
    }

    fn prepare_one(&self, fold: &Fold, folder: &Path, finished: bool) -> Result<FoldRun> {
        let Parts { train, validation } = self.divide(fold);
        let labels = train.iter().map(|&at| self.labels[at]);
        self.check(fold.name.as_str(), labels.clone())?;
        let distinct = self.data.distinct(train.iter().filter_map(|&at| self.data.pair(at)));
        let negatives = train.iter().filter(|&&at| self.labels[at] <= 0.5).count();
        let extent = Extent {
            pairs: train.len(),
            negatives: if self.task == Task::Classification { negatives } else { 0 },
            molecules: distinct.as_ref().map(Vec::len),
        };
        let standardisation = Sides::try_of(|side| {
            self.data.table(side).standardisation(&distinct[side], &self.config.inputs)
        })?;
        Ok(FoldRun {
            name: fold.name.to_string(),
            folder: folder.to_path_buf(),
            plan: Plan::new(self.config, &extent),
            finished,
            target: Target::new(self.task, labels),
            standardisation,
            molecules: distinct.map(|side| side.len()),
            parts: Parts { train, validation },
            learnt: fold.train.clone(),
            held: fold.test.clone(),
            inner: Vec::new(),
            heads: Vec::new(),
            compared: Vec::new(),
        })
    }

    /// Draws the inner validation part of a fold that comes without one.
    fn divide(&self, fold: &Fold) -> Parts<Vec<usize>> {
        if !fold.validation.is_empty() {
            return Parts { train: fold.train.clone(), validation: fold.validation.clone() };
        }
        let fraction = inner_fraction(self.config);
        let mut rng = Rng::new(self.seed).fork(fold.name.as_str()).fork("inner part");
        let (train, validation) =
            inner_part(&fold.train, self.labels, self.task, self.groups, fraction, &mut rng);
        Parts { train, validation }
    }

    /// Refuses labels that nothing can be learnt from.
    pub(super) fn check(&self, fold: &str, labels: impl Iterator<Item = f64> + Clone) -> Result<()> {
        let (count, positives) = (labels.clone().count(), labels.filter(|&y| y > 0.5).count());
        if self.task == Task::Classification && (positives == 0 || positives == count) {
            return Err(Error::setting(
                "splits",
                format!("{fold} has {count} training pairs of one class only"),
                "split so that both classes are in every training part",
            ));
        }
        if self.task == Task::Affinity && self.config.training.negatives_per_positive.is_some() {
            let problem = "the labels are affinities, of which none is negative";
            return Err(Error::setting("training.negatives-per-positive", problem, "leave it out"));
        }
        if count < 2 {
            let problem = format!("{fold} has {count} training pairs");
            return Err(Error::setting("splits", problem, "give it more pairs"));
        }
        Ok(())
    }
}

/// Tells whether a folder holds the model of this run already, whole.
///
/// # Errors
/// The model of another run, or a damaged one.
pub fn finished(folder: &Path, key: &str) -> Result<bool> {
    if !folder.join(MODEL).exists() {
        return Ok(false);
    }
    let model = Model::read(folder)?.0;
    if model.training.run == key {
        return model.check_files(folder).map(|()| true);
    }
    Err(Place::file(folder).error(
        "holds the model of another run",
        "use the same inputs and settings as before, or another --output",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pairs_of_a_key_are_written_as_earlier_versions_did() {
        let pairs = [Some(Sides::new(1, 20)), None, Some(Sides::new(0, 3))];
        assert_eq!(serde_json::to_string(&Pairs(&pairs)).unwrap(), "[[1,20],null,[0,3]]");
    }
}
