//! What a table says of how far to trust a prediction.

use crate::io::{Cell, Holds};
use crate::pair::{Sides, Task};
use crate::record::RecordId;
use crate::trust::{Bin, Flag, Measured};

/// The columns of either task, each with what it holds.
const KNOWN: [(&str, Holds); 6] = [
    ("trust", Holds::Text),
    ("nearest_rna", Holds::Text),
    ("rna_similarity", Holds::Number),
    ("nearest_partner", Holds::Text),
    ("partner_similarity", Holds::Number),
    ("bin_pairs", Holds::Count),
];

/// How well the training of a model knows a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Trusted {
    /// In a word.
    pub flag: Flag,
    /// The molecules of training that are nearest to the pair's, and how similar they are, of sides that the model keeps.
    pub nearest: Sides<Option<(RecordId, f64)>>,
    /// What was measured on pairs that training knows as well.
    pub bin: Option<BinFigures>,
}

/// What a table shows of a [`Bin`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinFigures {
    /// The number of pairs.
    pub pairs: usize,
    /// The area under the ROC curve and the calibration error, or the root mean squared error alone.
    pub figures: [Option<f64>; 2],
}

impl From<&Bin> for BinFigures {
    fn from(bin: &Bin) -> Self {
        let figures = match bin.measured {
            Measured::Classification { auroc, ece, .. } => [auroc, Some(ece)],
            Measured::Affinity { rmse, .. } => [Some(rmse), None],
        };
        Self { pairs: bin.pairs, figures }
    }
}

impl Trusted {
    /// Gives the columns, each with what it holds.
    pub fn columns(task: Task) -> impl Iterator<Item = (&'static str, Holds)> {
        let measured: &[&str] = match task {
            Task::Classification => &["bin_auroc", "bin_ece"],
            Task::Affinity => &["bin_rmse"],
        };
        KNOWN.into_iter().chain(measured.iter().map(|name| (*name, Holds::Number)))
    }

    /// Gives the cells of the columns; where nothing is known, the word is `NA` and the rest is unknown.
    pub fn cells(trusted: Option<&Self>, task: Task) -> Vec<Cell<'_>> {
        let width = Self::columns(task).count();
        let Some(Self { flag, nearest, bin }) = trusted else {
            return [Cell::Text("NA")]
                .into_iter()
                .chain(std::iter::repeat(Cell::Unknown))
                .take(width)
                .collect();
        };
        let mut cells = vec![Cell::Text(flag.name())];
        for nearest in nearest.as_ref().into_array() {
            let known =
                nearest.as_ref().map(|(id, similarity)| [Cell::Text(id.as_str()), Cell::Number(*similarity)]);
            cells.extend(known.unwrap_or([Cell::Unknown; 2]));
        }
        if let Some(BinFigures { pairs, figures }) = bin {
            cells.push(Cell::Count(*pairs as u64));
            cells.extend(figures.map(|figure| figure.map_or(Cell::Unknown, Cell::Number)));
        }
        // Of affinities there is one figure.
        cells.resize(width, Cell::Unknown);
        cells
    }
}
