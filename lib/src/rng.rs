//! Draws random numbers that depend on the seed alone, on every machine and for any number of threads.

mod normal;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A seeded generator (`ChaCha8`) whose position can be saved and restored.
///
/// ```
/// use crossmamba::rng::Rng;
/// let mut a = Rng::new(7).fork("dropout");
/// let mut b = Rng::new(7).fork("dropout");
/// assert_eq!(a.below(1000), b.below(1000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng(ChaCha8Rng);

/// Where a generator stands: enough to go on with the very next number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RngState {
    seed: [u8; 32],
    /// Position in 32-bit words, in two halves because JSON readers stop at 64 bits.
    position: [u64; 2],
}

impl Rng {
    /// Starts the stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Starts an independent stream for a purpose; it depends on this generator's seed and the label only,
    /// not on how many numbers have been drawn.
    #[must_use]
    pub fn fork(&self, label: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0.get_seed());
        hasher.update(label);
        Self(ChaCha8Rng::from_seed(hasher.finalize().into()))
    }

    /// Draws 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Fills a slice with what so many calls of [`Rng::bits`] would draw; cheaper per number.
    ///
    /// ```
    /// use crossmamba::rng::Rng;
    /// let (mut a, mut b) = (Rng::new(7), Rng::new(7));
    /// let mut words = [0; 7];
    /// a.fill_bits(&mut words);
    /// assert_eq!(words, [(); 7].map(|()| b.bits()));
    /// assert_eq!(a, b);
    /// ```
    pub fn fill_bits(&mut self, words: &mut [u32]) {
        let mut bytes = [0; 1024];
        for words in words.chunks_mut(256) {
            let bytes = &mut bytes[..4 * words.len()];
            self.0.fill_bytes(bytes);
            for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
                *word = u32::from_le_bytes(*bytes);
            }
        }
    }

    /// Passes over what so many calls of [`Rng::bits`] would draw, at no cost: another thread draws them.
    ///
    /// ```
    /// use crossmamba::rng::Rng;
    /// let (mut a, mut b) = (Rng::new(7), Rng::new(7));
    /// for _ in 0..1001 {
    ///     a.bits();
    /// }
    /// b.pass(1001);
    /// assert_eq!(a.bits(), b.bits());
    /// ```
    pub fn pass(&mut self, draws: u64) {
        self.0.set_word_pos(self.0.get_word_pos() + u128::from(draws));
    }

    /// Gives the seed, and the place in the stream of the next 32-bit word.
    #[cfg(any(test, feature = "cuda"))]
    pub(crate) fn place(&self) -> ([u8; 32], u128) {
        (self.0.get_seed(), self.0.get_word_pos())
    }

    /// Draws a number in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Draws from the standard normal distribution.
    pub fn normal(&mut self) -> f32 {
        let mut pair = [0.0; 2];
        self.fill_normal(&mut pair);
        pair[0]
    }

    /// Fills a slice from the standard normal distribution (Box and Muller 1958); cheaper per number than [`Rng::normal`].
    pub fn fill_normal(&mut self, out: &mut [f32]) {
        let mut words = [0; 256];
        for out in out.chunks_mut(words.len()) {
            let words = &mut words[..out.len().next_multiple_of(2)];
            self.fill_bits(words);
            normal::fill(words, out);
        }
    }

    /// Draws an index in 0..n without bias; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        if n < 2 {
            return 0;
        }
        // Lemire 2019: the few products that would be drawn once too often are drawn again.
        let unfair = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Draws a random order of 0..n.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Tells where the generator stands.
    pub fn state(&self) -> RngState {
        let position = self.0.get_word_pos();
        RngState { seed: self.0.get_seed(), position: [position as u64, (position >> 64) as u64] }
    }

    /// Goes on from a saved position.
    pub fn from_state(state: &RngState) -> Self {
        let mut inner = ChaCha8Rng::from_seed(state.seed);
        inner.set_word_pos(u128::from(state.position[0]) | u128::from(state.position[1]) << 64);
        Self(inner)
    }
}

/// Draws standard normal numbers, the same ones each time, for tests: `count` rows of `width`.
#[cfg(test)]
pub(crate) fn normal(count: usize, width: usize) -> Vec<f32> {
    let mut values = vec![0.0; count * width];
    Rng::new(3).fill_normal(&mut values);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_generator_goes_on_with_the_next_number() {
        let mut rng = Rng::new(3).fork("x");
        for _ in 0..1001 {
            rng.bits();
        }
        let saved = serde_json::to_string(&rng.state()).unwrap();
        let mut again = Rng::from_state(&serde_json::from_str(&saved).unwrap());
        let draw = |rng: &mut Rng| (rng.uniform(), rng.normal(), rng.below(1 << 40));
        assert_eq!(draw(&mut rng), draw(&mut again));
    }

    #[test]
    fn forks_differ_by_label_and_ignore_what_was_drawn() {
        let mut rng = Rng::new(1);
        let before = rng.fork("a");
        rng.bits();
        assert_eq!(before, rng.fork("a"));
        assert_ne!(before, rng.fork("b"));
        assert_ne!(before, Rng::new(2).fork("a"));
    }

    #[test]
    fn numbers_have_the_moments_of_their_distribution() {
        let mut rng = Rng::new(5);
        let mut normal = vec![0.0; 100_001];
        rng.fill_normal(&mut normal);
        let moment =
            |power| normal.iter().map(|&x: &f32| (x as f64).powi(power)).sum::<f64>() / normal.len() as f64;
        assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.02 && (moment(4) - 3.0).abs() < 0.15);
        let uniform = (0..100_000).map(|_| rng.uniform()).sum::<f64>() / 1e5;
        assert!((uniform - 0.5).abs() < 0.005);
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[rng.below(7)] += 1);
        assert!(counts.iter().all(|&count| (9_500..10_500).contains(&count)));
    }

    #[test]
    fn the_first_numbers_of_a_seed_never_change() {
        let mut rng = Rng::new(0);
        // The published first words of ChaCha8 with a zero key.
        assert_eq!([rng.bits(), rng.bits()], [0x2fef_003e, 0xd640_5f89]);
        let mut order = rng.permutation(5);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }
}
