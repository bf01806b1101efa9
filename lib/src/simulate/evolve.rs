//! Makes relatives out of an ancestor: substitutions, insertions and deletions.

use crate::alphabet::{AMINO_ACIDS, CLASSES};
use crate::rng::Rng;

/// How often a letter changes and how often one is lost or gained.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    pub(super) substitution: f64,
    pub(super) indel: f64,
}

/// Changes letters at the given rates; `draw` makes a new letter, given the old one if there is one.
pub(super) fn mutate(
    letters: &[u8],
    rates: Rates,
    rng: &mut Rng,
    mut draw: impl FnMut(Option<u8>, &mut Rng) -> u8,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(letters.len() + 4);
    for &letter in letters {
        if rng.uniform() < rates.indel {
            if rng.uniform() < 0.5 {
                continue;
            }
            out.push(draw(None, rng));
        }
        out.push(if rng.uniform() < rates.substitution { draw(Some(letter), rng) } else { letter });
    }
    out
}

/// Changes a protein domain as selection allows: mostly like for like, never inside a key.
pub(super) fn diverge_domain(domain: &[u8], keys: &[&str], rates: Rates, rng: &mut Rng) -> Vec<u8> {
    let mut kept = vec![false; domain.len()];
    for key in keys {
        for start in 0..domain.len() {
            if domain[start..].starts_with(key.as_bytes()) {
                kept[start..start + key.len()].fill(true);
            }
        }
    }
    let mut out = Vec::with_capacity(domain.len() + 4);
    for stretch in domain.iter().zip(&kept).collect::<Vec<_>>().chunk_by(|a, b| a.1 == b.1) {
        let letters: Vec<u8> = stretch.iter().map(|(letter, _)| **letter).collect();
        if *stretch[0].1 {
            out.extend(letters);
        } else {
            out.extend(mutate(&letters, rates, rng, similar));
        }
    }
    out
}

/// Draws an amino acid: seven times in ten one of the old one's class.
fn similar(old: Option<u8>, rng: &mut Rng) -> u8 {
    match old.and_then(|old| CLASSES.iter().map(|class| class.as_bytes()).find(|class| class.contains(&old)))
    {
        Some(class) if rng.uniform() < 0.7 => class[rng.below(class.len())],
        _ => AMINO_ACIDS[rng.below(20)],
    }
}

/// Draws the composition of a family of disordered protein regions, as cumulative weights.
pub(super) fn protein_composition(rng: &mut Rng) -> [f64; 20] {
    let mut sum = 0.0;
    let mut cumulative: [f64; 20] = std::array::from_fn(|_| {
        sum += 0.5 + rng.uniform();
        sum
    });
    for weight in &mut cumulative {
        *weight /= sum;
    }
    cumulative
}

/// Draws an amino acid from cumulative weights.
pub(super) fn amino_acid(cumulative: &[f64; 20], rng: &mut Rng) -> u8 {
    let at = rng.uniform();
    AMINO_ACIDS[cumulative.iter().position(|&weight| at < weight).unwrap_or(19)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_any_divergence() {
        let mut rng = Rng::new(2);
        let rates = Rates { substitution: 0.9, indel: 0.2 };
        for _ in 0..20 {
            let domain = diverge_domain(b"AAAAKGFGFVAAAA", &["KGFGFV"], rates, &mut rng);
            assert!(domain.windows(6).any(|window| window == b"KGFGFV"));
        }
    }

    #[test]
    fn rates_are_kept() {
        let mut rng = Rng::new(2);
        let rates = Rates { substitution: 0.2, indel: 0.0 };
        let out = mutate(&[b'A'; 10_000], rates, &mut rng, |_, _| b'C');
        let changed = out.iter().map(|&c| usize::from(c == b'C')).sum::<usize>();
        assert!((1800..2200).contains(&changed), "{changed}");
    }
}
