//! Keeps the experts beside the network.
//!
//! - `trees.json`: for each expert its trees (`crate::trees::Trees`),
//! - `transfer.safetensors`: of every molecule of training the standardised columns of each block (`rna.0.known`, …, with
//!   `mean`, `deviation` and `median`), and the pairs with their labels (`pairs.rna`, `pairs.partner`: numbers of
//!   molecules; `labels`); its note has the digests of the molecules' sequences. It tells the training labels, and holds
//!   sequences only where the stores did that it was trained on (`rna.lengths`, and the numbers of their letters,
//!   `rna.letters`),
//! - `gp.safetensors`: of a Gaussian process, what each molecule of training is compared by: counts (`rna.bag.0.sizes`, how
//!   many things each molecule has, `.things` and `.counts`), columns (`rna.block.0`), and pairs with labels as above.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::seal::AGAIN;
use crate::encoder::Bag;
use crate::expert::{Experts, Gaussian, Kind, Known};
use crate::gp::Traits;
use crate::homology::Sequences;
use crate::nn::checkpoint::{self, Array, Arrays};
use crate::pair::{Side, Sides};
use crate::record::{Digest, Molecule};
use crate::transfer::{Distances, Standardised, Transfer};
use crate::trees::Trees;
use crate::{Error, Place, Result, io};

/// The file of the trees.
pub(super) const TREES: &str = "trees.json";
/// The file of the known pairs.
pub(super) const TRANSFER: &str = "transfer.safetensors";
/// The file of the Gaussian process.
pub(super) const GAUSSIAN: &str = "gp.safetensors";

/// What stands in the note of the known pairs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    kind: String,
    molecules: Sides<Vec<Digest>>,
    /// What the sequences are of, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequences: Option<Sides<Molecule>>,
}

const KIND: &str = "transfer";

/// What stands in the note of a Gaussian process.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AboutGaussian {
    kind: String,
    /// The part of columns in the likeness of two molecules.
    of_columns: Sides<f64>,
    noise: f64,
    /// The number of molecules, of bags, and the widths of blocks.
    molecules: Sides<usize>,
    bags: Sides<usize>,
    blocks: Sides<Vec<usize>>,
}

const KIND_OF_GAUSSIAN: &str = "gp";

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
        let about = About {
            kind: KIND.into(),
            molecules: known.molecules.clone(),
            sequences: known.sequences.as_ref().map(|all| all.as_ref().map(Sequences::kind)),
        };
        files.insert(TRANSFER.to_owned(), checkpoint::write(&folder.join(TRANSFER), &about, &arrays(known))?);
    }
    if let Some(gaussian) = &experts.gaussian {
        let digest =
            checkpoint::write(&folder.join(GAUSSIAN), &about(gaussian), &arrays_of_gaussian(gaussian))?;
        files.insert(GAUSSIAN.to_owned(), digest);
    }
    Ok(files)
}

fn about(gaussian: &Gaussian) -> AboutGaussian {
    let first = |side: Side| gaussian.traits[side].first();
    AboutGaussian {
        kind: KIND_OF_GAUSSIAN.into(),
        of_columns: gaussian.of_columns,
        noise: gaussian.noise,
        molecules: Sides::of(|side: Side| gaussian.traits[side].len()),
        bags: Sides::of(|side| first(side).map_or(0, |traits| traits.bags.len())),
        blocks: Sides::of(|side| {
            first(side).map_or(Vec::new(), |traits| traits.blocks.iter().map(Vec::len).collect())
        }),
    }
}

fn arrays_of_gaussian(gaussian: &Gaussian) -> Arrays {
    let mut arrays = pairs_and_labels(&gaussian.pairs, &gaussian.labels);
    let AboutGaussian { bags, blocks, .. } = about(gaussian);
    for side in Side::BOTH {
        let (all, name) = (&gaussian.traits[side], side.name());
        for bag in 0..bags[side] {
            let counts = || all.iter().flat_map(|traits| traits.bags[bag].counts());
            let mut put = |what: &str, values: Vec<f32>| {
                arrays.insert(format!("{name}.bag.{bag}.{what}"), Array::vector(values));
            };
            // Buckets and counts are whole numbers below 2²⁴.
            put("sizes", all.iter().map(|traits| traits.bags[bag].counts().len() as f32).collect());
            put("things", counts().map(|&(thing, _)| thing as f32).collect());
            put("counts", counts().map(|&(_, count)| count as f32).collect());
        }
        for block in 0..blocks[side].len() {
            let values = all.iter().flat_map(|traits| traits.blocks[block].clone()).collect();
            arrays.insert(format!("{name}.block.{block}"), Array::vector(values));
        }
    }
    arrays
}

