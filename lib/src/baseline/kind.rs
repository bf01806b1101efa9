//! Names the baselines and says what each of them sees.

use std::fmt;

/// A predictor that any claim must beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Baseline {
    /// [`counts`](super::counts) of identifiers.
    CountsById,
    /// [`counts`](super::counts) of sequences.
    CountsBySequence,
    /// [`partner_rule`](super::partner_rule).
    IdRule,
    /// [`additive`](super::additive) effects of identifiers.
    AdditiveById,
    /// [`additive`](super::additive) effects of sequences.
    AdditiveBySequence,
    /// [`pairing`](super::pairing).
    Duplex,
    /// [`forest`](super::forest) on the words of both sequences.
    KmerForest,
    /// [`forest`](super::forest) on words and duplexes.
    KmerDuplexForest,
}

/// What a baseline looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// How often each molecule occurs with which label: no letter of any sequence.
    Occurrence,
    /// How well two RNAs pair.
    Pairing,
    /// Which short words the sequences are made of.
    Words,
    /// Both of these.
    WordsAndPairing,
}

impl Baseline {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 8] = [
        Self::CountsById,
        Self::CountsBySequence,
        Self::IdRule,
        Self::AdditiveById,
        Self::AdditiveBySequence,
        Self::Duplex,
        Self::KmerForest,
        Self::KmerDuplexForest,
    ];

    /// Gives the name used in tables; no model may bear it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CountsById => "counts-by-id",
            Self::CountsBySequence => "counts-by-sequence",
            Self::IdRule => "id-rule",
            Self::AdditiveById => "additive-by-id",
            Self::AdditiveBySequence => "additive-by-sequence",
            Self::Duplex => "duplex",
            Self::KmerForest => "kmer-forest",
            Self::KmerDuplexForest => "kmer-duplex-forest",
        }
    }

    /// Finds a baseline by its name.
    ///
    /// ```
    /// use crossmamba::baseline::Baseline;
    ///
    /// assert_eq!(Baseline::named("duplex"), Some(Baseline::Duplex));
    /// assert_eq!(Baseline::named("crossmamba"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|baseline| baseline.name() == name)
    }

    /// Says how it predicts, for the reader of a report.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::CountsById => {
                "Boosted trees on two numbers: how often the RNA's and the partner's identifier were positive in training. \
                 A training pair's numbers come from the other folds alone."
            }
            Self::CountsBySequence => {
                "The same, with molecules told apart by their sequences instead of their identifiers."
            }
            Self::IdRule => {
                "Negative if the partner's identifier has a positive pair in training, positive otherwise."
            }
            Self::AdditiveById => {
                "Mean affinity plus an effect of the RNA and an effect of the molecule, by identifier, both shrunk \
                 towards zero."
            }
            Self::AdditiveBySequence => "The same, with molecules told apart by their sequences.",
            Self::Duplex => {
                "Boosted trees on three numbers of how well the two RNAs pair: the free energy of their best duplex \
                 (nearest-neighbour model), that of nucleotides 2 to 8 of the first, and the number of their sites."
            }
            Self::KmerForest => {
                "A random forest of 200 trees on the shares of short words: 3-mers of RNA, conjoint triads of protein, \
                 three-letter pieces of SMILES."
            }
            Self::KmerDuplexForest => "The k-mer forest with the same three numbers among its features.",
        }
    }

    /// Tells what it looks at.
    pub const fn sees(self) -> Sees {
        match self {
            Self::CountsById
            | Self::CountsBySequence
            | Self::IdRule
            | Self::AdditiveById
            | Self::AdditiveBySequence => Sees::Occurrence,
            Self::Duplex => Sees::Pairing,
            Self::KmerForest => Sees::Words,
            Self::KmerDuplexForest => Sees::WordsAndPairing,
        }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Sees {
    /// Says it as what the baseline does.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Occurrence => "looks at no sequence",
            Self::Pairing => "looks only at how well the two RNAs pair",
            Self::Words => "counts short words of both sequences",
            Self::WordsAndPairing => "counts short words of both sequences and looks at how well they pair",
        }
    }
}
