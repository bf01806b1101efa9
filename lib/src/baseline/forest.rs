//! Predicts with a random forest (Breiman 2001) on the composition of both sequences, and on their duplex.

use rayon::prelude::*;

use super::Composition;
use crate::rng::Rng;

const TREES: usize = 200;
const STEPS: usize = 64;

/// Predicts a probability or an affinity of the pairs `test` with trees grown on resamples of the pairs `train`.
///
/// `features` are those of the RNAs, of the partners and perhaps of the pairs themselves; with `labels` they have one
/// entry per pair. Trees split by the fall of the squared error, which for labels 0 and 1 is Gini's impurity. NaN when no
/// training pair has a label.
///
/// ```
/// use crossmamba::baseline::{Composition, forest};
///
/// let rna = Composition::of(&[b"AAAAAAAAAA", b"GGGGGGGGGG"], vec![0, 1, 0, 1, 0, 1]);
/// let labels = [Some(0.0), Some(1.0), Some(0.0), Some(1.0), None, None];
/// let predicted = forest(&labels, &[&rna], &[0, 1, 2, 3], &[4, 5], 1);
/// assert!(predicted[0] < 0.5 && predicted[1] > 0.5);
/// ```
pub fn forest(
    labels: &[Option<f64>],
    features: &[&Composition],
    train: &[usize],
    test: &[usize],
    seed: u64,
) -> Vec<f64> {
    let train: Vec<(usize, f64)> = train.iter().filter_map(|&i| Some((i, labels[i]?))).collect();
    if train.is_empty() {
        return vec![f64::NAN; test.len()];
    }
    let table = Table::new(features);
    let rng = Rng::new(seed);
    let trees: Vec<Vec<f64>> = (0..TREES)
        .into_par_iter()
        .map(|tree| {
            let mut rng = rng.fork(&format!("tree {tree}"));
            let sample: Vec<(usize, f64)> = train.iter().map(|_| train[rng.below(train.len())]).collect();
            let mut nodes = Vec::new();
            grow(&table, sample, &mut nodes, &mut rng);
            test.iter().map(|&i| value(&table, &nodes, i)).collect()
        })
        .collect();
    (0..test.len()).map(|i| trees.iter().map(|tree| tree[i]).sum::<f64>() / TREES as f64).collect()
}

/// The features side by side.
struct Table<'a> {
    parts: &'a [&'a Composition],
    /// For each feature, its part and its column there.
    columns: Vec<(usize, usize)>,
}

impl<'a> Table<'a> {
    fn new(parts: &'a [&'a Composition]) -> Self {
        let columns = |(at, part): (usize, &&Composition)| (0..part.width).map(move |column| (at, column));
        Self { parts, columns: parts.iter().enumerate().flat_map(columns).collect() }
    }

    /// Gives the part that holds a feature, and its column there.
    fn column(&self, feature: usize) -> (&Composition, usize) {
        let (part, column) = self.columns[feature];
        (self.parts[part], column)
    }

    fn step(&self, pair: usize, feature: usize) -> u8 {
        let (part, column) = self.column(feature);
        part.step(pair, column)
    }
}

enum Node {
    Leaf(f64),
    /// Go to the next node when the feature's step is not above; to `right` otherwise.
    Split {
        feature: usize,
        step: u8,
        right: usize,
    },
}

/// Grows the tree of a sample, depth first.
fn grow(table: &Table<'_>, sample: Vec<(usize, f64)>, nodes: &mut Vec<Node>, rng: &mut Rng) {
    let Some((feature, step)) = best_split(table, &sample, rng) else {
        nodes.push(Node::Leaf(sample.iter().map(|(_, label)| label).sum::<f64>() / sample.len() as f64));
        return;
    };
    let place = nodes.len();
    nodes.push(Node::Leaf(0.0));
    let (left, right): (Vec<_>, Vec<_>) =
        sample.into_iter().partition(|(pair, _)| table.step(*pair, feature) <= step);
    grow(table, left, nodes, rng);
    nodes[place] = Node::Split { feature, step, right: nodes.len() };
    grow(table, right, nodes, rng);
}

/// Finds the best split over √width features drawn at random, or more until one of them splits at all.
fn best_split(table: &Table<'_>, sample: &[(usize, f64)], rng: &mut Rng) -> Option<(usize, u8)> {
    let first = sample.first()?.1;
    if sample.iter().all(|(_, label)| *label == first) {
        return None;
    }
    let enough = (table.columns.len() as f64).sqrt().ceil() as usize;
    let count = sample.len() as f64;
    let sum: f64 = sample.iter().map(|(_, label)| label).sum();
    let mut order: Vec<usize> = (0..table.columns.len()).collect();
    let mut best = None;
    let mut most = f64::NEG_INFINITY;
    for drawn in 0..order.len() {
        if drawn >= enough && best.is_some() {
            break;
        }
        let pick = drawn + rng.below(order.len() - drawn);
        order.swap(drawn, pick);
        let feature = order[drawn];
        let mut bins = [(0.0, 0.0); STEPS];
        let (part, column) = table.column(feature);
        for &(pair, label) in sample {
            let bin = &mut bins[usize::from(part.step(pair, column))];
            bin.0 += 1.0;
            bin.1 += label;
        }
        let (mut below, mut total) = (0.0, 0.0);
        for (step, (here, labels)) in bins.iter().enumerate() {
            below += here;
            total += labels;
            if *here == 0.0 || below == count {
                continue;
            }
            let gain = total * total / below + (sum - total) * (sum - total) / (count - below);
            if gain > most {
                most = gain;
                best = Some((feature, step as u8));
            }
        }
    }
    best
}

fn value(table: &Table<'_>, nodes: &[Node], pair: usize) -> f64 {
    let mut at = 0;
    loop {
        match nodes[at] {
            Node::Leaf(value) => return value,
            Node::Split { feature, step, right } => {
                at = if table.step(pair, feature) <= step { at + 1 } else { right };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::auroc;

    #[test]
    fn a_rule_of_composition_holds_for_unseen_sequences() {
        let mut rng = Rng::new(2);
        let mut draw = |letters: &[u8], length: usize| -> Vec<u8> {
            (0..length).map(|_| letters[rng.below(letters.len())]).collect()
        };
        let rna: Vec<Vec<u8>> =
            (0..200).map(|i| draw(if i % 2 == 0 { b"ACGUGG" } else { b"ACGUAA" }, 60)).collect();
        let protein: Vec<Vec<u8>> = (0..200).map(|_| draw(b"ACDEFGHIKLMNPQRSTVWY", 60)).collect();
        let of = |set: &[Vec<u8>]| {
            Composition::of(&set.iter().map(Vec::as_slice).collect::<Vec<_>>(), (0..200).collect())
        };
        let (rna, protein) = (of(&rna), of(&protein));
        let labels: Vec<Option<f64>> = (0..200).map(|i| Some(f64::from(i % 2))).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = (0..200).partition(|i| i % 3 != 0);
        let predict = || forest(&labels, &[&rna, &protein], &train, &test, 1);
        let truth: Vec<bool> = test.iter().map(|i| i % 2 == 1).collect();
        assert!(auroc(&predict(), &truth) > 0.95);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(predict);
        assert_eq!(one, predict());
        assert!(forest(&labels, &[&rna, &protein], &[], &test, 1)[0].is_nan());
    }
}
