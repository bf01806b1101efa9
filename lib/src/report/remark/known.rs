//! Says how much of the test was known from training.

use super::{Remark, note, percent, warning};
use crate::identity::Shares;

/// Puts a sentence behind another.
fn spaced(sentence: &str) -> String {
    if sentence.is_empty() { String::new() } else { format!(" {sentence}") }
}

/// Gives the remark that the shares call for.
pub(super) fn remark(known: &Shares, by_sequence: Option<&Shares>) -> Option<Remark> {
    if known.same_pair >= 0.01 {
        return Some(warning(format!(
            "{} of the test pairs stand in training in the other order, with the same label: a model can look them up. \
             Split again, so that a pair and its mirror stay together.",
            percent(known.same_pair)
        )));
    }
    let same = by_sequence.map_or(0.0, |other| other.same_pair);
    let again = if same >= 0.01 {
        format!(
            "{} of the test pairs stand in training with the same two sequences under other names, or in the other order.",
            percent(same)
        )
    } else {
        String::new()
    };
    if known.both >= 0.5 {
        Some(warning(format!(
            "In {} of the test pairs both molecules were also in training, in other pairs. The figures say how well the \
             model fills in a table of known molecules, not how it does on new ones; a split by unseen molecules \
             answers that.{}",
            percent(known.both),
            spaced(&again)
        )))
    } else if known.neither >= 0.99 {
        Some(note(format!(
            "{} molecule of the test pairs was in training by its identifier, in either column.{}",
            if known.neither < 1.0 { "Hardly any" } else { "No" },
            spaced(&again)
        )))
    } else if !again.is_empty() {
        Some(warning(again))
    } else {
        None
    }
}
