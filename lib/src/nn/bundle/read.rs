//! Reads bundles, and refuses what is not whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::experts::{self, GAUSSIAN, TRANSFER, TREES};
use super::neighbours::{self, NEIGHBOURS};
use super::seal::AGAIN;
use super::write::{About, CONFIG, KIND};
use super::{Bundle, MODEL, Member, Model, member_file};
use crate::config::Config;
use crate::expert::Kind;
use crate::nn::checkpoint::{self, Arrays};
use crate::nn::data::{Columns, Standardisation};
use crate::nn::device::Device;
use crate::nn::model::FusionModel;
use crate::pair::{Side, Sides};
use crate::record::Digest;
use crate::rng::Rng;
use crate::split::FoldName;
use crate::{Error, Place, Result};

pub(super) fn bundles(folder: &Path, device: &Device) -> Result<Vec<Bundle>> {
    if folder.join(MODEL).exists() {
        return Ok(vec![bundle(folder, device)?]);
    }
    if folder.is_file() {
        return Err(Place::file(folder)
            .error("is a file, not a model", "name the folder that crossmamba-fuse-train wrote"));
    }
    let found = FoldName::folders_in(folder).map_err(Error::io("read the model", folder))?;
    if let Some(path) = found.iter().find(|path| !path.join(MODEL).exists()) {
        let problem = format!("is not finished: it has no {MODEL}");
        return Err(Place::file(path).error(problem, "go on with crossmamba-fuse-train --resume"));
    }
    if found.is_empty() {
        return Err(Place::file(folder)
            .error("holds no trained model", "name the folder that crossmamba-fuse-train wrote"));
    }
    let all = found.iter().map(|path| bundle(path, device)).collect::<Result<Vec<_>>>()?;
    check_together(folder, &all)?;
    Ok(all)
}

/// Checks that the bundles of a folder are all of one training run.
fn check_together(folder: &Path, all: &[Bundle]) -> Result<()> {
    let name = |bundle: &Bundle| bundle.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(first) = all.first() else { return Ok(()) };
    for one in all {
        if one.model.fold != name(one) {
            let problem = format!("holds the model of {}", one.model.fold);
            return Err(Place::file(&one.folder).error(problem, "give the folder its name, or train again"));
        }
        if one.model.training.run != first.model.training.run {
            let problem = format!("is of another training run than {}", first.folder.display());
            return Err(Place::file(&one.folder).error(problem, "use models of one training run together"));
        }
    }
    // Formats before the third do not name the folds; their numbers show a gap, but not the lack of the last.
    let numbers: Vec<u32> =
        all.iter().filter_map(|one| FoldName::of_folder(&one.model.fold)?.as_number()).collect();
    let wanted: Vec<String> = match (numbers.iter().min(), numbers.iter().max()) {
        (Some(&least), Some(&last)) if !first.model.is_sealed() => {
            // No more than were found and one: an absurd number is no reason for a long list.
            (least..=last).take(all.len() + 1).map(|number| format!("fold-{number}")).collect()
        }
        _ => first.model.folds.clone(),
    };
    match wanted.iter().find(|fold| !all.iter().any(|one| one.model.fold == **fold)) {
        Some(fold) => Err(Place::file(folder).error(
            format!("lacks {fold}, whose model belongs to the same training run"),
            "go on with crossmamba-fuse-train --resume, or name the folder of one fold",
        )),
        None => Ok(()),
    }
}

pub(super) fn bundle(folder: &Path, device: &Device) -> Result<Bundle> {
    let (model, bytes) = Model::read(folder)?;
    assemble(folder, model, &bytes, &|name, wanted| file(folder, name, wanted), device)
}

/// Reads a bundle whose files are in memory, under the name of a folder.
pub(super) fn of_files(folder: &Path, files: &[(&str, &[u8])], device: &Device) -> Result<Bundle> {
    let find = |name: &str| {
        let found = files.iter().find(|(one, _)| *one == name);
        found
            .map(|(_, bytes)| *bytes)
            .ok_or_else(|| Place::file(folder).error(format!("lacks the file {name}"), AGAIN))
    };
    let bytes = find(MODEL)?;
    let model = Model::parse(bytes, &folder.join(MODEL))?;
    let read = |name: &str, wanted: &Digest| checked(&folder.join(name), find(name)?.to_vec(), wanted);
    assemble(folder, model, bytes, &read, device)
}

