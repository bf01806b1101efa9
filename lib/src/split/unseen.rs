//! Divides pairs so that the molecules of one side, or of both, are new in every test part.

use std::collections::HashMap;

use super::{Groups, Part, Split};
use crate::identity::{Families, Identity};
use crate::pair::{PairTable, Side, Task};
use crate::rng::Rng;
use crate::{Error, Result};

/// Rounds of moves after which the search ends, if it has not ended by itself.
const ROUNDS: usize = 50;
/// Starts of the search of which the best counts.
const STARTS: u64 = 8;

/// What is new in a test part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum HeldOut {
    /// The RNA
    Rna,
    /// The partner
    Partner,
    /// The RNA and the partner
    Both,
}

/// Divides pairs by whole families of molecules.
#[derive(Debug, Clone, PartialEq)]
pub struct Unseen {
    /// What is new in each test part.
    pub regime: HeldOut,
    /// The parts, and how large each should be beside the others: equal shares of numbered folds, or those of a hold-out.
    pub parts: Vec<(Part, f64)>,
    /// The seed; with the order of the pairs it alone decides.
    pub seed: u64,
}

/// What a division by families cost, and how even it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divided {
    /// Families that had to stay whole.
    pub families: usize,
    /// The pairs of the family that has the most.
    pub largest: usize,
    /// Pairs that are in no part, because their molecules are in two.
    pub lost: usize,
    /// For each part, its pairs and how many of them are positive.
    pub parts: Vec<(Part, [usize; 2])>,
}

impl HeldOut {
    /// Says what is new.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rna => "RNAs",
            Self::Partner => "partners",
            Self::Both => "RNAs and partners",
        }
    }

    const fn holds_out(self, side: Side) -> bool {
        matches!((self, side), (Self::Both, _) | (Self::Rna, Side::Rna) | (Self::Partner, Side::Partner))
    }
}

impl Unseen {
    /// Asks for folds of equal size.
    pub fn folds(regime: HeldOut, folds: u32, seed: u64) -> Self {
        Self { regime, parts: (0..folds).map(|fold| (Part::Fold(fold), 1.0)).collect(), seed }
    }

    /// Asks for a training, a validation and a test part; a validation share of 0 asks for none.
    ///
    /// # Errors
    /// Shares that leave nothing to train on.
    pub fn holdout(regime: HeldOut, test: f64, validation: f64, seed: u64) -> Result<Self> {
        if !(test > 0.0 && validation >= 0.0 && test + validation < 1.0) {
            let problem = format!("{test} to test on and {validation} to validate on leave no training part");
            return Err(Error::setting("test, validation", problem, "use 0.2 and 0.1, for example"));
        }
        let mut parts = vec![(Part::Train, 1.0 - test - validation), (Part::Test, test)];
        if validation > 0.0 {
            parts.insert(1, (Part::Validation, validation));
        }
        Ok(Self { regime, parts, seed })
    }

