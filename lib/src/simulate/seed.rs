//! Classes of small RNAs by the seed of a published microRNA family (nucleotides 2 to 8).
//!
//! Seed pairing with G·U wobble: Bartel 2009, Cell 136:215; sequences: miRBase.

/// A class of small RNA.
pub(super) struct Seed {
    /// The family's name in miRBase.
    pub(super) name: &'static str,
    /// Nucleotides 2 to 8.
    pub(super) letters: &'static str,
}

/// The classes, in the order in which `--classes` takes them.
pub(super) const SEEDS: [Seed; 8] = [
    Seed { name: "let-7", letters: "GAGGUAG" },
    Seed { name: "miR-124", letters: "AAGGCAC" },
    Seed { name: "miR-21", letters: "AGCUUAU" },
    Seed { name: "miR-1", letters: "GGAAUGU" },
    Seed { name: "miR-34a", letters: "GGCAGUG" },
    Seed { name: "miR-155", letters: "UAAUGCU" },
    Seed { name: "miR-29", letters: "AGCACCA" },
    Seed { name: "miR-200b", letters: "AAUACUG" },
];
