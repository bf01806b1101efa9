//! Keeps what a model knows of its molecules of training.
//!
//! `neighbours.safetensors` holds of either side the scale of each block (`rna.0.mean`, `.deviation`, `.median`), a sketch of
//! every molecule (`rna.sketches`) and the pairs of training (`pairs.rna`, `pairs.partner`: numbers of molecules); its note has
//! the molecules' names and the digests of their sequences. It holds neither a sequence nor a label.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::seal::AGAIN;
use crate::nn::checkpoint::{self, Array, Arrays};
use crate::pair::{Side, Sides};
use crate::record::{Digest, RecordId};
use crate::trust::{Neighbours, Scale, Sketches};
use crate::{Place, Result};

/// The name of the file.
pub(super) const NEIGHBOURS: &str = "neighbours.safetensors";

/// What stands in its note.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    kind: String,
    names: Sides<Vec<String>>,
    molecules: Sides<Vec<Digest>>,
}

const KIND: &str = "neighbours";

/// Writes the molecules of training, and gives the name of the file with its digest.
///
/// # Errors
/// A folder that cannot be written.
pub fn write_neighbours(folder: &Path, known: &Neighbours) -> Result<(String, Digest)> {
    let about = About {
        kind: KIND.into(),
        names: known.names().as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
        molecules: known.molecules().clone(),
    };
    let mut arrays = Arrays::new();
    let mut put = |name: String, values: Vec<f32>| arrays.insert(name, Array::vector(values));
    for side in Side::BOTH {
        let (sketches, name) = (&known.sketches()[side], side.name());
        for (number, scale) in sketches.scales().iter().enumerate() {
            put(format!("{name}.{number}.mean"), scale.mean.clone());
            put(format!("{name}.{number}.deviation"), scale.deviation.clone());
            put(format!("{name}.{number}.median"), vec![scale.median]);
        }
        put(format!("{name}.sketches"), sketches.known().to_vec());
        // Whole numbers up to 2²⁴ are exact.
        put(format!("pairs.{name}"), known.pairs().iter().map(|pair| pair[side] as f32).collect());
    }
    let digest = checkpoint::write(&folder.join(NEIGHBOURS), &about, &arrays)?;
    Ok((NEIGHBOURS.into(), digest))
}

/// Reads the molecules of training from the bytes of their file.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Neighbours> {
    let (about, mut arrays): (About, Arrays) = checkpoint::from_bytes(bytes, path)?;
    let wrong = |why: &str| Place::file(path).error(format!("holds no molecules of training ({why})"), AGAIN);
    if about.kind != KIND {
        return Err(wrong("it is of another kind"));
    }
    let names = about.names.try_map(|all| {
        all.into_iter().map(|name| RecordId::new(name).map_err(wrong)).collect::<Result<Vec<_>>>()
    })?;
    let mut take = |name: String| arrays.remove(&name).map(|array| array.values);
    let sketches = Sides::try_of(|side: Side| {
        let mut scales = Vec::new();
        while let Some(mean) = take(format!("{}.{}.mean", side.name(), scales.len())) {
            let mut part = |what: &str| {
                take(format!("{}.{}.{what}", side.name(), scales.len()))
                    .ok_or_else(|| wrong("a block is not whole"))
            };
            let (deviation, median) = (part("deviation")?, part("median")?);
            scales.push(Scale { mean, deviation, median: median.first().copied().unwrap_or(f32::NAN) });
        }
        let known = take(format!("{}.sketches", side.name())).ok_or_else(|| wrong("it has no sketches"))?;
        Sketches::from_parts(scales, known).map_err(|why| wrong(&why))
    })?;
    let places = Sides::try_of(|side: Side| {
        let places = take(format!("pairs.{}", side.name())).ok_or_else(|| wrong("it has no pairs"))?;
        let fits = |place: &f32| *place >= 0.0 && *place < about.molecules[side].len() as f32;
        if places.iter().all(fits) {
            Ok(places)
        } else {
            Err(wrong("pairs and molecules do not fit together"))
        }
    })?;
    if places.rna.len() != places.partner.len() {
        return Err(wrong("the pairs are not whole"));
    }
    let pair = |(&rna, &partner): (&f32, &f32)| Sides::new(rna as u32, partner as u32);
    let pairs = places.rna.iter().zip(&places.partner).map(pair).collect();
    Neighbours::from_parts(names, about.molecules, sketches, pairs).map_err(|why| wrong(&why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::Block;
    use crate::expert::{Descriptors, Named};
    use crate::record::Molecule;
    use crate::trust::Kept;

    fn known(kept: Kept) -> Neighbours {
        let of = |kind| {
            let digests = [&b"A"[..], b"C", b"G"].map(|text| Digest::of_sequence(kind, text)).to_vec();
            let block = Named { block: Block { name: "x".into(), columns: 0..2 }, built_in: false };
            Descriptors::new(kind, digests, &[vec![0.5, 1.0], vec![1.5, 2.0], vec![-2.0, 0.0]], &[block])
        };
        let descriptors = Sides::new(of(Molecule::Rna), of(Molecule::Protein));
        let pairs = [Sides::new(0, 2), Sides::new(1, 1), Sides::new(2, 0)];
        let name = |side: Side, at: u32| RecordId::new(format!("{}{at}", side.name())).unwrap();
        Neighbours::fit(&descriptors, &pairs, name, kept)
    }

    #[test]
    fn molecules_survive_their_file_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        for known in [Kept::Both, Kept::Rnas].map(known) {
            let (name, digest) = write_neighbours(folder.path(), &known).unwrap();
            let path = folder.path().join(name);
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(digest, Digest::of(&bytes));
            assert_eq!(read(&path, &bytes).unwrap(), known);
        }
    }

    #[test]
    fn a_file_that_says_what_cannot_be_is_refused_by_name() {
        let path = Path::new("neighbours.safetensors");
        let about = |kind: &str| About {
            kind: kind.into(),
            names: Sides::new(vec!["a".into()], vec!["b".into()]),
            molecules: Sides::of(|_| vec![Digest::of(b"A")]),
        };
        let refused = |about: &About, arrays: &Arrays| {
            read(path, &checkpoint::to_bytes(about, arrays).unwrap()).unwrap_err().to_string()
        };
        assert!(refused(&about("gp"), &Arrays::new()).contains("it is of another kind"));
        assert!(refused(&about(KIND), &Arrays::new()).contains("it has no sketches"));
        let array = |values: &[f32]| Array::vector(values.to_vec());
        let mut arrays =
            Arrays::from(["rna", "partner"].map(|side| (format!("{side}.sketches"), array(&[0.0; 128]))));
        arrays.extend(["rna", "partner"].map(|side| (format!("pairs.{side}"), array(&[1.0]))));
        assert!(refused(&about(KIND), &arrays).contains("pairs and molecules do not fit together"));
    }
}
