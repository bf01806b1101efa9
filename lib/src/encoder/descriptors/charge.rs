//! Net charge and isoelectric point.

/// Ionisable side chains: letter, pK, and the charge of the form that is charged (EMBOSS, `Epk.dat`).
const SIDE_CHAINS: [(u8, f64, f64); 7] = [
    (b'K', 10.8, 1.0),
    (b'R', 12.5, 1.0),
    (b'H', 6.5, 1.0),
    (b'D', 3.9, -1.0),
    (b'E', 4.1, -1.0),
    (b'C', 8.5, -1.0),
    (b'Y', 10.1, -1.0),
];
/// The pK of the amino end and of the carboxyl end (EMBOSS, `Epk.dat`).
const ENDS: [(f64, f64); 2] = [(8.6, 1.0), (3.6, -1.0)];

/// Halvings of the range of pH: 11 / 2³⁰ is far below what a column tells.
const HALVINGS: usize = 30;

/// Gives the pH between 2 and 13 at which the chain carries no net charge, by halving; the bound next to it for a chain
/// that has none there.
pub(super) fn isoelectric_point(counts: impl Fn(u8) -> u32) -> f64 {
    let groups: Vec<(f64, f64, f64)> = SIDE_CHAINS
        .iter()
        .map(|&(letter, pk, sign)| (f64::from(counts(letter)), pk, sign))
        .chain(ENDS.map(|(pk, sign)| (1.0, pk, sign)))
        .collect();
    let net = |ph: f64| -> f64 {
        groups.iter().map(|&(n, pk, sign)| n * sign / (1.0 + 10.0_f64.powf(sign * (ph - pk)))).sum()
    };
    let (mut low, mut high) = (2.0, 13.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if net(middle) > 0.0 { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sequence: &str) -> f64 {
        isoelectric_point(|letter| sequence.bytes().filter(|&l| l == letter).count() as u32)
    }

    #[test]
    fn a_chain_without_ionisable_residues_lies_between_its_ends() {
        assert!((of("GGG") - f64::midpoint(8.6, 3.6)).abs() < 1e-6, "{}", of("GGG"));
    }

    #[test]
    fn acids_lower_it_and_bases_raise_it() {
        assert!(of("DDDD") < of("GGGG") && of("GGGG") < of("KKKK") && of("KKKK") < of("RRRR"));
    }
}
