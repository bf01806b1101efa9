//! Predicts with a random forest (Breiman 2001) on the composition of both sequences, and on their duplex.

use rayon::prelude::*;

use super::Composition;
use crate::rng::Rng;

const TREES: usize = 200;
const STEPS: usize = 64;
/// Hits are rare where there are more others than this for each of them.
const RARE: usize = 20;

/// Predicts a probability or an affinity of the pairs `test` with trees grown on resamples of the pairs `train`.
///
/// `features` are those of the RNAs, of the partners and perhaps of the pairs themselves; with `labels` they have one
/// entry per pair. Trees split by the fall of the squared error, which for labels 0 and 1 is Gini's impurity. NaN when no
/// training pair has a label. Where labels are 0 and 1 and fewer than one in 21 is 1, each tree sees as many of either
/// label as there are of 1 (Chen, Liaw and Breiman 2004), and those of 0 weigh as much as all of them.
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
    let mut train: Vec<Known> = train
        .iter()
        .filter_map(|&i| Some(Known { pair: i as u32, weight: 0.0, label: labels[i]? }))
        .collect();
    // So that what is read one after the other lies near in memory.
    train.sort_unstable_by_key(|known| known.pair);
    if train.is_empty() {
        return vec![f64::NAN; test.len()];
    }
    let table = Table::new(features);
    let strata = strata(&train);
    let rng = Rng::new(seed);
    let trees: Vec<Vec<f64>> = (0..TREES)
        .into_par_iter()
        .map(|tree| {
            let mut rng = rng.fork(&format!("tree {tree}"));
            let mut sample = train.clone();
            for (members, draws) in &strata {
                let weight = members.len() as f64 / *draws as f64;
                (0..*draws).for_each(|_| sample[members[rng.below(members.len())]].weight += weight);
            }
            sample.retain(|known| known.weight > 0.0);
            let nodes = grow(&table, sample, &mut rng);
            test.iter().map(|&i| value(&table, &nodes, i as u32)).collect()
        })
        .collect();
    (0..test.len()).map(|i| trees.iter().map(|tree| tree[i]).sum::<f64>() / TREES as f64).collect()
}

/// A pair of training, and how much it weighs in a sample.
#[derive(Clone, Copy)]
struct Known {
    pair: u32,
    weight: f64,
    label: f64,
}

impl Known {
    /// Adds its weight, and its label as often.
    fn add(self, [weight, labels]: &mut [f64; 2]) {
        *weight += self.weight;
        *labels += self.weight * self.label;
    }
}

