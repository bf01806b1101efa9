//! Holds predictions of pairs, as tables: what training writes of pairs it has not seen, what `crossmamba-predict` writes,
//! and what other programs' predictions must look like to be measured beside them.

mod read;
mod row;
mod trusted;
mod write;

pub use read::Predictions;
pub use row::{Predicted, Row};
pub use trusted::{BinFigures, Trusted};
pub use write::{Columns, Writer};