fn pairs_and_labels(pairs: &[Sides<u32>], labels: &[f64]) -> Arrays {
    let mut arrays = Arrays::new();
    for side in Side::BOTH {
        // Whole numbers up to 2²⁴ are exact.
        let places = pairs.iter().map(|pair| pair[side] as f32).collect();
        arrays.insert(format!("pairs.{}", side.name()), Array::vector(places));
    }
    arrays.insert("labels".into(), Array::vector(labels.iter().map(|&label| label as f32).collect()));
    arrays
}

fn arrays(known: &Known) -> Arrays {
    let mut arrays = pairs_and_labels(known.transfer.pairs(), known.transfer.labels());
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
        if let Some(sequences) = &known.sequences {
            let coded = sequences[side].coded();
            let mut put = |what: &str, values: Vec<f32>| {
                arrays.insert(format!("{}.{what}", side.name()), Array::vector(values));
            };
            put("lengths", coded.iter().map(|letters| letters.len() as f32).collect());
            put("letters", coded.iter().flatten().map(|&letter| f32::from(letter)).collect());
        }
    }
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
    let gaussian = files.get(GAUSSIAN).map(|bytes| gaussian(&folder.join(GAUSSIAN), bytes)).transpose()?;
    Ok(Experts { trees, known, gaussian })
}

fn gaussian(path: &Path, bytes: &[u8]) -> Result<Gaussian> {
    let (about, mut arrays): (AboutGaussian, Arrays) = checkpoint::from_bytes(bytes, path)?;
    let wrong = |why: &str| Place::file(path).error(format!("holds no Gaussian process ({why})"), AGAIN);
    if about.kind != KIND_OF_GAUSSIAN {
        return Err(wrong("it is of another kind"));
    }
    let (pairs, labels) = pairs_of(&mut arrays, about.molecules).map_err(|why| wrong(&why))?;
    let traits = Sides::try_of(|side| {
        let (count, name) = (about.molecules[side], side.name());
        let mut all = vec![Traits::default(); count];
        for bag in 0..about.bags[side] {
            let mut take = |what: &str| {
                let array = arrays.remove(&format!("{name}.bag.{bag}.{what}"));
                array.map(|array| array.values).ok_or_else(|| wrong("it lacks counts"))
            };
            let (sizes, things, counts) = (take("sizes")?, take("things")?, take("counts")?);
            let total: f64 = sizes.iter().map(|&size| f64::from(size)).sum();
            if sizes.len() != count || total != things.len() as f64 || things.len() != counts.len() {
                return Err(wrong("counts and molecules do not fit together"));
            }
            let mut rest = things.iter().map(|&thing| thing as u64).zip(counts.iter().map(|&n| n as u32));
            for (traits, &size) in all.iter_mut().zip(&sizes) {
                traits.bags.push(Bag::from_counts(rest.by_ref().take(size as usize)));
            }
        }
        for (block, &width) in about.blocks[side].iter().enumerate() {
            let array = arrays.remove(&format!("{name}.block.{block}"));
            let values = array.map(|array| array.values).unwrap_or_default();
            if width.checked_mul(count) != Some(values.len()) || !values.iter().all(|value| value.is_finite())
            {
                return Err(wrong("columns and molecules do not fit together"));
            }
            for (at, traits) in all.iter_mut().enumerate() {
                traits.blocks.push(values[at * width..][..width].to_vec());
            }
        }
        Ok(all)
    })?;
    Gaussian::new(traits, about.of_columns, pairs, labels, about.noise)
        .map_err(|error| wrong(&error.to_string()))
}

