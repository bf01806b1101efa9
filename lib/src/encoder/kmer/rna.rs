//! K-mer features of RNA.

use serde_json::{Value, json};

use super::{Features, log_length};
use crate::alphabet::{NUCLEOTIDES, nucleotide};
use crate::encoder::spectrum::{push_kmer_at, push_spectrum};

const KS: [usize; 3] = [1, 2, 3];
const LETTERS: usize = NUCLEOTIDES.len();
/// 4 + 16 + 64.
pub(super) const WIDTH: usize = 84;
pub(super) const GLOBAL: usize = WIDTH + 1;

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
}