    /// Divides the pairs. A family that is to be new is in one part as a whole; where both sides are, pairs between two
    /// parts are in none. Between RNAs a molecule is one molecule in either column: where a family to be held out stands on
    /// the other side as well, its pairs with the families of other parts are in none, too.
    ///
    /// The search starts from a greedy division, largest families first, and moves one family at a time, as long as the sum
    /// over parts and labels of `share · ln(1 + pairs)` grows: parts of the right size, alike in labels, and few lost pairs.
    /// The best of eight starts counts.
    ///
    /// # Errors
    /// Fewer families than parts, or a part that stays empty: with the numbers that forbid it.
    pub fn split(
        &self,
        pairs: &PairTable,
        molecules: &Identity,
        families: &Families,
    ) -> Result<(Split, Divided)> {
        let graph = Graph::new(self.regime, pairs, molecules, families);
        let wanted = self.parts.len();
        if wanted < 2 {
            return Err(Error::setting(
                "folds",
                "one fold leaves nothing to train on",
                "ask for two or more",
            ));
        }
        if graph.edges_of.len() < wanted {
            let (count, what) = (graph.edges_of.len(), self.regime.words());
            let problem = format!("{wanted} parts cannot be made of {count} families of {what}");
            let remedy = "ask for fewer, or join fewer molecules by a higher identity";
            return Err(Error::setting("folds", problem, remedy));
        }
        let shares: Vec<f64> = self.parts.iter().map(|(_, share)| *share).collect();
        let mut best: Option<(f64, Vec<u32>)> = None;
        for start in 0..STARTS {
            let mut rng = Rng::new(self.seed).fork(&format!("unseen {start}"));
            let found = graph.divide(&shares, &mut rng);
            if best.as_ref().is_none_or(|(value, _)| found.0 > *value) {
                best = Some(found);
            }
        }
        let part_of = best.map(|(_, part_of)| part_of).unwrap_or_default();
        let parts: Vec<Part> = graph
            .ends
            .iter()
            .map(|&[a, b]| match (part_of[a as usize], part_of[b as usize]) {
                (a, b) if a == b => self.parts[a as usize].0,
                _ => Part::Unused,
            })
            .collect();
        let count = |wanted: Part| {
            let of_part = || parts.iter().zip(&graph.classes).filter(|(part, _)| **part == wanted);
            [of_part().count(), of_part().filter(|(_, class)| **class == 1).count()]
        };
        let divided = Divided {
            families: graph.edges_of.len(),
            largest: graph.edges_of.iter().map(Vec::len).max().unwrap_or(0),
            lost: count(Part::Unused)[0],
            parts: self.parts.iter().map(|&(part, _)| (part, count(part))).collect(),
        };
        if let Some((part, _)) = divided.parts.iter().find(|(_, pairs)| pairs[0] == 0) {
            let problem = format!(
                "part {part} stays empty: the largest of {} families holds {} of {} pairs",
                divided.families,
                divided.largest,
                pairs.pairs.len()
            );
            return Err(Error::setting("folds", problem, "ask for fewer parts, or for one unseen side only"));
        }
        let column = |side: Side| self.regime.holds_out(side).then(|| families.column(molecules, side));
        let groups = Groups { rna: column(Side::Rna), partner: column(Side::Partner) };
        Ok((Split::new(parts, groups)?, divided))
    }
}

/// Families that must stay whole, and the pairs between them.
struct Graph {
    /// For each pair, its one or two families.
    ends: Vec<[u32; 2]>,
    /// For each pair, 1 if it is positive.
    classes: Vec<usize>,
    /// For each family, its pairs.
    edges_of: Vec<Vec<u32>>,
}

impl Graph {
    fn new(regime: HeldOut, pairs: &PairTable, molecules: &Identity, families: &Families) -> Self {
        let columns = Side::BOTH.map(|side| families.column(molecules, side));
        let mut held_out = vec![false; families.count()];
        for (side, column) in Side::BOTH.into_iter().zip(&columns) {
            for &family in column.iter().filter(|_| regime.holds_out(side)) {
                held_out[family as usize] = true;
            }
        }
        let mut numbers = HashMap::new();
        let mut number = |family: u32| {
            let next = numbers.len() as u32;
            *numbers.entry(family).or_insert(next)
        };
        let ends: Vec<[u32; 2]> = columns[0]
            .iter()
            .zip(&columns[1])
            .map(|(&rna, &partner)| match [rna, partner].map(|family| held_out[family as usize]) {
                [true, false] => [number(rna); 2],
                [false, true] => [number(partner); 2],
                _ => [number(rna), number(partner)],
            })
            .collect();
        let mut edges_of = vec![Vec::new(); numbers.len()];
        for (pair, &[a, b]) in (0..).zip(&ends) {
            edges_of[a as usize].push(pair);
            if a != b {
                edges_of[b as usize].push(pair);
            }
        }
        let binary = pairs.task == Some(Task::Classification);
        let class = |label: Option<f64>| usize::from(binary && label == Some(1.0));
        let classes = pairs.pairs.iter().map(|pair| class(pair.label)).collect();
        Self { ends, classes, edges_of }
    }

