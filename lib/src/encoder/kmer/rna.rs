//! K-mer features of RNA.

use serde_json::{Value, json};

use super::{Features, Layout, log_length};
use crate::alphabet::{NUCLEOTIDES, nucleotide};
use crate::encoder::descriptors::rna::{
    CONTENT, GAPPED, content_names, gapped_names, push_content, push_gapped,
};
use crate::encoder::spectrum::{kmer_names, push_kmer_at, push_spectrum};

const KS: [usize; 3] = [1, 2, 3];
const LETTERS: usize = NUCLEOTIDES.len();
/// The longest k-mers, counted over the whole alone.
const LONGEST: usize = 4;

pub(super) const LAYOUT: Layout = Layout {
    width: 4 + 16 + 64,
    blocks: &[
        ("1-mers", 4),
        ("2-mers", 16),
        ("3-mers", 64),
        ("length", 1),
        ("4-mers", 256),
        ("gapped", GAPPED),
        ("content", CONTENT),
    ],
    first: 4,
};

/// Names the columns of a block of the global vector.
pub(super) fn names(block: &str) -> Vec<String> {
    match block {
        "gapped" => gapped_names(),
        "content" => content_names(),
        "length" => vec!["ln / 4".into()],
        spectrum => kmer_names(&NUCLEOTIDES.map(char::from), usize::from(spectrum.as_bytes()[0] - b'0')),
    }
}

pub(super) fn settings() -> Value {
    let letters = String::from_utf8_lossy(NUCLEOTIDES);
    json!({ "version": 1, "alphabet": letters, "k": KS, "global_k": KS, "global_also": "log length" })
}

pub(super) struct Rna(Vec<u8>);

impl Rna {
    pub(super) fn new(sequence: &[u8]) -> Self {
        Self(sequence.iter().map(|&letter| nucleotide(letter)).collect())
    }
}

impl Features for Rna {
    fn window(&self, from: usize, to: usize, out: &mut Vec<f32>) {
        for k in KS {
            push_spectrum(&self.0[from..to], k, LETTERS, out);
        }
    }

    fn residue(&self, at: usize, out: &mut Vec<f32>) {
        for k in KS {
            push_kmer_at(&self.0, at, k, LETTERS, out);
        }
    }

    fn global(&self, out: &mut Vec<f32>) {
        self.window(0, self.0.len(), out);
        out.push(log_length(self.0.len()));
    }

    fn more(&self, out: &mut Vec<f32>) {
        push_spectrum(&self.0, LONGEST, LETTERS, out);
        push_gapped(&self.0, out);
        push_content(&self.0, out);
    }
}
