//! Predicts interaction from how often each molecule was positive in training.

use super::{Boosted, Entries, Row};

/// Steps of a share of positives.
const STEPS: f64 = 1e6;

/// Predicts the probability of the pairs `test` with boosted trees on two numbers: the shares of positives among the
/// training pairs of the RNA and of the partner, each drawn towards the share among all by one pair.
///
/// `parts` are the training pairs, divided as the test pairs were divided from them ([`inner_parts`](super::inner_parts)).
/// The numbers of a training pair come from the other parts alone, as those of a test pair come from training pairs
/// alone. Numbers that hold the pair's own part would teach the wrong sign: where each molecule is in as many positive as
/// negative pairs, its share in training is the mirror image of its share in the part that is held out.
///
/// ```
/// use crossmamba::baseline::{Entries, counts};
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
///
/// let pair = |i: u32| -> Result<Pair, &str> {
///     let (rna, partner) = (RecordId::new(format!("r{}", i % 2))?, RecordId::new(format!("p{i}"))?);
///     Ok(Pair { rna, partner, label: Some(f64::from(i % 2)) })
/// };
/// let pairs = PairTable::new((0..40).map(pair).collect::<Result<_, _>>()?);
/// let labels: Vec<Option<f64>> = pairs.pairs.iter().map(|pair| pair.label).collect();
/// let entries = Entries { molecules: &Identity::by_id(&pairs, None), labels: &labels };
/// let parts = [(0..15).collect(), (15..30).collect()];
/// let predicted = counts(entries, &parts, &[38, 39]);
/// assert!(predicted[0] < 0.2 && predicted[1] > 0.8);
/// # Ok::<(), &str>(())
/// ```
pub fn counts(pairs: Entries<'_>, parts: &[Vec<usize>], test: &[usize]) -> Vec<f64> {
    let known: Vec<Seen> = parts.iter().map(|part| Seen::of(pairs, part)).collect();
    let mut all = Seen::of(pairs, &[]);
    for part in &known {
        all.add(part);
    }
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    for (part, own) in parts.iter().zip(&known) {
        for (&i, label) in part.iter().filter_map(|i| Some((i, pairs.labels[*i]?))) {
            rows.push(all.row(pairs, i, Some(own)));
            labels.push(label > 0.5);
        }
    }
    let trees = Boosted::fit(&rows, &labels);
    test.iter().map(|&i| trees.probability(all.row(pairs, i, None))).collect()
}

/// How many pairs of each molecule, and of all, are negative and positive.
struct Seen {
    molecules: Vec<[u32; 2]>,
    all: [u32; 2],
}

impl Seen {
    fn of(pairs: Entries<'_>, part: &[usize]) -> Self {
        let mut seen = Self { molecules: vec![[0; 2]; pairs.molecules.molecules()], all: [0; 2] };
        for (&i, label) in part.iter().filter_map(|i| Some((i, pairs.labels[*i]?))) {
            let class = usize::from(label > 0.5);
            let [a, b] = pairs.molecules.pair(i);
            seen.molecules[a as usize][class] += 1;
            // A molecule that is paired with itself is in one pair.
            seen.molecules[b as usize][class] += u32::from(a != b);
            seen.all[class] += 1;
        }
        seen
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.molecules.iter_mut().zip(&other.molecules) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
        self.all = [self.all[0] + other.all[0], self.all[1] + other.all[1]];
    }

    /// Gives the two numbers of a pair, without what its own part says.
    fn row(&self, pairs: Entries<'_>, pair: usize, own: Option<&Self>) -> Row {
        let [negative, positive] = self.all.map(f64::from);
        let base = positive / (negative + positive).max(1.0);
        let share = |molecule: u32| {
            let [mut negative, mut positive] = self.molecules[molecule as usize];
            if let Some(own) = own {
                negative -= own.molecules[molecule as usize][0];
                positive -= own.molecules[molecule as usize][1];
            }
            ((f64::from(positive) + base) / (f64::from(negative + positive) + 1.0) * STEPS).round() as u32
        };
        [share(pairs.molecules.rna()[pair]), share(pairs.molecules.partner()[pair]), 0, 0]
    }
}

