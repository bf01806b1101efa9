//! Finds the nearest relative of a molecule among others.

use rayon::prelude::*;

use super::sketch::Sketch;
use super::{Compared, molecules};

/// Sequences up to which all are compared with all, if they are short enough together; beyond, those that share a word are.
const ALL: usize = 6000;

/// For each molecule, those that may be its relatives, the likeliest first.
pub struct Relatives<'a> {
    /// What tells the identity; `None` where the bounds are what they bound.
    compared: Option<&'a Compared>,
    /// The other molecule, and an upper bound of its identity.
    others: Vec<Vec<(u32, f64)>>,
    least: f64,
    word: Option<usize>,
}

/// A question: a sequence, and the set (by its place) among which its nearest relative is sought.
pub type Question = (u32, u32);

impl<'a> Relatives<'a> {
    /// Bounds the identity of all pairs of sequences; what cannot reach `least` is no relative. Of many or long sequences only
    /// those pairs are compared that share a word ([`Relatives::word`]).
    pub fn of(compared: &'a Compared, least: f64) -> Self {
        let count = compared.len() as u32;
        let sketch = (compared.len() > ALL || !compared.is_short()).then(|| Sketch::of(compared, least));
        let mut found: Vec<(u32, u32, f64)> = if let Some(sketch) = &sketch {
            let mut all = Vec::new();
            sketch.pairs(compared, |pairs| all.extend(pairs));
            all.par_sort_unstable();
            all.dedup();
            all.par_chunk_by(|a, b| a.0 == b.0)
                .flat_map_iter(|of_one| {
                    Self::bounded(compared, of_one[0].0, of_one.iter().map(|pair| pair.1), least)
                })
                .collect()
        } else {
            let others = |a: u32| Self::bounded(compared, a, a + 1..count, least);
            (0..count).into_par_iter().flat_map_iter(others).collect()
        };
        let pairs: Vec<(u32, u32)> = found.iter().map(|&(a, b, _)| (a, b)).collect();
        let mut reachable = compared.reachable(&pairs, least).into_iter();
        found.retain(|_| reachable.next() == Some(true));
        let mut others = vec![Vec::new(); count as usize];
        for (a, b, bound) in found {
            others[a as usize].push((b, bound));
            others[b as usize].push((a, bound));
        }
        let word = sketch.map(|sketch| sketch.length());
        Self { word, ..Self::sorted(Some(compared), others, least) }
    }

    /// Gives the length of the words by which pairs were found; `None` where all pairs were compared.
    pub fn word(&self) -> Option<usize> {
        self.word
    }