/// Makes a bundle of its model and of the files that this names.
fn assemble(
    folder: &Path,
    model: Model,
    bytes: &[u8],
    read: &dyn Fn(&str, &Digest) -> Result<Vec<u8>>,
    device: &Device,
) -> Result<Bundle> {
    let damaged =
        |why: String| Place::file(folder.join(MODEL)).error(format!("is not a model ({why})"), AGAIN);
    let mut config = None;
    let mut weights = Vec::new();
    let mut of_experts = BTreeMap::new();
    let mut near = None;
    for (name, wanted) in &model.files {
        let bytes = read(name, wanted)?;
        if name == CONFIG {
            config = Some(Config::parse(&String::from_utf8_lossy(&bytes), &folder.join(name))?);
        } else if [TREES, TRANSFER, GAUSSIAN].contains(&name.as_str()) {
            of_experts.insert(name.clone(), bytes);
        } else if name == NEIGHBOURS {
            near = Some(neighbours::read(&folder.join(name), &bytes)?);
        } else if name.ends_with(".safetensors") {
            weights.push((name.clone(), bytes));
        }
    }
    let config = config.ok_or_else(|| damaged(format!("it does not name {CONFIG}")))?;
    // By number, not by name: weights-10 comes after weights-9.
    let mut members = Vec::with_capacity(weights.len());
    for number in 0..weights.len() {
        let wanted = member_file(number);
        let (name, bytes) = weights
            .iter()
            .find(|(name, _)| *name == wanted)
            .ok_or_else(|| damaged(format!("it does not name {wanted}")))?;
        members.push(member(&folder.join(name), bytes, &model, &config, device)?);
    }
    let experts = model.experts.is_some().then(|| experts::read(folder, &of_experts)).transpose()?;
    if members.is_empty() && model.needs(Kind::Relay) {
        return Err(damaged("it names no weights".into()));
    }
    if members.len() != model.training.epochs.len() {
        let trained = model.training.epochs.len();
        return Err(damaged(format!("it names the weights of {} of {trained} members", members.len())));
    }
    let (folder, digest) = (folder.to_path_buf(), Digest::of(bytes));
    Ok(Bundle { folder, digest, model, config, members, experts, neighbours: near })
}

/// Checks that every file is there, and as it was written.
pub(super) fn check_files(folder: &Path, model: &Model) -> Result<()> {
    model.files.iter().try_for_each(|(name, wanted)| file(folder, name, wanted).map(drop))
}

/// Reads a file that a model names, and refuses another.
fn file(folder: &Path, name: &str, wanted: &Digest) -> Result<Vec<u8>> {
    let path = folder.join(name);
    if !path.exists() {
        let problem = format!("lacks the file {name} that its {MODEL} names");
        return Err(Place::file(folder).error(problem, AGAIN));
    }
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    checked(&path, bytes, wanted)
}

fn checked(path: &Path, bytes: Vec<u8>, wanted: &Digest) -> Result<Vec<u8>> {
    if Digest::of(&bytes) == *wanted {
        return Ok(bytes);
    }
    Err(Place::file(path)
        .error("is damaged or was changed: its digest is not that of the trained model", AGAIN))
}

fn member(path: &Path, bytes: &[u8], model: &Model, config: &Config, device: &Device) -> Result<Member> {
    let (about, mut arrays): (About, Arrays) = checkpoint::from_bytes(bytes, path)?;
    let wrong = |problem: &str| Place::file(path).error(problem, AGAIN);
    if about.kind != KIND {
        return Err(wrong("holds no weights"));
    }
    let columns = |arrays: &mut Arrays, side: &str, part: &str, width: usize| -> Result<Columns> {
        let mut take = |what: &str| arrays.remove(&format!("{what}.{side}.{part}"));
        match (take("mean"), take("scale")) {
            (Some(mean), Some(scale)) if mean.values.len() == width && scale.values.len() == width => {
                Ok(Columns { mean: mean.values, scale: scale.values })
            }
            _ => Err(wrong("lacks the standardisation of the inputs")),
        }
    };
    let standardisation = Sides::try_of(|side: Side| -> Result<Standardisation> {
        let (side, widths) = (side.name(), model.inputs[side].widths);
        let global = columns(&mut arrays, side, "global", widths.global)?;
        let rows = columns(&mut arrays, side, "rows", widths.rows)?;
        let clip = arrays.remove(&format!("clip.{side}")).and_then(|clip| clip.values.first().copied());
        let clip = clip.ok_or_else(|| wrong("lacks the clipping of the inputs"))?;
        Ok(Standardisation { global, rows, clip })
    })?;
    let widths = model.inputs.as_ref().map(|inputs| inputs.widths);
    let network = FusionModel::new(&config.model, widths, &Rng::new(0), device)?;
    let mut weights = BTreeMap::new();
    for (name, array) in &arrays {
        let name = name.strip_prefix("weight.").ok_or_else(|| wrong("holds something that is no weight"))?;
        weights.insert(name.to_owned(), array.to_tensor()?);
    }
    network.params().restore(&weights)?;
    Ok(Member { network, standardisation })
}
