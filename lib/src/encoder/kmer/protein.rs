//! K-mer features of proteins, over a reduced alphabet.

use serde_json::{Value, json};

use super::{Features, Layout, log_length};
use crate::alphabet::{AMINO_ACIDS, CLASSES, amino_acid, class};
use crate::encoder::descriptors::{
    AUTOCOVARIANCE, MOTIF, PHYSICO, PLACE, autocovariance_names, motif_names, physico_names, place_names,
    push_autocovariance, push_motifs, push_physico, push_place, scaled,
};
use crate::encoder::scale::{SCALE_NAMES, SCALES, scales};
use crate::encoder::spectrum::{kmer_names, push_kmer_at, push_spectrum};

const LETTERS: usize = CLASSES.len();
const WINDOW_KS: [usize; 1] = [2];
const GLOBAL_KS: [usize; 3] = [1, 2, 3];

pub(super) const LAYOUT: Layout = Layout {
    // Composition, class dipeptides, scales.
    width: 20 + 49 + 6,
    blocks: &[
        ("composition", 20),
        ("classes", 7),
        ("class pairs", 49),
        ("triads", 343),
        ("scales", SCALES),
        ("length", 1),
        ("autocovariance", AUTOCOVARIANCE),
        ("place", PLACE),
        ("physico", PHYSICO),
        ("motif", MOTIF),
    ],
    first: 6,
};

/// Names the columns of a block of the global vector.
pub(super) fn names(block: &str) -> Vec<String> {
    match block {
        "composition" => AMINO_ACIDS.iter().map(|&letter| char::from(letter).into()).collect(),
        "scales" => SCALE_NAMES.split(", ").map(str::to_owned).collect(),
        "length" => vec!["ln / 4".into()],
        "autocovariance" => autocovariance_names(),
        "place" => place_names(),
        "physico" => physico_names(),
        "motif" => motif_names(),
        // The digits of the classes, from 1.
        classes => {
            let k = ["classes", "class pairs", "triads"].iter().position(|name| *name == classes);
            kmer_names(&['1', '2', '3', '4', '5', '6', '7'], k.map_or(0, |k| k + 1))
        }
    }
}

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

pub(super) struct Protein<'a> {
    sequence: &'a [u8],
    residues: Vec<u8>,
    classes: Vec<u8>,
    scales: Vec<[f32; SCALES]>,
}

impl<'a> Protein<'a> {
    pub(super) fn new(sequence: &'a [u8]) -> Self {
        Self {
            sequence,
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

impl Features for Protein<'_> {
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

    fn more(&self, out: &mut Vec<f32>) {
        let scaled = scaled(&self.residues);
        push_autocovariance(&scaled, out);
        push_place(&self.residues, &scaled, out);
        push_physico(&self.residues, &scaled, out);
        push_motifs(self.sequence, out);
    }
}
