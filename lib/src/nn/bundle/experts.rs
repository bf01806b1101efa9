//! Keeps the experts beside the network.
//!
//! - `trees.json`: for each expert its trees (`crate::trees::Trees`),
//! - `transfer.safetensors`: of every molecule of training the standardised columns of each block (`rna.0.known`, …, with
//!   `mean`, `deviation` and `median`), and the pairs with their labels (`pairs.rna`, `pairs.partner`: numbers of
//!   molecules; `labels`); its note has the digests of the molecules' sequences. It holds no sequence, and tells the
//!   training labels.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::seal::AGAIN;
use crate::expert::{Experts, Kind, Known};
use crate::nn::checkpoint::{self, Array, Arrays};
use crate::pair::{Side, Sides};
use crate::record::Digest;
use crate::transfer::{Distances, Standardised, Transfer};
use crate::trees::Trees;
use crate::{Error, Place, Result, io};

/// The file of the trees.
pub(super) const TREES: &str = "trees.json";
/// The file of the known pairs.
pub(super) const TRANSFER: &str = "transfer.safetensors";

/// What stands in the note of the known pairs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    kind: String,
    molecules: Sides<Vec<Digest>>,
}

const KIND: &str = "transfer";

/// Writes the experts, and gives the digests of their files.
///
/// # Errors
/// A folder that cannot be written.
pub fn write_experts(folder: &Path, experts: &Experts) -> Result<BTreeMap<String, Digest>> {
    let mut files = BTreeMap::new();
    let path = folder.join(TREES);
    let mut text = serde_json::to_string(&experts.trees).map_err(|e| Error::io("write", &path)(e.into()))?;
    text.push('\n');
    io::write_atomic(&path, text.as_bytes())?;
    files.insert(TREES.to_owned(), Digest::of(text.as_bytes()));
    if let Some(known) = &experts.known {
        let about = About { kind: KIND.into(), molecules: known.molecules.clone() };
        files.insert(TRANSFER.to_owned(), checkpoint::write(&folder.join(TRANSFER), &about, &arrays(known))?);
    }
    Ok(files)
}

fn arrays(known: &Known) -> Arrays {
    let mut arrays = Arrays::new();
    for side in Side::BOTH {
        for (number, block) in known.transfer.distances()[side].blocks().iter().enumerate() {
            let mut put = |what: &str, values: Vec<f32>| {
                arrays.insert(format!("{}.{number}.{what}", side.name()), Array::vector(values));
            };
            put("mean", block.mean.clone());
            put("deviation", block.deviation.clone());
            put("median", vec![block.median]);
            put("known", block.known.clone());
        }
        // Whole numbers up to 2²⁴ are exact.
        let pairs = known.transfer.pairs().iter().map(|pair| pair[side] as f32).collect();
        arrays.insert(format!("pairs.{}", side.name()), Array::vector(pairs));
    }
    let labels = known.transfer.labels().iter().map(|&label| label as f32).collect();
    arrays.insert("labels".into(), Array::vector(labels));
    arrays
}

