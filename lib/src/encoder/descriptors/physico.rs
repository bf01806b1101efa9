//! Physico-chemical summaries of a protein.

use super::charge::isoelectric_point;
use super::scale::{CHARGED, DISORDERED, HYDROPATHIC, INTERFACE, NAMES, SCALES, Scaled};
use super::series::{EXTREMES, deviation, entropy, extremes, mean};
use crate::alphabet::{AMINO_ACIDS, UNKNOWN, amino_acid};

/// Stretches whose extremes are told, in residues.
const STRETCHES: [usize; 2] = [11, 25];
/// The scales whose extremes are told.
const EXTREME_SCALES: [usize; 4] = [HYDROPATHIC, CHARGED, DISORDERED, INTERFACE];
/// The scales whose helix moments are told.
const MOMENT_SCALES: [usize; 2] = [HYDROPATHIC, CHARGED];
/// The turn of an α-helix per residue, in degrees (Eisenberg et al. 1982, Nature 299:371).
const TURN: f64 = 100.0;
/// Stretches of which the entropy is told, and the step between them, in residues.
const ENTROPY_STRETCH: usize = 25;
const ENTROPY_STEP: usize = 6;

/// The last columns.
const LAST: [&str; 7] = [
    "entropy",
    "lowest entropy",
    "mean entropy",
    "isoelectric point",
    "net charge",
    "net charge per residue",
    "arginines per lysine",
];

/// Number of columns.
pub(in crate::encoder) const PHYSICO: usize =
    2 * SCALES + STRETCHES.len() * EXTREME_SCALES.len() * EXTREMES.len() + MOMENT_SCALES.len() + LAST.len();

/// Appends mean and standard deviation of each scale; extremes of hydropathy, charge, disorder and RNA interface over
/// stretches of 11 and 25 residues; the helix moments of hydropathy and charge; the entropy of the composition, the
/// lowest and the mean entropy of stretches of 25 (nats); isoelectric point (pH), net charge (K + R − D − E), the same
/// per residue, and R / (1 + K).
pub(in crate::encoder) fn push_physico(residues: &[u8], scaled: &[Scaled], out: &mut Vec<f32>) {
    let of = |scale: usize| -> Vec<f64> { scaled.iter().map(|row| row[scale]).collect() };
    let by_scale: Vec<Vec<f64>> = (0..SCALES).map(of).collect(); // (scale, l)
    out.extend(by_scale.iter().map(|values| mean(values) as f32));
    out.extend(by_scale.iter().map(|values| deviation(values) as f32));
    for size in STRETCHES {
        for scale in EXTREME_SCALES {
            out.extend(extremes(&by_scale[scale], size).map(|value| value as f32));
        }
    }
    out.extend(MOMENT_SCALES.map(|scale| helix_moment(&by_scale[scale]) as f32));

    let counts = count(residues);
    let local = local_entropies(residues);
    let number = |letter: u8| counts[amino_acid(letter) as usize];
    let sum = |letters: &[u8]| letters.iter().map(|&letter| f64::from(number(letter))).sum::<f64>();
    let net = sum(b"KR") - sum(b"DE");
    let last: [f64; LAST.len()] = [
        entropy(&counts, residues.len()),
        local.iter().copied().fold(f64::INFINITY, f64::min),
        mean(&local),
        isoelectric_point(number),
        net,
        net / residues.len().max(1) as f64,
        sum(b"R") / (1.0 + sum(b"K")),
    ];
    out.extend(last.map(|value| value as f32));
}

/// Names the columns.
pub(in crate::encoder) fn physico_names() -> Vec<String> {
    let each = |what: &'static str| NAMES.iter().map(move |name| format!("{what} {name}"));
    let mut names: Vec<String> = each("mean").chain(each("sd of")).collect();
    for size in STRETCHES {
        for scale in EXTREME_SCALES {
            names.extend(EXTREMES.map(|what| format!("{what} {} of {size}", NAMES[scale])));
        }
    }
    names.extend(MOMENT_SCALES.map(|scale| format!("helix moment of {}", NAMES[scale])));
    names.extend(LAST.map(str::to_owned));
    names
}

/// Gives the length of the sum of the values as vectors that turn by 100° per residue, over the root of the length.
fn helix_moment(values: &[f64]) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        let (sine, cosine) = (TURN * place as f64).to_radians().sin_cos();
        x += value * cosine;
        y += value * sine;
    }
    x.hypot(y) / (values.len().max(1) as f64).sqrt()
}

fn count(residues: &[u8]) -> [u32; 20] {
    let mut counts = [0; AMINO_ACIDS.len()];
    residues.iter().filter(|&&code| code != UNKNOWN).for_each(|&code| counts[code as usize] += 1);
    counts
}

fn local_entropies(residues: &[u8]) -> Vec<f64> {
    let last = residues.len().saturating_sub(ENTROPY_STRETCH);
    let stretch = |from: usize| {
        let stretch = &residues[from..residues.len().min(from + ENTROPY_STRETCH)];
        entropy(&count(stretch), stretch.len())
    };
    (0..=last).step_by(ENTROPY_STEP).map(stretch).collect()
}
