//! K-mer features of proteins, over a reduced alphabet.

use serde_json::{Value, json};

use super::{Features, log_length};
use crate::alphabet::{AMINO_ACIDS, CLASSES, amino_acid, class};
use crate::encoder::scale::{SCALE_NAMES, SCALES, scales};
use crate::encoder::spectrum::{push_kmer_at, push_spectrum};

const LETTERS: usize = CLASSES.len();
const WINDOW_KS: [usize; 1] = [2];
const GLOBAL_KS: [usize; 3] = [1, 2, 3];
/// Composition, class dipeptides, scales: 20 + 49 + 6.
pub(super) const WIDTH: usize = 75;
/// Composition, class 1–3-mers, scales, log length: 20 + 7 + 49 + 343 + 6 + 1.
pub(super) const GLOBAL: usize = 426;

pub(super) fn settings() -> Value {
    json!({
        "version": 1,
        "composition": String::from_utf8_lossy(AMINO_ACIDS),
        "classes": CLASSES,
        "class_k": WINDOW_KS,
        "global_class_k": GLOBAL_KS,
        "scales": SCALE_NAMES,
        "global_also": "log length",
    })
}

pub(super) struct Protein {
    residues: Vec<u8>,
    classes: Vec<u8>,
    scales: Vec<[f32; SCALES]>,
}

impl Protein {
    pub(super) fn new(sequence: &[u8]) -> Self {
        Self {
            residues: sequence.iter().map(|&letter| amino_acid(letter)).collect(),
            classes: sequence.iter().map(|&letter| class(letter)).collect(),
            scales: sequence.iter().map(|&letter| scales(letter)).collect(),
        }
    }

    fn spectra(&self, from: usize, to: usize, ks: &[usize], out: &mut Vec<f32>) {
        push_spectrum(&self.residues[from..to], 1, AMINO_ACIDS.len(), out);
        for &k in ks {
            push_spectrum(&self.classes[from..to], k, LETTERS, out);
        }
        for scale in 0..SCALES {
            let sum: f64 = self.scales[from..to].iter().map(|scales| f64::from(scales[scale])).sum();
            out.push((sum / (to - from).max(1) as f64) as f32);
        }
    }
}

impl Features for Protein {
    fn window(&self, from: usize, to: usize, out: &mut Vec<f32>) {
        self.spectra(from, to, &WINDOW_KS, out);
    }

    fn residue(&self, at: usize, out: &mut Vec<f32>) {
        push_kmer_at(&self.residues, at, 1, AMINO_ACIDS.len(), out);
        for k in WINDOW_KS {
            push_kmer_at(&self.classes, at, k, LETTERS, out);
        }
        out.extend(self.scales[at]);
    }

    fn global(&self, out: &mut Vec<f32>) {
        self.spectra(0, self.residues.len(), &GLOBAL_KS, out);
        out.push(log_length(self.residues.len()));
    }
}
