//! Divides training pairs as the test pairs were divided from them.

use std::collections::{HashMap, HashSet};

use crate::identity::{Familiarity, Identity};
use crate::rng::Rng;
use crate::split::Fold;

/// The parts that are drawn where the split has no folds to take.
const DRAWN: usize = 5;
/// A side of which fewer test pairs than this share are known from training was held out by whole molecules.
const HELD_OUT: f64 = 0.02;

/// Divides the training pairs of a fold into parts that relate to each other as its test part relates to all of them.
///
/// With three folds or more these are the test parts of the other folds, but for pairs that the fold does not learn from, since
/// they share a molecule with its test part. Otherwise five parts are drawn: by whole
/// molecules of a side that the test part does not share with the training part, or by pairs, a pair together with its
/// mirror.
///
/// ```
/// use crossmamba::baseline::inner_parts;
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
/// use crossmamba::split::{Groups, Part, Split};
///
/// let pair = |i: u32| -> Result<Pair, &str> {
///     Ok(Pair { rna: RecordId::new("r")?, partner: RecordId::new(format!("p{i}"))?, label: None })
/// };
/// let pairs = PairTable::new((0..6).map(pair).collect::<Result<_, _>>()?);
/// let folds = Split::new((0..6).map(|i| Part::Fold(i % 3)).collect(), Groups::default());
/// let folds = folds.map_err(|_| "no split")?.folds();
/// assert_eq!(inner_parts(&folds, 0, &Identity::by_id(&pairs, None)), [vec![1, 4], vec![2, 5]]);
/// # Ok::<(), &str>(())
/// ```
pub fn inner_parts(folds: &[Fold], at: usize, molecules: &Identity) -> Vec<Vec<usize>> {
    if folds.len() > 2 {
        let learnt: HashSet<usize> = folds[at].train.iter().copied().collect();
        let of = |fold: &Fold| fold.test.iter().copied().filter(|pair| learnt.contains(pair)).collect();
        let others = folds.iter().enumerate().filter(|(other, _)| *other != at);
        return others.map(|(_, fold)| of(fold)).collect();
    }
    let Fold { train, test, .. } = &folds[at];
    let known = Familiarity::of(molecules, train, test);
    let few = |pairs: usize| (pairs as f64) < HELD_OUT * known.pairs() as f64;
    let units = if few(known.both + known.rna_only) {
        molecules.rna().to_vec()
    } else if few(known.both + known.partner_only) {
        molecules.partner().to_vec()
    } else {
        molecules.pairs()
    };
    let mut members: HashMap<u32, usize> = HashMap::new();
    let mut whole: Vec<Vec<usize>> = Vec::new();
    for &pair in train {
        let place = *members.entry(units[pair]).or_insert(whole.len());
        if place == whole.len() {
            whole.push(Vec::new());
        }
        whole[place].push(pair);
    }
    Rng::new(1).fork("inner parts").shuffle(&mut whole);
    let mut parts = vec![Vec::new(); DRAWN];
    for unit in whole {
        let smallest = (0..DRAWN).min_by_key(|&part| parts[part].len()).unwrap_or(0);
        parts[smallest].extend(unit);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::{FoldName, Groups, Part, Split};

    fn holdout(train: std::ops::Range<usize>, test: std::ops::Range<usize>) -> Vec<Fold> {
        vec![Fold {
            name: FoldName::holdout(),
            train: train.collect(),
            validation: Vec::new(),
            test: test.collect(),
        }]
    }

    fn is_whole(parts: &[Vec<usize>], numbers: &[u32]) -> bool {
        let part_of = |pair: usize| parts.iter().position(|part| part.contains(&pair));
        (0..80).all(|a| (0..80).all(|b| numbers[a] != numbers[b] || part_of(a) == part_of(b)))
    }

    #[test]
    fn what_shares_a_molecule_with_the_test_part_is_in_no_part() {
        // Four blocks of two RNAs and two partners each; a fold learns from the block that shares neither.
        let part = |rna: u32, partner: u32| Part::Fold(2 * (rna / 2) + partner / 2);
        let pairs: Vec<[u32; 2]> = (0..4).flat_map(|rna| (0..4).map(move |partner| [rna, partner])).collect();
        let [rna, partner] = [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).collect::<Vec<u32>>());
        let blocks = pairs.iter().map(|&[rna, partner]| part(rna, partner)).collect();
        let half = |all: &[u32]| Some(all.iter().map(|one| one / 2).collect());
        let groups = Groups { rna: half(&rna), partner: half(&partner) };
        let folds = Split::new(blocks, groups).unwrap().folds();
        let parts = inner_parts(&folds, 0, &Identity::of_two_kinds(&rna, &partner));
        assert_eq!(parts, [vec![], vec![], vec![10, 11, 14, 15]]);
    }

    #[test]
    fn a_side_that_was_held_out_is_held_out_inside() {
        let partner: Vec<u32> = (0..100).map(|i| i / 4).collect();
        let rna: Vec<u32> = (0..100).map(|i| i % 4).collect();
        let folds = holdout(0..80, 80..100);
        let molecules = Identity::of_two_kinds(&rna, &partner);
        let parts = inner_parts(&folds, 0, &molecules);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [16; 5]);
        assert!(is_whole(&parts, molecules.partner()));
        assert!(!is_whole(&parts, molecules.rna()));
        // With both sides known, pairs are drawn.
        let random = Identity::of_two_kinds(&rna, &(0..100).map(|i| i * 7 % 10).collect::<Vec<_>>());
        let parts = inner_parts(&folds, 0, &random);
        assert!(!is_whole(&parts, random.partner()) && !is_whole(&parts, random.rna()));
    }
}
