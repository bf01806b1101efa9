//! Embeds sequences as those were that a model was trained on.

use std::path::{Path, PathBuf};

use crossmamba::encoder::{BUILT_IN, Encoder, built_in, recognise};
use crossmamba::lm::{Checkpoint, Family, LmEncoder, LmSettings, Tokenizer};
use crossmamba::nn::bundle::StoreInputs;
use crossmamba::nn::device::Device;
use crossmamba::pair::Side;
use crossmamba::record::Record;
use crossmamba::store::{Destination, Dtype, MemoryStore, Store, StoreWriter};
use crossmamba::{Error, Place, Result};

use super::{distinct, embed};
use crate::kit::{Progress, StopRequest};

/// What embeddings for a model need beside the sequences.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The folder of the model, for errors.
    pub model: &'a Path,
    /// Weights of language models.
    pub checkpoints: &'a [PathBuf],
    /// What language models compute on.
    pub device: &'a Device,
    /// A folder whose stores keep the embeddings for the next time; without it they are in memory alone.
    pub keep: Option<&'a Path>,
}

/// Embeds the sequences of one side into as many stores as a model was trained on, with the values that
/// `crossmamba-embed` would give on that device, to the bit; `name` is what the sequences are called.
///
/// # Errors
/// An encoder that cannot be made: another program's embeddings, weights that are not given or others.
pub fn embed_as_trained(
    side: Side,
    records: &[Record],
    wanted: &[StoreInputs],
    means: Means<'_>,
    name: &Path,
) -> Result<Vec<Store>> {
    let encoders = wanted.iter().map(|inputs| encoder(side, inputs, means)).collect::<Result<Vec<_>>>()?;
    let mut stores = Vec::with_capacity(wanted.len());
    for (number, (inputs, encoder)) in (1..).zip(wanted.iter().zip(encoders)) {
        let lines = vec![0; records.len()];
        let molecules = distinct(records.to_vec(), &lines, inputs.molecule, None);
        let lengths: Vec<usize> = molecules.iter().map(|m| encoder.length(&m.record.sequence)).collect();
        let manifest = encoder.manifest(Dtype::F32);
        let progress = Progress::new("embedding", molecules.len() as u64);
        let stop = StopRequest::never();
        let fill = |into: &mut dyn Destination| -> Result<()> {
            let done = embed(encoder.as_ref(), &molecules, &lengths, into, &progress, &stop);
            progress.end();
            let done = done?;
            done.warn();
            tracing::debug!("{} computed, {} in the store already", done.computed, done.found);
            Ok(())
        };
        stores.push(if let Some(folder) = means.keep {
            let path = folder.join(format!("{}-{number}.{}", side.name(), inputs.encoder));
            let mut writer = StoreWriter::open_or_create(&path, &manifest)?;
            fill(&mut writer)?;
            writer.finish()?;
            Store::open(&path)?
        } else {
            let mut memory = MemoryStore::new(manifest, name);
            fill(&mut memory)?;
            memory.finish()
        });
    }
    Ok(stores)
}

/// Makes the encoder of a store that a model was trained on.
fn encoder(side: Side, wanted: &StoreInputs, means: Means<'_>) -> Result<Box<dyn Encoder>> {
    if let Some(found) = recognise(wanted.molecule, &wanted.digest) {
        return Ok(found);
    }
    let of_model = |problem: String, remedy: String| Err(Place::file(means.model).error(problem, remedy));
    let stores = format!("embed with the settings of training, and give --{}-store", side.name());
    let family = [Family::Esm2, Family::Rinalmo, Family::Molformer]
        .into_iter()
        .find(|family| family.name() == wanted.encoder);
    let Some(recipe) = &wanted.recipe else {
        return of_model(format!("does not say how the {wanted} were made"), stores);
    };
    let made: Box<dyn Encoder> = if let Some(family) = family {
        let Some(settings) = LmSettings::of_manifest(recipe.tokens, &recipe.settings) else {
            return of_model(format!("does not say how the {wanted} were made"), stores);
        };
        let (checkpoint, tokenizer) = weights(family, means)?;
        let digest = checkpoint.digest().to_string();
        if recipe.settings["checkpoint"] != digest.as_str() {
            let problem = format!("was trained with other weights of {family} than sha256:{digest}");
            return of_model(problem, "name the same file with --checkpoint".into());
        }
        Box::new(LmEncoder::on(means.device, checkpoint, tokenizer, settings)?)
    } else {
        let mut made =
            BUILT_IN.into_iter().filter_map(|name| built_in(name, wanted.molecule, recipe.tokens).ok());
        match made.find(|encoder| encoder.manifest(Dtype::F32).digest == wanted.digest) {
            Some(encoder) => encoder,
            None => {
                return of_model(format!("was trained on {wanted}, which this program cannot make"), stores);
            }
        }
    };
    if made.manifest(Dtype::F32).digest != wanted.digest {
        return of_model(format!("was trained on {wanted}, and these weights give others"), stores);
    }
    Ok(made)
}

/// Opens the weights of a family among those that are given.
fn weights(family: Family, means: Means<'_>) -> Result<(Checkpoint, Tokenizer)> {
    for path in means.checkpoints {
        let checkpoint = Checkpoint::open(path)?;
        if checkpoint.shape().family == family {
            let tokenizer = Tokenizer::for_checkpoint(&checkpoint, None)?;
            return Ok((checkpoint, tokenizer));
        }
    }
    let problem = format!("the model was trained on embeddings of {family}, whose weights it needs");
    Err(Error::setting("--checkpoint", problem, "name the published file or folder"))
}