/// Reads the experts from the bytes of their files.
pub(super) fn read(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Experts> {
    let wrong = |name: &str, why: String| Place::file(folder.join(name)).error(why, AGAIN);
    let bytes = files.get(TREES).ok_or_else(|| wrong(TREES, "is not named by the model".into()))?;
    let trees: BTreeMap<Kind, Trees> =
        serde_json::from_slice(bytes).map_err(|e| wrong(TREES, format!("holds no trees ({e})")))?;
    for (kind, trees) in &trees {
        trees.check().map_err(|why| wrong(TREES, format!("holds no trees ({}: {why})", kind.name())))?;
    }
    let known = files.get(TRANSFER).map(|bytes| known(&folder.join(TRANSFER), bytes)).transpose()?;
    Ok(Experts { trees, known })
}

fn known(path: &Path, bytes: &[u8]) -> Result<Known> {
    let (about, mut arrays): (About, Arrays) = checkpoint::from_bytes(bytes, path)?;
    let wrong = |why: &str| Place::file(path).error(format!("holds no known pairs ({why})"), AGAIN);
    if about.kind != KIND {
        return Err(wrong("it is of another kind"));
    }
    let mut take = |name: &str| arrays.remove(name).map(|array| array.values);
    let distances = Sides::try_of(|side| {
        let count = about.molecules[side].len();
        let mut blocks = Vec::new();
        while let Some(mean) = take(&format!("{}.{}.mean", side.name(), blocks.len())) {
            let mut part = |what: &str| take(&format!("{}.{}.{what}", side.name(), blocks.len()));
            let (Some(deviation), Some(median), Some(known)) =
                (part("deviation"), part("median"), part("known"))
            else {
                return Err(wrong("a block is not whole"));
            };
            let median = median.first().copied().unwrap_or(f32::NAN);
            blocks.push(Standardised::new(mean, deviation, median, known));
        }
        Distances::from_blocks(blocks, count).map_err(|why| wrong(&why))
    })?;
    let numbers = Sides::try_of(|side| {
        take(&format!("pairs.{}", side.name())).ok_or_else(|| wrong("it has no pairs"))
    })?;
    let labels = take("labels").ok_or_else(|| wrong("it has no labels"))?;
    let fits = |side: Side| {
        let count = about.molecules[side].len() as f32;
        numbers[side].len() == labels.len() && numbers[side].iter().all(|n| (0.0..count).contains(n))
    };
    if !Side::BOTH.into_iter().all(fits) || !labels.iter().all(|label| label.is_finite()) {
        return Err(wrong("pairs, labels and molecules do not fit together"));
    }
    let pairs = (0..labels.len()).map(|at| Sides::of(|side| numbers[side][at] as u32)).collect();
    let labels = labels.into_iter().map(f64::from).collect();
    Ok(Known { molecules: about.molecules, transfer: Transfer::new(distances, pairs, labels) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::Block;
    use crate::trees::{Loss, Split, Tree};

    fn experts() -> Experts {
        let values = [0.5, 1.5, -2.0];
        let blocks = [Block { values: &values, width: 1 }];
        let distances = Sides::of(|_| Distances::fit(&blocks, &[0, 1, 2]));
        let molecules = Sides::of(|_| [&b"A"[..], b"C", b"G"].map(Digest::of).to_vec());
        let transfer = Transfer::new(distances, vec![Sides::new(0, 2), Sides::new(1, 1)], vec![1.0, 0.0]);
        let tree =
            Tree { splits: vec![Split { column: 3, bound: 0.1, next: [-1, -2] }], leaves: vec![-1.0, 1.0] };
        let trees = Trees { loss: Loss::Logistic, columns: 13, start: 0.25, trees: vec![tree] };
        Experts { trees: [(Kind::Transfer, trees)].into(), known: Some(Known { molecules, transfer }) }
    }

    fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        [TREES, TRANSFER].map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap())).into()
    }

    #[test]
    fn experts_survive_their_files_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let files = write_experts(folder.path(), &experts()).unwrap();
        let found = bytes(folder.path());
        assert!(found.iter().all(|(name, bytes)| files[name] == Digest::of(bytes)));
        assert_eq!(read(folder.path(), &found).unwrap(), experts());
    }

    #[test]
    fn files_that_say_what_cannot_be_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |change: &dyn Fn(&mut Experts)| {
            let mut experts = experts();
            change(&mut experts);
            write_experts(folder.path(), &experts).unwrap();
            read(folder.path(), &bytes(folder.path())).unwrap_err().to_string()
        };
        let words = refused(&|e| e.trees.values_mut().for_each(|trees| trees.columns = 2));
        assert!(words.contains("trees.json: holds no trees (transfer: tree 0 looks at"), "{words}");
        let words = refused(&|e| e.known.iter_mut().for_each(|known| known.molecules.rna.truncate(2)));
        assert!(words.contains("transfer.safetensors: holds no known pairs (block 0"), "{words}");
        write_experts(folder.path(), &experts()).unwrap();
        let mut none = bytes(folder.path());
        none.remove(TREES);
        assert!(read(folder.path(), &none).unwrap_err().to_string().contains("trees.json: is not named"));
    }
}
