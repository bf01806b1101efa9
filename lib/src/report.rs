//! Puts predictions beside baselines, in numbers, words and figures.

mod evaluation;
mod figure;
mod learning;
mod page;
mod regimes;
mod remark;
mod table;
mod test_pairs;
mod trials;

pub use evaluation::{Contender, Estimate, Evaluation, Resampling};
pub(crate) use evaluation::{few_positives, usual_metrics};
pub use figure::{Figure, calibration, figures, learning_curves, png};
pub use learning::{Course, Epoch};
pub use page::{Page, document, page};
pub(crate) use page::{escaped, scroll};
pub use regimes::{Regime, regimes};
pub(crate) use remark::shown;
pub use remark::{Remark, remarks};
pub use table::{
    differences_table, metrics_json, metrics_table, precision_recall_table, regimes_table, reliability_table,
    roc_table, scatter_table, seeds_table,
};
pub use test_pairs::{Group, TestPairs};
pub use trials::{Effect, Seeds, Spread, Trials};