/// Predicts 0 for a partner that has a positive pair in training (in either column, between RNAs) and 1 for any other.
///
/// In sets that give each partner one positive pair (RPI1460) this beats published models in a random split.
///
/// ```
/// use crossmamba::baseline::{Entries, partner_rule};
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
///
/// let pair = |rna, partner| -> Result<Pair, &str> {
///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
/// };
/// let pairs = PairTable::new(vec![pair("r", "p")?, pair("s", "p")?, pair("s", "q")?]);
/// let entries = Entries { molecules: &Identity::by_id(&pairs, None), labels: &[Some(1.0), None, None] };
/// assert_eq!(partner_rule(entries, &[0], &[1, 2]), [0.0, 1.0]);
/// # Ok::<(), &str>(())
/// ```
pub fn partner_rule(pairs: Entries<'_>, train: &[usize], test: &[usize]) -> Vec<f64> {
    let partner = pairs.molecules.partner();
    let positive = |&i: &usize| pairs.labels[i].is_some_and(|label| label > 0.5);
    let bound = pairs.molecules.of_pairs(train.iter().copied().filter(positive));
    test.iter().map(|&i| if bound[partner[i] as usize] { 0.0 } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::metrics::auroc;
    use crate::rng::Rng;

    /// Labels drawn by `label` from the numbers of RNA and partner, with 40 RNAs and 300 partners.
    fn set(label: impl Fn(u32, u32, &mut Rng) -> bool) -> (Vec<u32>, Vec<u32>, Vec<Option<f64>>) {
        let mut rng = Rng::new(4);
        let rna: Vec<u32> = (0..1200).map(|_| rng.below(40) as u32).collect();
        let partner: Vec<u32> = (0..1200).map(|_| rng.below(300) as u32).collect();
        let labels = rna
            .iter()
            .zip(&partner)
            .map(|(&r, &p)| Some(f64::from(u8::from(label(r, p, &mut rng)))))
            .collect();
        (rna, partner, labels)
    }

    fn area((rna, partner, labels): &(Vec<u32>, Vec<u32>, Vec<Option<f64>>)) -> f64 {
        let (train, test): (Vec<usize>, Vec<usize>) = (0..1200).partition(|i| i % 5 != 0);
        let molecules = Identity::of_two_kinds(rna, partner);
        let parts: Vec<Vec<usize>> =
            (0..4).map(|k| train.iter().copied().filter(|i| i % 5 == k + 1).collect()).collect();
        let predicted = counts(Entries { molecules: &molecules, labels }, &parts, &test);
        let truth: Vec<bool> = test.iter().map(|&i| labels[i] == Some(1.0)).collect();
        auroc(&predicted, &truth)
    }

    #[test]
    fn a_molecule_that_decides_is_found() {
        assert!(area(&set(|rna, _, _| rna % 3 == 0)) > 0.99);
        assert!(area(&set(|_, partner, _| partner % 2 == 0)) > 0.9);
    }

    #[test]
    fn shares_that_mirror_each_other_between_parts_are_read_with_the_right_sign() {
        // Each partner has ten positive and ten negative pairs, divided unevenly over five parts: where it is mostly
        // positive in four parts it is mostly negative in the fifth.
        let (mut partner, mut labels) = (Vec::new(), Vec::new());
        let mut parts = vec![Vec::new(); 5];
        let mut rng = Rng::new(8);
        for molecule in 0..200 {
            let mut classes: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
            rng.shuffle(&mut classes);
            for (i, class) in classes.into_iter().enumerate() {
                parts[i / 4].push(labels.len());
                partner.push(molecule);
                labels.push(Some(class));
            }
        }
        let molecules = Identity::of_two_kinds(&vec![0; partner.len()], &partner);
        let test = parts.pop().unwrap();
        let predicted = counts(Entries { molecules: &molecules, labels: &labels }, &parts, &test);
        let truth: Vec<bool> = test.iter().map(|&i| labels[i] == Some(1.0)).collect();
        let area = auroc(&predicted, &truth);
        assert!(area > 0.5, "{area}");
    }

    #[test]
    fn random_labels_are_not_learnt_from_the_pair_itself() {
        let area = area(&set(|_, _, rng| rng.below(2) == 0));
        assert!((0.4..0.6).contains(&area), "{area}");
    }

    #[test]
    fn one_class_and_no_training_pairs_are_no_trouble() {
        let pairs =
            Entries { molecules: &Identity::of_two_kinds(&[0, 1], &[0, 1]), labels: &[Some(1.0), Some(1.0)] };
        assert!(counts(pairs, &[vec![0]], &[1])[0] > 0.5);
        assert_eq!(counts(pairs, &[], &[1]), [0.5]);
    }

    #[test]
    fn the_rule_calls_unbound_partners_positive() {
        let pairs = Entries {
            molecules: &Identity::of_two_kinds(&[0, 1, 2, 3], &[0, 0, 1, 1]),
            labels: &[Some(1.0), None, Some(0.0), None],
        };
        assert_eq!(partner_rule(pairs, &[0, 2], &[1, 3]), [0.0, 1.0]);
    }
}