    /// Gives how good a division is, and the part of each family.
    fn divide(&self, shares: &[f64], rng: &mut Rng) -> (f64, Vec<u32>) {
        const NONE: u32 = u32::MAX;
        let (parts, families) = (shares.len(), self.edges_of.len());
        let mut part_of = vec![NONE; families];
        let mut counts = vec![[0_i64; 2]; parts];
        let mut placed = vec![0; parts];
        let value = |part: usize, counts: [i64; 2]| {
            shares[part] * counts.iter().map(|&count| (1.0 + count as f64).ln()).sum::<f64>()
        };
        let mut order = rng.permutation(families);
        order.sort_by_key(|&family| std::cmp::Reverse(self.edges_of[family].len()));
        for round in 0..=ROUNDS {
            let mut moved = false;
            for &family in &order {
                // What the family would bring to each part, and what it brings to its own.
                let mut brings = vec![[0_i64; 2]; parts];
                for &pair in &self.edges_of[family] {
                    let [a, b] = self.ends[pair as usize];
                    let class = self.classes[pair as usize];
                    if a == b {
                        for part in &mut brings {
                            part[class] += 1;
                        }
                    } else {
                        let other = part_of[if a as usize == family { b } else { a } as usize];
                        if other != NONE {
                            brings[other as usize][class] += 1;
                        }
                    }
                }
                let own = part_of[family];
                let gain = |part: usize| {
                    let more = [0, 1].map(|class| counts[part][class] + brings[part][class]);
                    value(part, more) - value(part, counts[part])
                };
                let loss = if own == NONE {
                    0.0
                } else {
                    let own = own as usize;
                    let less = [0, 1].map(|class| counts[own][class] - brings[own][class]);
                    value(own, counts[own]) - value(own, less)
                };
                // Before anything of its neighbours is placed a family goes where the least is.
                let chosen = (0..parts).filter(|&part| part as u32 != own).max_by(|&a, &b| {
                    let empty = |part: usize| placed[part] as f64 / shares[part];
                    gain(a).total_cmp(&gain(b)).then(empty(b).total_cmp(&empty(a))).then(b.cmp(&a))
                });
                let Some(chosen) = chosen.filter(|&part| own == NONE || gain(part) > loss + 1e-9) else {
                    continue;
                };
                moved = true;
                for class in 0..2 {
                    if own != NONE {
                        counts[own as usize][class] -= brings[own as usize][class];
                    }
                    counts[chosen][class] += brings[chosen][class];
                }
                if own != NONE {
                    placed[own as usize] -= self.edges_of[family].len();
                }
                placed[chosen] += self.edges_of[family].len();
                part_of[family] = chosen as u32;
            }
            if !moved && round > 0 {
                break;
            }
        }
        (counts.iter().enumerate().map(|(part, &counts)| value(part, counts)).sum(), part_of)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::identity::Sequences;
    use crate::pair::{Pair, Sides};
    use crate::record::RecordId;

    /// Pairs of 40 RNAs of uneven degree with 60 partners, a third of them positive.
    fn pairs() -> PairTable {
        let mut rng = Rng::new(4);
        let mut seen = HashSet::new();
        let mut drawn = Vec::new();
        while drawn.len() < 600 {
            let (r, p) = (rng.below(rng.clone().below(40) + 1), rng.below(60));
            if seen.insert((r, p)) {
                let id = |name: String| RecordId::new(name).unwrap();
                let label = Some(f64::from(u8::from(rng.below(3) == 0)));
                drawn.push(Pair { rna: id(format!("r{r}")), partner: id(format!("p{p}")), label });
            }
        }
        PairTable::new(drawn)
    }

    fn divided(rule: &Unseen, pairs: &PairTable) -> Result<(Split, Divided)> {
        let molecules = Identity::by_id(pairs, None);
        let families = Families::of(pairs, &molecules, &Sequences::default(), &Sides::new(None, None))?;
        rule.split(pairs, &molecules, &families)
    }

    #[test]
    fn a_molecule_that_is_held_out_is_in_no_training_part() {
        let pairs = pairs();
        for regime in [HeldOut::Rna, HeldOut::Partner, HeldOut::Both] {
            let (split, found) = divided(&Unseen::folds(regime, 4, 1), &pairs).unwrap();
            for fold in split.folds() {
                for side in Side::BOTH.into_iter().filter(|&side| regime.holds_out(side)) {
                    let trained: HashSet<_> = fold.train.iter().map(|&i| pairs.pairs[i].id(side)).collect();
                    assert!(fold.test.iter().all(|&i| !trained.contains(pairs.pairs[i].id(side))));
                }
            }
            assert_eq!(found.lost > 0, regime == HeldOut::Both);
            assert_eq!(split, divided(&Unseen::folds(regime, 4, 1), &pairs).unwrap().0);
        }
    }

    #[test]
    fn folds_are_even_in_size_and_in_label() {
        let (_, found) = divided(&Unseen::folds(HeldOut::Partner, 5, 1), &pairs()).unwrap();
        let all: usize = found.parts.iter().map(|(_, [_, positive])| positive).sum();
        for (_, [size, positive]) in found.parts {
            assert!((114..=126).contains(&size), "{size}");
            assert!((positive as f64 - all as f64 / 5.0).abs() <= 4.0, "{positive} of {all}");
        }
    }

    #[test]
    fn fewer_pairs_are_lost_than_by_chance() {
        let (_, found) = divided(&Unseen::folds(HeldOut::Both, 3, 1), &pairs()).unwrap();
        // By chance a third of the pairs is kept.
        assert!(found.lost < 370, "{}", found.lost);
        assert!(found.parts.iter().all(|(_, [size, _])| *size > 50), "{found:?}");
    }

    #[test]
    fn a_holdout_takes_about_its_shares() {
        let rule = Unseen::holdout(HeldOut::Partner, 0.2, 0.1, 1).unwrap();
        let (split, found) = divided(&rule, &pairs()).unwrap();
        let sizes: Vec<usize> = found.parts.iter().map(|(_, [size, _])| *size).collect();
        assert!((400..=440).contains(&sizes[0]) && (50..=70).contains(&sizes[1]), "{sizes:?}");
        assert_eq!(split.folds()[0].test.len(), sizes[2]);
        assert!(Unseen::holdout(HeldOut::Rna, 0.9, 0.1, 1).is_err());
    }

    #[test]
    fn between_rnas_a_molecule_is_one_in_either_column() {
        let id = |i: usize| RecordId::new(format!("a{i}")).unwrap();
        let mut rng = Rng::new(2);
        let drawn: HashSet<(usize, usize)> = (0..200).map(|_| (rng.below(30), rng.below(30))).collect();
        let mut drawn: Vec<(usize, usize)> = drawn.into_iter().collect();
        drawn.sort_unstable();
        let table = drawn.iter().map(|&(a, b)| Pair { rna: id(a), partner: id(b), label: None });
        let pairs = PairTable::new(table.collect());
        let (split, _) = divided(&Unseen::folds(HeldOut::Rna, 3, 1), &pairs).unwrap();
        for fold in split.folds() {
            let trained: HashSet<_> =
                fold.train.iter().flat_map(|&i| [&pairs.pairs[i].rna, &pairs.pairs[i].partner]).collect();
            assert!(fold.test.iter().all(|&i| !trained.contains(&pairs.pairs[i].rna)));
        }
    }

    #[test]
    fn what_cannot_be_done_is_said_with_numbers() {
        let id = |text: &str| RecordId::new(text).unwrap();
        let pair = |r, p| Pair { rna: id(r), partner: id(p), label: None };
        let few = PairTable::new(vec![pair("r", "p"), pair("r", "q"), pair("s", "q")]);
        let message = divided(&Unseen::folds(HeldOut::Rna, 5, 1), &few).unwrap_err().to_string();
        assert!(message.contains("5 parts cannot be made of 2 families of RNAs"), "{message}");
        let star = PairTable::new(vec![pair("r", "p"), pair("r", "q"), pair("r", "s")]);
        let message = divided(&Unseen::folds(HeldOut::Both, 3, 1), &star).unwrap_err().to_string();
        assert!(message.contains("the largest of 4 families holds 3 of 3 pairs"), "{message}");
    }
}
