//! Predicts interaction from how often each molecule was positive and negative in training.

use super::{Boosted, Entries, Row};

/// Predicts the probability of the pairs `test` with boosted trees on four numbers: how often the pair's RNA and its
/// partner were positive and negative among the pairs `train`.
///
/// A training pair is left out of its own counts: with it, a molecule of one pair would carry its label.
pub fn counts(pairs: Entries<'_>, train: &[usize], test: &[usize]) -> Vec<f64> {
    let train: Vec<(usize, bool)> =
        train.iter().filter_map(|&i| pairs.labels[i].map(|label| (i, label > 0.5))).collect();
    let (rna, partner) = (pairs.molecules.rna(), pairs.molecules.partner());
    let mut seen = vec![[0_u32; 2]; pairs.molecules.molecules()];
    for &(i, label) in &train {
        seen[rna[i] as usize][usize::from(label)] += 1;
        if partner[i] != rna[i] {
            seen[partner[i] as usize][usize::from(label)] += 1;
        }
    }
    let row = |i: usize, own: Option<bool>| -> Row {
        let mut row = [0; 4];
        row[..2].copy_from_slice(&seen[rna[i] as usize]);
        row[2..].copy_from_slice(&seen[partner[i] as usize]);
        if let Some(label) = own {
            row[usize::from(label)] -= 1;
            row[2 + usize::from(label)] -= 1;
        }
        row
    };
    let rows: Vec<Row> = train.iter().map(|&(i, label)| row(i, Some(label))).collect();
    let labels: Vec<bool> = train.iter().map(|&(_, label)| label).collect();
    let trees = Boosted::fit(&rows, &labels);
    test.iter().map(|&i| trees.probability(row(i, None))).collect()
}

/// Predicts 0 for a partner that has a positive pair in training (in either column, between RNAs) and 1 for any other.
///
/// In sets that give each partner one positive pair (RPI1460) this beats published models in a random split.
pub fn partner_rule(pairs: Entries<'_>, train: &[usize], test: &[usize]) -> Vec<f64> {
    let (rna, partner) = (pairs.molecules.rna(), pairs.molecules.partner());
    let mut bound = vec![false; pairs.molecules.molecules()];
    for &i in train.iter().filter(|&&i| pairs.labels[i].is_some_and(|label| label > 0.5)) {
        bound[rna[i] as usize] = true;
        bound[partner[i] as usize] = true;
    }
    test.iter().map(|&i| if bound[partner[i] as usize] { 0.0 } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::metrics::auroc;
    use crate::rng::Rng;

    /// Labels drawn by `label` from the numbers of RNA and partner, with 40 RNAs and 300 partners.
    fn set(label: impl Fn(u32, u32, &mut Rng) -> bool) -> (Vec<u32>, Vec<u32>, Vec<Option<f64>>) {
        let mut rng = Rng::new(4);
        let rna: Vec<u32> = (0..1200).map(|_| rng.below(40) as u32).collect();
        let partner: Vec<u32> = (0..1200).map(|_| rng.below(300) as u32).collect();
        let labels = rna
            .iter()
            .zip(&partner)
            .map(|(&r, &p)| Some(f64::from(u8::from(label(r, p, &mut rng)))))
            .collect();
        (rna, partner, labels)
    }

    fn area((rna, partner, labels): &(Vec<u32>, Vec<u32>, Vec<Option<f64>>)) -> f64 {
        let (train, test): (Vec<usize>, Vec<usize>) = (0..1200).partition(|i| i % 5 != 0);
        let predicted =
            counts(Entries { molecules: &Identity::of_two_kinds(rna, partner), labels }, &train, &test);
        let truth: Vec<bool> = test.iter().map(|&i| labels[i] == Some(1.0)).collect();
        auroc(&predicted, &truth)
    }

    #[test]
    fn a_molecule_that_decides_is_found() {
        assert!(area(&set(|rna, _, _| rna % 3 == 0)) > 0.99);
        assert!(area(&set(|_, partner, _| partner % 2 == 0)) > 0.9);
    }

    #[test]
    fn random_labels_are_not_learnt_from_the_pair_itself() {
        let area = area(&set(|_, _, rng| rng.below(2) == 0));
        assert!((0.4..0.6).contains(&area), "{area}");
    }

    #[test]
    fn one_class_and_no_training_pairs_are_no_trouble() {
        let pairs =
            Entries { molecules: &Identity::of_two_kinds(&[0, 1], &[0, 1]), labels: &[Some(1.0), Some(1.0)] };
        assert!(counts(pairs, &[0], &[1])[0] > 0.5);
        assert_eq!(counts(pairs, &[], &[1]), [0.5]);
    }

    #[test]
    fn the_rule_calls_unbound_partners_positive() {
        let pairs = Entries {
            molecules: &Identity::of_two_kinds(&[0, 1, 2, 3], &[0, 0, 1, 1]),
            labels: &[Some(1.0), None, Some(0.0), None],
        };
        assert_eq!(partner_rule(pairs, &[0, 2], &[1, 3]), [0.0, 1.0]);
    }
}
