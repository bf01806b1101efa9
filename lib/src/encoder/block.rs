//! The named blocks of a store's global vectors.

use std::ops::Range;

use serde_json::{Value, json};

use super::Kmer;
use crate::record::Molecule;
use crate::store::{Manifest, TokenRule};

/// A named stretch of the columns of a global vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The name, as the manifest gives it.
    pub name: String,
    /// The columns.
    pub columns: Range<usize>,
}

/// Gives the blocks of the global vectors of a store, in their order; together they are all columns.
///
/// A store of the encoder `kmer` says them itself, and those of its first version are known. Any other store is one block,
/// named after its encoder.
///
/// ```
/// use crossmamba::encoder::{Encoder as _, Kmer, blocks};
/// use crossmamba::record::Molecule;
/// use crossmamba::store::{Dtype, TokenRule};
///
/// let manifest = Kmer::new(Molecule::Rna, TokenRule::Pooled).manifest(Dtype::F32);
/// let blocks = blocks(&manifest);
/// let names: Vec<_> = blocks.iter().map(|block| block.name.as_str()).collect();
/// assert_eq!(names, ["1-mers", "2-mers", "3-mers", "length", "4-mers", "gapped", "content"]);
/// assert_eq!(blocks[2].columns, 20..84);
/// ```
pub fn blocks(manifest: &Manifest) -> Vec<Block> {
    let said = manifest.settings.get("blocks").and_then(read);
    let first = || {
        (manifest.encoder == "kmer")
            .then(|| Kmer::first(manifest.molecule, TokenRule::Pooled).widths_of_blocks())
            .map(|widths| widths.iter().map(|&(name, width)| (name.to_owned(), width)).collect())
    };
    let whole = || vec![(manifest.encoder.clone(), manifest.global_width)];
    let fits = |widths: &Vec<(String, usize)>| {
        widths.iter().map(|(_, width)| width).sum::<usize>() == manifest.global_width
    };
    let widths = said.or_else(first).filter(fits).unwrap_or_else(whole);
    let mut next = 0;
    let block = |(name, width)| {
        let from = next;
        next += width;
        Block { name, columns: from..next }
    };
    widths.into_iter().map(block).filter(|block| !block.columns.is_empty()).collect()
}

/// Names every column of the global vector of the encoder `kmer`, in their order.
///
/// ```
/// use crossmamba::encoder::column_names;
/// use crossmamba::record::Molecule;
///
/// let names = column_names(Molecule::Protein);
/// assert_eq!((names.len(), names[0].as_str()), (650, "composition A"));
/// assert!(names.contains(&"physico isoelectric point".to_owned()));
/// ```
pub fn column_names(molecule: Molecule) -> Vec<String> {
    Kmer::new(molecule, TokenRule::Pooled).column_names()
}

/// Computes the global vector of the encoder `kmer` for one sequence, block by block, each with its name.
///
/// ```
/// use crossmamba::encoder::columns;
/// use crossmamba::record::Molecule;
///
/// let columns = columns(Molecule::Rna, b"GGCC");
/// assert_eq!(columns[0], ("1-mers", vec![0.0, 0.5, 0.5, 0.0]));
/// let content = &columns[6];
/// assert_eq!((content.0, content.1[0]), ("content", 1.0));
/// ```
pub fn columns(molecule: Molecule, sequence: &[u8]) -> Vec<(&'static str, Vec<f32>)> {
    let encoder = Kmer::new(molecule, TokenRule::Pooled);
    let mut values = encoder.embed(sequence).embedding.global.into_iter();
    let widths = encoder.widths_of_blocks().iter();
    widths.map(|&(name, width)| (name, values.by_ref().take(width).collect())).collect()
}

/// Writes the widths of blocks for the manifest.
pub(super) fn written(widths: &[(&str, usize)]) -> Value {
    json!(widths)
}

fn read(value: &Value) -> Option<Vec<(String, usize)>> {
    serde_json::from_value(value.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::{Encoder as _, OneHot};
    use crate::store::Dtype;

    fn manifest(encoder: &Kmer) -> Manifest {
        encoder.manifest(Dtype::F32)
    }

    #[test]
    fn blocks_and_names_cover_the_global_vector() {
        for molecule in [Molecule::Rna, Molecule::Protein, Molecule::SmallMolecule] {
            let current = manifest(&Kmer::new(molecule, TokenRule::Pooled));
            for manifest in [&current, &manifest(&Kmer::first(molecule, TokenRule::Pooled))] {
                let blocks = blocks(manifest);
                assert!(blocks.len() > 2, "{molecule}");
                assert_eq!(blocks.last().unwrap().columns.end, manifest.global_width, "{molecule}");
            }
            let names = column_names(molecule);
            assert_eq!(names.len(), current.global_width);
            let distinct: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len());
        }
    }

    #[test]
    fn a_store_of_another_encoder_is_one_block() {
        let mut manifest = manifest(&Kmer::new(Molecule::Rna, TokenRule::Pooled));
        manifest.encoder = "import".into();
        manifest.settings = json!({});
        assert_eq!(blocks(&manifest), [Block { name: "import".into(), columns: 0..463 }]);
        let onehot = OneHot::new(Molecule::Rna, TokenRule::Pooled).manifest(Dtype::F32);
        assert_eq!(blocks(&onehot), []);
    }
}
