//! Says by how many bits an alignment is better than the best one that two unrelated sequences have by chance.

use crate::record::Molecule;

/// The statistics of gapped scores of BLAST (Altschul et al. 1997, NAR 25:3389; the values that its programs print).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Statistics {
    lambda: f64,
    k: f64,
}

impl Statistics {
    /// Gives those of the [search scores](crate::cluster::Scores::of_search) of a kind.
    pub(super) fn of(kind: Molecule) -> Self {
        match kind {
            Molecule::Rna => Self { lambda: 0.625, k: 0.41 },
            _ => Self { lambda: 0.267, k: 0.041 },
        }
    }

    /// Turns the score of two sequences of these lengths into bits: −log₂ of how many alignments of such a score their lengths
    /// alone are expected to give. Below 0 there is at least one by chance.
    pub(super) fn bits(self, score: i32, lengths: [usize; 2]) -> f64 {
        let [a, b] = lengths.map(|length| (length.max(1) as f64).ln());
        (self.lambda * f64::from(score) - self.k.ln() - a - b) / std::f64::consts::LN_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_expectation_in_logarithms() {
        // E = K m n exp(−λ S), by hand: 0.041 · 300 · 200 · exp(−0.267 · 100) = 6.24e-9.
        let bits = Statistics::of(Molecule::Protein).bits(100, [300, 200]);
        assert!((bits + 6.24e-9_f64.log2()).abs() < 0.01, "{bits}");
        assert!(Statistics::of(Molecule::Rna).bits(10, [1000, 1000]) < 0.0);
    }
}
