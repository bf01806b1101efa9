//! Predicts interaction of two RNAs from how well they pair, and from nothing else.

use super::{Boosted, Row};
use crate::duplex::Duplex;

/// Steps of an energy: a tenth of a kcal/mol.
const STEP: i32 = 10;

/// Predicts the probability of the pairs `test` with boosted trees on three numbers of each pair's duplex: its free
/// energy, that of the seed, and the seed's sites.
///
/// `duplexes` and `labels` have one entry per pair; pairs without a label are not learnt from.
///
/// ```
/// use crossmamba::baseline::pairing;
/// use crossmamba::duplex::Duplex;
///
/// let duplex = |energy| Duplex { energy, seed: 0, sites: 0 };
/// let duplexes: Vec<Duplex> = (0..22).map(|i| duplex(if i % 2 == 0 { -2000 } else { -100 })).collect();
/// let labels: Vec<Option<f64>> = (0..22).map(|i| Some(f64::from(1 - i % 2))).collect();
/// let predicted = pairing(&duplexes, &labels, &(0..20).collect::<Vec<_>>(), &[20, 21]);
/// assert!(predicted[0] > 0.8 && predicted[1] < 0.2);
/// ```
pub fn pairing(duplexes: &[Duplex], labels: &[Option<f64>], train: &[usize], test: &[usize]) -> Vec<f64> {
    let row = |i: usize| -> Row {
        let Duplex { energy, seed, sites } = duplexes[i];
        [(-energy / STEP) as u32, (-seed / STEP) as u32, sites, 0]
    };
    let (rows, labels): (Vec<Row>, Vec<bool>) =
        train.iter().filter_map(|&i| labels[i].map(|label| (row(i), label > 0.5))).unzip();
    let trees = Boosted::fit(&rows, &labels);
    test.iter().map(|&i| trees.probability(row(i))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_of_energy_is_found() {
        let duplexes: Vec<Duplex> =
            (0..200).map(|i| Duplex { energy: -10 * (i * 37 % 200), seed: -100, sites: 0 }).collect();
        let labels: Vec<Option<f64>> =
            duplexes.iter().map(|d| Some(f64::from(u8::from(d.energy < -900)))).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = (0..200).partition(|i| i % 3 != 0);
        let right = pairing(&duplexes, &labels, &train, &test)
            .into_iter()
            .zip(&test)
            .filter(|(p, i)| (*p > 0.5) == (labels[**i] == Some(1.0)));
        assert!(right.count() + 1 >= test.len());
    }
}
