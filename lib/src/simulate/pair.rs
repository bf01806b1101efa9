//! One pair of a simulated set.

/// One simulated pair.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPair {
    /// Index of the RNA.
    pub rna: usize,
    /// Index of the partner.
    pub partner: usize,
    /// Whether the rule says that they bind.
    pub binds: bool,
    /// The label that the rule gives: 0 or 1, or a pKd.
    pub planted: f64,
    /// The label in the file: with noise.
    pub label: f64,
}
