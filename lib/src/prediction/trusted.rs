//! What a table says of how far to trust a prediction.

use crate::io::Cell;
use crate::pair::Sides;
use crate::record::RecordId;
use crate::trust::Flag;

/// How well the training of a model knows a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Trusted {
    /// In a word.
    pub flag: Flag,
    /// The molecules of training that are nearest to the pair's.
    pub nearest: Sides<RecordId>,
    /// How similar they are.
    pub similarity: Sides<f64>,
}

impl Trusted {
    /// The columns, each with whether it holds numbers.
    pub const COLUMNS: [(&'static str, bool); 5] = [
        ("trust", false),
        ("nearest_rna", false),
        ("rna_similarity", true),
        ("nearest_partner", false),
        ("partner_similarity", true),
    ];

    /// Gives the cells of the columns; where nothing is known, the word is `NA` and the rest is unknown.
    pub fn cells(trusted: Option<&Self>) -> Vec<Cell<'_>> {
        let Some(Self { flag, nearest, similarity }) = trusted else {
            return [Cell::Text("NA")].into_iter().chain([Cell::Unknown; 4]).collect();
        };
        vec![
            Cell::Text(flag.name()),
            Cell::Text(nearest.rna.as_str()),
            Cell::Number(similarity.rna),
            Cell::Text(nearest.partner.as_str()),
            Cell::Number(similarity.partner),
        ]
    }
}