/// Takes the known pairs with their labels.
fn pairs_of(arrays: &mut Arrays, molecules: Sides<usize>) -> Result<(Vec<Sides<u32>>, Vec<f64>), String> {
    let mut take = |name: &str| arrays.remove(name).map(|array| array.values);
    let numbers = Sides::try_of(|side: Side| {
        take(&format!("pairs.{}", side.name())).ok_or_else(|| "it has no pairs".to_owned())
    })?;
    let labels = take("labels").ok_or("it has no labels")?;
    let fits = |side: Side| {
        let count = molecules[side] as f32;
        numbers[side].len() == labels.len() && numbers[side].iter().all(|n| (0.0..count).contains(n))
    };
    if !Side::BOTH.into_iter().all(fits) || !labels.iter().all(|label| label.is_finite()) {
        return Err("pairs, labels and molecules do not fit together".into());
    }
    let pairs = (0..labels.len()).map(|at| Sides::of(|side: Side| numbers[side][at] as u32)).collect();
    Ok((pairs, labels.into_iter().map(f64::from).collect()))
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
    let counts = Sides::of(|side: Side| about.molecules[side].len());
    let of_side = |kinds: Sides<Molecule>| {
        Sides::try_of(|side: Side| sequences(&mut arrays, side, kinds[side], counts[side]))
    };
    let sequences = about.sequences.map(of_side).transpose().map_err(|why| wrong(&why))?;
    let (pairs, labels) = pairs_of(&mut arrays, counts).map_err(|why| wrong(&why))?;
    let transfer = Transfer::new(distances, pairs, labels);
    Ok(Known { molecules: about.molecules, transfer, sequences })
}

/// Takes the sequences of a side.
fn sequences(arrays: &mut Arrays, side: Side, kind: Molecule, count: usize) -> Result<Sequences, String> {
    let mut take = |what: &str| {
        let array = arrays.remove(&format!("{}.{what}", side.name()));
        array.map(|array| array.values).ok_or_else(|| format!("it has no {what} of sequences"))
    };
    let (lengths, letters) = (take("lengths")?, take("letters")?);
    let total: f64 = lengths.iter().map(|&length| f64::from(length)).sum();
    if lengths.len() != count || total != letters.len() as f64 || lengths.iter().any(|&length| length < 0.0) {
        return Err("sequences and molecules do not fit together".into());
    }
    let mut rest = letters.iter().map(|&letter| letter as u8);
    let coded = lengths.iter().map(|&length| rest.by_ref().take(length as usize).collect()).collect();
    Sequences::from_coded(kind, coded)
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
        let letters = [&b"ACGUN"[..], b"", b"GG"];
        let sequences = Sides::of(|_| Sequences::read(Molecule::Rna, letters));
        let known = Some(Known { molecules, transfer, sequences: Some(sequences) });
        let traits = |n: u64| Traits {
            bags: vec![Bag::of([n, n, 7]), Bag::default()],
            blocks: vec![vec![n as f32, 0.5], vec![1.0]],
        };
        let pairs = vec![Sides::new(0, 1), Sides::new(1, 0)];
        let traits = Sides::of(|_| [1, 2].map(traits).to_vec());
        let gaussian = Gaussian::new(traits, Sides::new(0.5, 0.25), pairs, vec![0.5, -0.75], 0.3).unwrap();
        Experts { trees: [(Kind::Transfer, trees)].into(), known, gaussian: Some(gaussian) }
    }

    fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        [TREES, TRANSFER, GAUSSIAN]
            .map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()))
            .into()
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
        let words = refused(&|e| {
            let fewer = Sequences::read(Molecule::Rna, [&b"A"[..]]);
            e.known.iter_mut().for_each(|known| known.sequences = Some(Sides::of(|_| fewer.clone())));
        });
        assert!(words.contains("(sequences and molecules do not fit together)"), "{words}");
        let words = refused(&|e| e.gaussian.iter_mut().for_each(|gaussian| gaussian.pairs[0].rna = 9));
        assert!(words.contains("gp.safetensors: holds no Gaussian process (pairs, labels"), "{words}");
        write_experts(folder.path(), &experts()).unwrap();
        let mut none = bytes(folder.path());
        none.remove(TREES);
        assert!(read(folder.path(), &none).unwrap_err().to_string().contains("trees.json: is not named"));
    }
}
