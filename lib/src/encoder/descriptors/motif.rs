//! Counts short motifs of proteins that bind RNA.

use std::sync::LazyLock;

use super::motif_pattern::Pattern;

/// The motifs, as regular expressions: arginine–glycine and arginine–serine repeats, the two motifs of RNA recognition
/// motifs (Maris et al. 2005, FEBS J 272:2118), the loops of KH domains, zinc fingers and knuckles, basic and acidic
/// runs, DEAD boxes and P-loops, and what is frequent in disordered binders.
const MOTIFS: [&str; 23] = [
    "RGG",
    "[RK]GG?[RK]",
    "SR|RS",
    "[KR][GA][FY][GA]F[VILM].[FY]",
    "[ILV][FY][ILV][GK][NG]L",
    "G..G",
    "C..C",
    "C.{2,4}C.{3,12}H.{3,5}[HC]",
    "H.{3,4}H",
    "[KR]{3}",
    "D[EDR][AH]D",
    "[DE]{4}",
    "G[KR]S",
    "P..P",
    "GK[ST]",
    "W..W",
    "Q{3}|N{3}",
    "[FYW][^P][FYW]",
    "YG",
    "RR",
    "PRP|RPG|GRG",
    "[KR].{0,1}[KR].{0,1}[KR]",
    "LSRR|NKKR|R[KR].R",
];

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| MOTIFS.map(Pattern::new).to_vec());

/// Number of columns.
pub(in crate::encoder) const MOTIF: usize = 2 * MOTIFS.len();

/// Appends for each motif ln(1 + n), then for each motif n per hundred residues, where n counts the places at which it
/// begins.
pub(in crate::encoder) fn push_motifs(sequence: &[u8], out: &mut Vec<f32>) {
    let counts: Vec<f64> = PATTERNS.iter().map(|pattern| pattern.count(sequence) as f64).collect();
    out.extend(counts.iter().map(|n| n.ln_1p() as f32));
    out.extend(counts.iter().map(|n| (100.0 * n / sequence.len().max(1) as f64) as f32));
}

/// Names the columns.
pub(in crate::encoder) fn motif_names() -> Vec<String> {
    let logarithms = MOTIFS.iter().map(|motif| format!("ln(1 + {motif})"));
    logarithms.chain(MOTIFS.iter().map(|motif| format!("{motif} per 100"))).collect()
}
