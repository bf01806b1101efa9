//! What a fit says about each epoch.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::io::Number;
use crate::pair::Sides;

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
    pub crosstalk: Option<Sides<f64>>,
}

/// Gives the log of several fits as a table; no times are in it, so that a resumed run has the same bytes.
pub fn log_table(members: &[Vec<EpochRow>]) -> String {
    let mut text = String::from(
        "member\tepoch\tstep\tlearning_rate\tloss\tgradient_norm\tvalidation_loss\tvalidation_metric\t\
         crosstalk_rna\tcrosstalk_partner\n",
    );
    let number = |value: Option<f64>| Number(value.unwrap_or(f64::NAN));
    for (member, rows) in members.iter().enumerate() {
        for row in rows {
            let EpochRow { epoch, step, rate, loss, gradient, .. } = row;
            let Sides { rna, partner } = Sides::of(|side| number(row.crosstalk.map(|ratio| ratio[side])));
            let (validation, metric) = (number(row.validation_loss), number(row.metric));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{member}\t{epoch}\t{step}\t{}\t{}\t{}\t{validation}\t{metric}\t{rna}\t{partner}",
                Number(*rate),
                Number(*loss),
                Number(*gradient)
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_an_earlier_checkpoint_is_read_whose_crosstalk_is_a_list_of_two() {
        let row = r#"{"epoch":1,"step":8,"rate":0.001,"loss":0.5,"gradient":1.0,"validation_loss":null,"metric":null,
            "crosstalk":[0.25,0.5]}"#;
        let row: EpochRow = serde_json::from_str(row).unwrap();
        assert_eq!(row.crosstalk, Some(Sides::new(0.25, 0.5)));
        assert!(serde_json::to_string(&row).unwrap().contains(r#""crosstalk":{"rna":0.25,"partner":0.5}"#));
    }
}
