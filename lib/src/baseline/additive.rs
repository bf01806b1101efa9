//! Predicts an affinity as a mean plus what the RNA and what the molecule usually add.

use super::Entries;

/// How many pairs a molecule's mean must outweigh: a molecule of one pair is believed half.
const SHRINKAGE: f64 = 1.0;
const ROUNDS: usize = 50;

/// Predicts the pairs `test` as μ + aᵣ + bₘ, fitted to the pairs `train` by least squares with both effects shrunk
/// towards zero; a molecule that was never seen adds nothing. NaN when no training pair has a label.
pub fn additive(pairs: Entries<'_>, train: &[usize], test: &[usize]) -> Vec<f64> {
    let train: Vec<(usize, usize, f64)> = train
        .iter()
        .filter_map(|&i| Some((pairs.rna[i] as usize, pairs.partner[i] as usize, pairs.labels[i]?)))
        .collect();
    let mean = train.iter().map(|(_, _, label)| label).sum::<f64>() / train.len() as f64;
    let effects = |numbers: &[u32]| vec![0.0; numbers.iter().max().map_or(0, |&last| last as usize + 1)];
    let (mut rna, mut partner) = (effects(pairs.rna), effects(pairs.partner));
    // Each round solves one side exactly with the other held: a convex problem, so that it converges.
    for _ in 0..ROUNDS {
        fit(&mut rna, train.iter().map(|&(r, p, label)| (r, label - mean - partner[p])));
        fit(&mut partner, train.iter().map(|&(r, p, label)| (p, label - mean - rna[r])));
    }
    test.iter().map(|&i| mean + rna[pairs.rna[i] as usize] + partner[pairs.partner[i] as usize]).collect()
}

fn fit(effects: &mut [f64], rest: impl Iterator<Item = (usize, f64)>) {
    let mut counts = vec![SHRINKAGE; effects.len()];
    effects.fill(0.0);
    for (molecule, value) in rest {
        effects[molecule] += value;
        counts[molecule] += 1.0;
    }
    for (effect, count) in effects.iter_mut().zip(counts) {
        *effect /= count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::pearson;

    #[test]
    fn an_additive_table_is_recovered() {
        let rna: Vec<u32> = (0..600).map(|i| i % 20).collect();
        let partner: Vec<u32> = (0..600).map(|i| i / 20).collect();
        let truth: Vec<f64> =
            rna.iter().zip(&partner).map(|(&r, &p)| 5.0 + f64::from(r % 7) - f64::from(p % 5)).collect();
        let labels: Vec<Option<f64>> = truth.iter().copied().map(Some).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = (0..600).partition(|i| i % 3 != 0);
        let predicted = additive(Entries { rna: &rna, partner: &partner, labels: &labels }, &train, &test);
        let measured: Vec<f64> = test.iter().map(|&i| truth[i]).collect();
        assert!(pearson(&predicted, &measured) > 0.99);
    }

    #[test]
    fn an_unseen_pair_gets_the_mean() {
        let pairs = Entries { rna: &[0, 0, 1], partner: &[0, 1, 2], labels: &[Some(4.0), Some(6.0), None] };
        assert_eq!(additive(pairs, &[0, 1], &[2]), [5.0]);
        assert!(additive(pairs, &[2], &[0])[0].is_nan());
    }
}
