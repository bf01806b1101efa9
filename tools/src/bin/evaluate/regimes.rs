//! Tells how well training knows each measured pair.

use crossmamba::identity::Identity;
use crossmamba::pair::Sides;
use crossmamba::prediction::Predictions;
use crossmamba::trust::{Flag, Nearness};

use super::molecules::Molecules;
use super::subject::Subject;

/// Gives the flag of each measured pair: that of the predictions where every pair has one, and else by which of its molecules
/// stand in training pairs, by sequence where sequences are known; none where training is not known.
pub(super) fn flags(predictions: &Predictions, molecules: &Molecules, subject: &Subject) -> Vec<Flag> {
    let own: Option<Vec<Flag>> =
        subject.rows.iter().map(|row| row.and_then(|row| predictions.flags[row])).collect();
    own.unwrap_or_else(|| {
        let told = molecules.by_sequence.as_ref().map_or(&molecules.by_id, |described| &described.molecules);
        by_molecules(told, subject)
    })
}

fn by_molecules(molecules: &Identity, subject: &Subject) -> Vec<Flag> {
    let mut flags = vec![None; subject.table.pairs.len()];
    for fold in &subject.folds {
        let trained = molecules.of_pairs(fold.train.iter().copied());
        let nearness = |number: u32| if trained[number as usize] { Nearness::Known } else { Nearness::New };
        for &pair in &fold.test {
            let known = Sides::new(nearness(molecules.rna()[pair]), nearness(molecules.partner()[pair]));
            flags[pair] = Some(Flag::of(known, false));
        }
    }
    subject.test.iter().map_while(|&pair| flags[pair]).collect()
}