/// Lists what is drawn from, and how often.
fn strata(train: &[Known]) -> Vec<(Vec<usize>, usize)> {
    let (hits, others): (Vec<usize>, Vec<usize>) = (0..train.len()).partition(|&at| train[at].label == 1.0);
    let classes = others.iter().all(|&at| train[at].label == 0.0);
    let draws = hits.len();
    if classes && draws > 0 && draws * RARE < others.len() {
        return vec![(hits, draws), (others, draws)];
    }
    vec![((0..train.len()).collect(), train.len())]
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

    /// Gives the step of each pair's feature.
    fn steps(&self, feature: usize) -> impl Fn(u32) -> u8 {
        let (part, column) = self.columns[feature];
        self.parts[part].steps(column)
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

/// Grows the tree of a sample, depth first. Where hits are rare it is as deep as there are hits, too deep to call itself.
fn grow(table: &Table<'_>, sample: Vec<Known>, rng: &mut Rng) -> Vec<Node> {
    let mut nodes = Vec::new();
    // Samples of nodes to come, and of which split each is the right side.
    let mut waiting = vec![(sample, None)];
    while let Some((sample, right_of)) = waiting.pop() {
        let place = nodes.len();
        if let Some(Node::Split { right, .. }) = right_of.and_then(|at: usize| nodes.get_mut(at)) {
            *right = place;
        }
        let mut all = [0.0; 2];
        for known in &sample {
            known.add(&mut all);
        }
        let Some((feature, step)) = best_split(table, &sample, all, rng) else {
            nodes.push(Node::Leaf(all[1] / all[0]));
            continue;
        };
        nodes.push(Node::Split { feature, step, right: 0 });
        let steps = table.steps(feature);
        let (left, right) = sample.into_iter().partition(|known| steps(known.pair) <= step);
        waiting.extend([(right, Some(place)), (left, None)]);
    }
    nodes
}

/// Finds the best split over √width features drawn at random, or more until one of them splits at all.
fn best_split(
    table: &Table<'_>,
    sample: &[Known],
    [count, sum]: [f64; 2],
    rng: &mut Rng,
) -> Option<(usize, u8)> {
    let first = sample.first()?.label;
    if sample.iter().all(|known| known.label == first) {
        return None;
    }
    let enough = (table.columns.len() as f64).sqrt().ceil() as usize;
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
        let mut bins = [[0.0; 2]; STEPS];
        let steps = table.steps(feature);
        for known in sample {
            known.add(&mut bins[usize::from(steps(known.pair)) % STEPS]);
        }
        // Nothing is above the last step that is there: sums of weights need not tell, as they are rounded.
        let last = bins.iter().rposition(|&[here, _]| here > 0.0)?;
        let (mut below, mut total) = (0.0, 0.0);
        for (step, [here, labels]) in bins[..last].iter().enumerate() {
            below += here;
            total += labels;
            if *here == 0.0 {
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

fn value(table: &Table<'_>, nodes: &[Node], pair: u32) -> f64 {
    let mut at = 0;
    loop {
        match nodes[at] {
            Node::Leaf(value) => return value,
            Node::Split { feature, step, right } => {
                at = if table.steps(feature)(pair) <= step { at + 1 } else { right };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::auroc;

    #[test]
    fn a_tree_may_be_as_deep_as_there_are_pairs() {
        // Each label outweighs all before it, so that a split takes off one pair, and three hundred levels follow each other.
        let mut rng = Rng::new(3);
        let rnas: Vec<Vec<u8>> =
            (0..300).map(|_| (0..200).map(|_| b"ACGU"[rng.below(4)]).collect()).collect();
        let rnas: Vec<&[u8]> = rnas.iter().map(Vec::as_slice).collect();
        let features = Composition::of(&rnas, (0..300).collect());
        let known = |pair: u32| Known { pair, weight: 1.0, label: 8.0_f64.powi(pair as i32) };
        let sample: Vec<Known> = (0..300).map(known).collect();
        let grown = move || grow(&Table::new(&[&features]), sample, &mut rng);
        // A stack that holds no three hundred calls.
        let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(grown).unwrap();
        let nodes = thread.join().unwrap();
        assert_eq!(nodes.iter().filter(|node| matches!(node, Node::Leaf(_))).count(), 300);
    }

    #[test]
    fn of_rare_hits_all_are_drawn_and_the_others_weigh_as_before() {
        let train = |hits: u32| -> Vec<Known> {
            (0..1000)
                .map(|pair| Known { pair, weight: 0.0, label: f64::from(u8::from(pair < hits)) })
                .collect()
        };
        let sizes = |train: &[Known]| -> Vec<(usize, usize)> {
            strata(train).iter().map(|(members, draws)| (members.len(), *draws)).collect()
        };
        assert_eq!(sizes(&train(10)), [(10, 10), (990, 10)]);
        assert_eq!(sizes(&train(100)), [(1000, 1000)]);
        assert_eq!(sizes(&train(0)), [(1000, 1000)]);
        let mut affinities = train(10);
        affinities[500].label = 0.5;
        assert_eq!(sizes(&affinities), [(1000, 1000)]);
        // What nothing is known of gets about the share of hits.
        let labels: Vec<Option<f64>> =
            (0..1000).map(|pair| Some(f64::from(u8::from(pair % 100 == 0)))).collect();
        let alike = Composition::of(&[b"ACGUACGU", b"GGGGCCCC"], (0..1000).map(|pair| pair % 2).collect());
        let all: Vec<usize> = (0..1000).collect();
        let found = forest(&labels, &[&alike], &all, &[1, 3], 1);
        assert!(found.iter().all(|&p| p < 0.005), "{found:?}");
        let found = forest(&labels, &[&alike], &all, &[0, 2], 1);
        assert!(found.iter().all(|&p| (p - 0.02).abs() < 0.005), "{found:?}");
    }

    #[test]
    fn weights_that_do_not_add_up_to_the_last_bit_leave_no_side_of_a_split_empty() {
        let mut rng = Rng::new(5);
        let mut draw = |letters: &[u8], length: usize| -> Vec<u8> {
            (0..length).map(|_| letters[rng.below(letters.len())]).collect()
        };
        let rnas: Vec<Vec<u8>> = (0..10).map(|_| draw(b"ACGU", 30)).collect();
        let molecules: Vec<Vec<u8>> = (0..300).map(|_| draw(b"CCCCNO=", 12)).collect();
        let of = |set: &[Vec<u8>], rows: &dyn Fn(u32) -> u32| {
            Composition::of(&set.iter().map(Vec::as_slice).collect::<Vec<_>>(), (0..3000).map(rows).collect())
        };
        let (rnas, molecules) = (of(&rnas, &|pair| pair % 10), of(&molecules, &|pair| pair / 10));
        let all: Vec<usize> = (0..3000).collect();
        let labels: Vec<Option<f64>> =
            all.iter().map(|pair| Some(f64::from(u8::from(pair % 29 == 0)))).collect();
        let found = forest(&labels, &[&rnas, &molecules], &all, &all, 1);
        assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
    }

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
