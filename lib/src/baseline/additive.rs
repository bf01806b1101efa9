//! Predicts an affinity as a mean plus what the RNA and what the molecule usually add.

use super::Entries;

/// How many pairs a molecule's mean must outweigh: a molecule of one pair is believed half.
const SHRINKAGE: f64 = 1.0;
const ROUNDS: usize = 50;

/// Predicts the pairs `test` as μ + aᵣ + bₘ, fitted to the pairs `train` by least squares with all effects shrunk
/// towards zero; a molecule that was never seen adds nothing. Between RNAs a molecule has one effect in either column.
/// NaN when no training pair has a label.
///
/// ```
/// use crossmamba::baseline::{Entries, additive};
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
///
/// let pair = |rna, partner, label| -> Result<Pair, &str> {
///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label })
/// };
/// let pairs = PairTable::new(vec![pair("r", "p", Some(4.0))?, pair("s", "p", Some(6.0))?, pair("t", "q", None)?]);
/// let labels: Vec<Option<f64>> = pairs.pairs.iter().map(|pair| pair.label).collect();
/// let entries = Entries { molecules: &Identity::by_id(&pairs, None), labels: &labels };
/// assert_eq!(additive(entries, &[0, 1], &[2]), [5.0]);
/// # Ok::<(), &str>(())
/// ```
pub fn additive(pairs: Entries<'_>, train: &[usize], test: &[usize]) -> Vec<f64> {
    let (rna, partner) = (pairs.molecules.rna(), pairs.molecules.partner());
    // For each molecule its training pairs: the other molecule and the label.
    let mut known: Vec<Vec<(usize, f64)>> = vec![Vec::new(); pairs.molecules.molecules()];
    let (mut sum, mut count) = (0.0, 0.0);
    for (&i, label) in train.iter().filter_map(|i| Some((i, pairs.labels[*i]?))) {
        known[rna[i] as usize].push((partner[i] as usize, label));
        known[partner[i] as usize].push((rna[i] as usize, label));
        sum += label;
        count += 1.0;
    }
    let mean = sum / count;
    let mut effects = vec![0.0; known.len()];
    // Each step solves for one molecule with all others held: a convex problem, so that it converges.
    for _ in 0..ROUNDS {
        for (molecule, pairs) in known.iter().enumerate() {
            let rest: f64 = pairs.iter().map(|&(other, label)| label - mean - effects[other]).sum();
            effects[molecule] = rest / (SHRINKAGE + pairs.len() as f64);
        }
    }
    test.iter().map(|&i| mean + effects[rna[i] as usize] + effects[partner[i] as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::metrics::pearson;
    use crate::pair::{Pair, PairTable};
    use crate::record::RecordId;

    fn molecules(pairs: impl Iterator<Item = (String, String)>) -> Identity {
        let id = |text: String| RecordId::new(text).unwrap();
        let pair = |(rna, partner)| Pair { rna: id(rna), partner: id(partner), label: None };
        Identity::by_id(&PairTable::new(pairs.map(pair).collect()), None)
    }

    fn recovered(molecules: &Identity, truth: &[f64]) -> f64 {
        let labels: Vec<Option<f64>> = truth.iter().copied().map(Some).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = (0..truth.len()).partition(|i| i % 3 != 0);
        let predicted = additive(Entries { molecules, labels: &labels }, &train, &test);
        pearson(&predicted, &test.iter().map(|&i| truth[i]).collect::<Vec<_>>())
    }

    #[test]
    fn an_additive_table_is_recovered() {
        let table = molecules((0..600).map(|i| (format!("r{}", i % 20), format!("p{}", i / 20))));
        let truth: Vec<f64> = (0..600).map(|i| 5.0 + f64::from(i % 20 % 7) - f64::from(i / 20 % 5)).collect();
        assert!(recovered(&table, &truth) > 0.99);
    }

    #[test]
    fn between_rnas_a_molecule_has_one_effect_in_either_column() {
        let pairs: Vec<(i32, i32)> = (0..30).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        // Every molecule is on the left as often as on the right.
        let sides = |&(i, j): &(i32, i32)| if (i + j) % 2 == 0 { (i, j) } else { (j, i) };
        let table = molecules(pairs.iter().map(sides).map(|(i, j)| (format!("a{i}"), format!("a{j}"))));
        let truth: Vec<f64> = pairs.iter().map(|&(i, j)| f64::from(i % 7 + j % 7)).collect();
        assert!(recovered(&table, &truth) > 0.99);
    }

    #[test]
    fn without_a_label_there_is_no_mean() {
        let table = molecules([("r".to_owned(), "p".to_owned())].into_iter());
        assert!(additive(Entries { molecules: &table, labels: &[None] }, &[0], &[0])[0].is_nan());
    }
}
