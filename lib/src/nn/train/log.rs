//! What a fit says about each epoch.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// One epoch of one fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRow {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Steps taken so far.
    pub step: usize,
    /// The learning rate of the last step.
    pub rate: f64,
    /// The mean training loss of the epoch.
    pub loss: f64,
    /// The mean norm of the gradients, before clipping.
    pub gradient: f64,
    /// The loss on the inner validation part, when there is one.
    pub validation_loss: Option<f64>,
    /// AUROC or Pearson's r on the inner validation part, when it is defined.
    pub metric: Option<f64>,
    /// ‖cross‖/‖pool‖ of the RNA and of the partner in the last batch: how loud the crosstalk is; none for models
    /// without it.
    pub crosstalk: Option<[f64; 2]>,
}

/// Gives the log of several fits as a table; no times are in it, so that a resumed run has the same bytes.
pub fn log_table(members: &[Vec<EpochRow>]) -> String {
    let mut text = String::from(
        "member\tepoch\tstep\tlearning_rate\tloss\tgradient_norm\tvalidation_loss\tvalidation_metric\t\
         crosstalk_rna\tcrosstalk_partner\n",
    );
    let number = |value: Option<f64>| value.map_or_else(|| "NA".to_owned(), |v| format!("{v:.6}"));
    for (member, rows) in members.iter().enumerate() {
        for row in rows {
            let EpochRow { epoch, step, rate, loss, gradient, .. } = row;
            let [rna, partner] = [0, 1].map(|side| number(row.crosstalk.map(|ratio| ratio[side])));
            let (validation, metric) = (number(row.validation_loss), number(row.metric));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{member}\t{epoch}\t{step}\t{rate:.3e}\t{loss:.6}\t{gradient:.4}\t{validation}\t{metric}\t\
                 {rna}\t{partner}"
            );
        }
    }
    text
}
