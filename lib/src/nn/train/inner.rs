//! Draws the inner validation part from the training pairs.

use std::collections::BTreeMap;

use crate::config::{Config, Stop};
use crate::pair::Task;
use crate::rng::Rng;

/// Divides training pairs into those that are trained on and an inner validation part, each ascending.
///
/// With groups, whole groups are drawn until the part has the wanted size; a group that would make it more than
/// 1.6 times as large is passed over. Without groups, the same fraction of each class is drawn. When nothing can be
/// drawn without leaving too little to train on, the part is empty.
///
/// ```
/// use crossmamba::nn::train::inner_part;
/// use crossmamba::pair::Task;
/// use crossmamba::rng::Rng;
///
/// let (train, labels): (Vec<usize>, Vec<f64>) = (0..100).map(|at| (at, f64::from(at % 2 == 0))).unzip();
/// let (kept, held) = inner_part(&train, &labels, Task::Classification, None, 0.1, &mut Rng::new(1));
/// assert_eq!((kept.len(), held.len()), (90, 10));
/// ```
pub fn inner_part(
    train: &[usize],
    labels: &[f64],
    task: Task,
    groups: Option<&[u32]>,
    fraction: f64,
    rng: &mut Rng,
) -> (Vec<usize>, Vec<usize>) {
    let wanted = (fraction * train.len() as f64).round() as usize;
    if wanted == 0 || train.len() < 10 {
        return (train.to_vec(), Vec::new());
    }
    let mut held: Vec<usize> = if let Some(groups) = groups {
        let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for &pair in train {
            members.entry(groups[pair]).or_default().push(pair);
        }
        let mut order: Vec<Vec<usize>> = members.into_values().collect();
        rng.shuffle(&mut order);
        let mut held = Vec::new();
        for group in order {
            if (held.len() + group.len()) as f64 <= 1.6 * wanted as f64 {
                held.extend(group);
            }
            if held.len() >= wanted {
                break;
            }
        }
        held
    } else {
        let class = |pair: usize| task == Task::Classification && labels[pair] > 0.5;
        let mut held = Vec::new();
        for wanted_class in [true, false] {
            let mut pairs: Vec<usize> = train.iter().copied().filter(|&p| class(p) == wanted_class).collect();
            rng.shuffle(&mut pairs);
            pairs.truncate((fraction * pairs.len() as f64).round() as usize);
            held.extend(pairs);
        }
        held
    };
    held.sort_unstable();
    let kept = train.iter().copied().filter(|pair| held.binary_search(pair).is_err()).collect();
    (kept, held)
}

/// Gives the size of the inner validation part as a fraction of the training pairs.
pub fn inner_fraction(config: &Config) -> f64 {
    config.validation.fraction.or(match config.training.stop {
        Stop::Early => 0.12,
        Stop::Fixed => 0.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_keep_their_shares_and_nothing_is_lost() {
        let train: Vec<usize> = (0..1000).map(|i| i * 2).collect();
        let labels: Vec<f64> = (0..2000).map(|i| f64::from(i % 10 == 0)).collect();
        let draw = |seed| inner_part(&train, &labels, Task::Classification, None, 0.1, &mut Rng::new(seed));
        let (kept, held) = draw(1);
        assert_eq!((kept.len(), held.len()), (900, 100));
        assert_eq!(held.iter().filter(|&&p| labels[p] > 0.5).count(), 20);
        let mut all = [kept, held.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, train);
        assert_eq!(draw(1).1, held);
        assert_ne!(draw(2).1, held);
    }

    #[test]
    fn groups_stay_whole() {
        let train: Vec<usize> = (0..300).collect();
        let groups: Vec<u32> = (0..300).map(|i| if i < 150 { 0 } else { i / 10 }).collect();
        let labels = vec![0.0; 300];
        let (kept, held) = inner_part(&train, &labels, Task::Affinity, Some(&groups), 0.12, &mut Rng::new(3));
        assert!((36..=57).contains(&held.len()));
        assert!(held.iter().all(|&h| kept.iter().all(|&k| groups[k] != groups[h])));
    }

    #[test]
    fn a_part_that_cannot_be_drawn_is_empty() {
        let (train, labels) = ([0, 1, 2], [0.0; 3]);
        let empty = |fraction| {
            inner_part(&train, &labels, Task::Affinity, None, fraction, &mut Rng::new(0)).1.is_empty()
        };
        assert!(empty(0.1) && empty(0.0));
    }
}
