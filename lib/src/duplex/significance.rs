//! Says how surprising the energy of a duplex is, by shuffles of the same two RNAs.

use super::{Strand, energy::Energy, hybridise};
use crate::rng::Rng;

/// Shuffles of both RNAs that a p-value rests on.
pub const SHUFFLES: usize = 64;

/// How the energies of shuffled RNAs are spread: −E as an extreme value, by location and scale in kcal/mol.
#[derive(Debug, Clone, PartialEq)]
pub struct Null {
    /// −E of every shuffle, ascending, in kcal/mol.
    shuffled: Vec<f64>,
    /// Location and scale; none where most of the shuffles do not pair at all.
    gumbel: Option<(f64, f64)>,
}

impl Null {
    /// Shuffles both RNAs, keeping their dinucleotides, and fits an extreme-value (Gumbel) distribution to the energies of
    /// their best duplexes by maximum likelihood; shuffles without a duplex count as what lies below all others.
    ///
    /// The best of many local duplexes is an extreme value (Rehmsmeier et al. 2004, RNA 10:1507). The result depends on the
    /// two RNAs and the seed alone.
    ///
    /// ```
    /// use crossmamba::duplex::{Null, Strand, hybridise};
    ///
    /// let (rna, target) = (Strand::of(b"UGAGGUAGUAGGUUGUAUAGUU"), Strand::of(b"GGAAACUAUACAACCUACUACCUCAAAGACC"));
    /// let null = Null::of(&rna, &target, 1);
    /// assert!(null.p_value(hybridise(&rna, &target).energy) < 1e-4);
    /// assert_eq!(null.p_value(0), 1.0);
    /// ```
    pub fn of(rna: &Strand, partner: &Strand, seed: u64) -> Self {
        let rng = Rng::new(seed);
        let (mut first, mut second) = (rng.fork("rna"), rng.fork("partner"));
        let mut shuffled: Vec<f64> = (0..SHUFFLES)
            .map(|_| {
                let energy = hybridise(&rna.shuffled(&mut first), &partner.shuffled(&mut second)).energy;
                f64::from(-energy) / 100.0
            })
            .collect();
        shuffled.sort_by(f64::total_cmp);
        let gumbel = fit(&shuffled);
        Self { shuffled, gumbel }
    }

    /// Gives the probability that RNAs of these dinucleotides have a duplex at least as good by chance.
    pub fn p_value(&self, energy: Energy) -> f64 {
        let value = f64::from(-energy) / 100.0;
        if value <= 0.0 {
            return 1.0;
        }
        if let Some((location, scale)) = self.gumbel {
            return -(-((location - value) / scale).exp()).exp_m1();
        }
        let as_good = self.shuffled.iter().filter(|&&shuffled| shuffled >= value).count();
        (as_good + 1) as f64 / (self.shuffled.len() + 1) as f64
    }
}

/// Fits location and scale to values, ascending, of which those that are 0 are only known to be no higher; nothing where
/// these are most, or where nothing is spread.
fn fit(values: &[f64]) -> Option<(f64, f64)> {
    let hidden = values.iter().filter(|&&value| value <= 0.0).count();
    let seen = &values[hidden..];
    if seen.len() * 2 < values.len() || seen.first() == seen.last() {
        return None;
    }
    let count = seen.len() as f64;
    let mean = seen.iter().sum::<f64>() / count;
    let spread = (seen.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    // For a scale, the best location is known; the scale is where the likelihood stops rising.
    let sums = |scale: f64| {
        let mut sums = [hidden as f64, 0.0];
        for value in seen {
            let weight = (-value / scale).exp();
            sums[0] += weight;
            sums[1] += weight * value;
        }
        sums
    };
    let slope = |scale: f64| {
        let [weights, weighted] = sums(scale);
        mean - weighted / weights - scale
    };
    let (mut low, mut high) = (spread * 0.05, spread * 20.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    let scale = f64::midpoint(low, high);
    let location = scale * (count / sums(scale)[0]).ln();
    (location.is_finite() && scale > 0.0).then_some((location, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(rng: &mut Rng, length: usize, letters: &[u8]) -> Strand {
        Strand::of(&(0..length).map(|_| letters[rng.below(letters.len())]).collect::<Vec<_>>())
    }

    #[test]
    fn the_fit_finds_the_distribution_that_values_were_drawn_from() {
        let mut rng = Rng::new(8);
        let draw = |rng: &mut Rng| 9.0 - 1.5 * (-rng.uniform().max(1e-12).ln()).ln();
        let mut values: Vec<f64> = (0..20_000).map(|_| draw(&mut rng)).collect();
        values.sort_by(f64::total_cmp);
        let (location, scale) = fit(&values).unwrap();
        assert!((location - 9.0).abs() < 0.05 && (scale - 1.5).abs() < 0.03, "{location} {scale}");
        // What lies below 8 is hidden: a quarter of all.
        let hidden: Vec<f64> = values.iter().map(|value| (value - 8.0).max(0.0)).collect();
        let (location, scale) = fit(&hidden).unwrap();
        assert!((location - 1.0).abs() < 0.05 && (scale - 1.5).abs() < 0.04, "{location} {scale}");
        assert_eq!(fit(&[0.0, 0.0, 0.0, 1.0]), None);
        assert_eq!(fit(&[2.0, 2.0]), None);
    }

    #[test]
    fn p_values_of_random_pairs_are_uniform() {
        let mut rng = Rng::new(9);
        let mut all = Vec::new();
        for (letters, lengths) in [
            (b"ACGU".as_slice(), (22, 120)),
            (b"GCGCAU".as_slice(), (60, 60)),
            (b"AUAUUACG".as_slice(), (40, 90)),
        ] {
            for number in 0..500 {
                let (a, b) = (random(&mut rng, lengths.0, letters), random(&mut rng, lengths.1, letters));
                all.push(Null::of(&a, &b, number).p_value(hybridise(&a, &b).energy));
            }
        }
        all.sort_by(f64::total_cmp);
        let count = all.len() as f64;
        let apart = |(at, p): (usize, &f64)| (p - (at as f64 + 0.5) / count).abs();
        let worst = all.iter().enumerate().map(apart).fold(0.0, f64::max);
        assert!(worst < 0.05, "Kolmogorov–Smirnov distance {worst}");
        let share = |least: f64| all.iter().filter(|p| **p < least).count() as f64 / count;
        assert!((0.035..0.075).contains(&share(0.05)), "{} below 0.05", share(0.05));
        assert!((0.004..0.022).contains(&share(0.01)), "{} below 0.01", share(0.01));
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_and_planted_complements_stand_out() {
        let mut rng = Rng::new(10);
        let (guide, other) = (random(&mut rng, 22, b"ACGU"), random(&mut rng, 80, b"ACGU"));
        assert_eq!(Null::of(&guide, &other, 4), Null::of(&guide, &other, 4));
        assert_ne!(Null::of(&guide, &other, 4), Null::of(&guide, &other, 5));
        let site = guide.complement();
        let p = Null::of(&guide, &site, 4).p_value(hybridise(&guide, &site).energy);
        assert!(p < 1e-3, "{p}");
        // Strands that cannot pair at all.
        let none = Strand::of(b"AAAAAAAA");
        assert_eq!(Null::of(&none, &none, 1).p_value(0), 1.0);
    }
}