    /// Finds among small molecules, given by SMILES, those whose circular fingerprints have a Tanimoto coefficient of counts of
    /// `least` or more, which is their identity here; one that cannot be read is like no other.
    ///
    /// ```
    /// use crossmamba::cluster::Relatives;
    ///
    /// // Aspirin, and its methyl ester.
    /// let molecules: [&[u8]; 2] = [b"CC(=O)Oc1ccccc1C(=O)O", b"COC(=O)c1ccccc1OC(C)=O"];
    /// let relatives = Relatives::of_molecules(&molecules, 0.5);
    /// let nearest = relatives.nearest(&[(0, 0)], &[vec![false, true]])[0];
    /// assert!(nearest.is_some_and(|(other, likeness)| other == 1 && likeness < 1.0));
    /// ```
    pub fn of_molecules(smiles: &[&[u8]], least: f64) -> Relatives<'static> {
        Relatives::sorted(None, molecules::relatives(smiles, least), least)
    }

    fn sorted(compared: Option<&'a Compared>, mut others: Vec<Vec<(u32, f64)>>, least: f64) -> Self {
        others
            .par_iter_mut()
            .for_each(|of_one| of_one.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))));
        Self { compared, others, least, word: None }
    }

    /// Bounds the identity of a sequence and others.
    fn bounded(
        compared: &Compared,
        a: u32,
        others: impl Iterator<Item = u32>,
        least: f64,
    ) -> Vec<(u32, u32, f64)> {
        let rows = compared.rows(a as usize);
        others.filter_map(|b| compared.bound(&rows, b as usize, least).map(|bound| (a, b, bound))).collect()
    }

    /// Gives for each question the nearest member of its set, and its identity; `None` where no member reaches the least
    /// identity. A sequence that is in the set itself is its own nearest. `sets` tell for each sequence whether it is a member.
    ///
    /// ```
    /// use crossmamba::cluster::{Compared, Relatives};
    /// use crossmamba::record::Molecule;
    ///
    /// let sequences: [&[u8]; 3] = [b"GGCAUCGGAUUACGCAUGCC", b"GGCAUCGGAUCACGCAUGCC", b"UUUUUUUUUUUUUUUUUUUU"];
    /// let compared = Compared::new(Molecule::Rna, sequences)?;
    /// let relatives = Relatives::of(&compared, 0.7);
    /// let found = relatives.nearest(&[(0, 0), (2, 0)], &[vec![false, true, false]]);
    /// assert_eq!(found, [Some((1, 0.95)), None]);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn nearest(&self, questions: &[Question], sets: &[Vec<bool>]) -> Vec<Option<(u32, f64)>> {
        let mut order: Vec<usize> = (0..questions.len()).collect();
        order.sort_by_key(|&at| questions[at]);
        let mut found = vec![None; questions.len()];
        let answers: Vec<(usize, Option<(u32, f64)>)> = order
            .par_chunk_by(|&a, &b| questions[a].0 == questions[b].0)
            .flat_map_iter(|of_one| {
                let others = &self.others[questions[of_one[0]].0 as usize];
                // Not a number where it has not been computed, 0 below the least.
                let mut known = vec![f64::NAN; others.len()];
                of_one
                    .iter()
                    .map(|&at| (at, self.answer(questions[at], sets, &mut known)))
                    .collect::<Vec<_>>()
            })
            .collect();
        for (at, answer) in answers {
            found[at] = answer;
        }
        found
    }

    fn answer(&self, (own, set): Question, sets: &[Vec<bool>], known: &mut [f64]) -> Option<(u32, f64)> {
        let members = &sets[set as usize];
        if members[own as usize] {
            return Some((own, 1.0));
        }
        let mut best: Option<(u32, f64)> = None;
        for (&(other, bound), known) in self.others[own as usize].iter().zip(known) {
            if !members[other as usize] {
                continue;
            }
            if best.is_some_and(|(_, identity)| identity >= bound) {
                break;
            }
            if known.is_nan() {
                let aligned = |compared: &Compared| {
                    compared.identity(own as usize, other as usize, self.least).unwrap_or(0.0)
                };
                *known = self.compared.map_or(bound, aligned);
            }
            if *known > best.map_or(0.0, |(_, identity)| identity) {
                best = Some((other, *known));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Molecule;
    use crate::rng::Rng;

    #[test]
    fn the_nearest_is_that_of_comparing_with_every_member() {
        let mut rng = Rng::new(3);
        let mut drawn: Vec<Vec<u8>> = Vec::new();
        for i in 0..40 {
            let mut one: Vec<u8> = (0..60 + rng.below(40)).map(|_| b"ACGU"[rng.below(4)]).collect();
            if i >= 10 {
                one.clone_from(&drawn[i % 10]);
                for _ in 0..rng.below(20) {
                    let at = rng.below(one.len());
                    one[at] = b"ACGU"[rng.below(4)];
                }
            }
            drawn.push(one);
        }
        let compared = Compared::new(Molecule::Rna, drawn.iter().map(Vec::as_slice)).unwrap();
        let relatives = Relatives::of(&compared, 0.7);
        let sets = [0, 1].map(|_| (0..40).map(|_| rng.below(2) == 0).collect::<Vec<bool>>());
        let questions: Vec<Question> = (0..40).flat_map(|own| [(own, 0), (own, 1)]).collect();
        let mut related = 0;
        for (&(own, set), found) in questions.iter().zip(relatives.nearest(&questions, &sets)) {
            let members = (0..40).filter(|&b| sets[set as usize][b]);
            let all = members.filter_map(|b| compared.identity(own as usize, b, 0.7));
            let best = all.max_by(f64::total_cmp);
            assert_eq!(found.map(|(_, identity)| identity), best);
            related += usize::from(best.is_some());
        }
        assert!(related > 40, "{related}");
    }

    #[test]
    fn long_sequences_are_compared_where_they_share_a_word() {
        let mut rng = Rng::new(4);
        let mut drawn: Vec<Vec<u8>> =
            (0..2100).map(|_| (0..1000).map(|_| b"ACGU"[rng.below(4)]).collect()).collect();
        for relative in 0..20 {
            drawn[relative] = drawn[2000 + relative][100..900].to_vec();
            for _ in 0..80 {
                let at = rng.below(800);
                drawn[relative][at] = b"ACGU"[rng.below(4)];
            }
        }
        let compared = Compared::new(Molecule::Rna, drawn.iter().map(Vec::as_slice)).unwrap();
        let relatives = Relatives::of(&compared, 0.7);
        assert!(relatives.word().is_some_and(|word| word >= 8));
        let members: Vec<bool> = (0..2100).map(|at| at >= 1000).collect();
        let questions: Vec<Question> = (0..40).map(|own| (own, 0)).collect();
        let found = relatives.nearest(&questions, &[members]);
        for (own, found) in found.iter().enumerate() {
            assert_eq!(found.map(|(other, _)| other), (own < 20).then_some(2000 + own as u32));
        }
        let few = Compared::new(Molecule::Rna, drawn[..40].iter().map(Vec::as_slice)).unwrap();
        assert_eq!(Relatives::of(&few, 0.7).word(), None);
    }
}
