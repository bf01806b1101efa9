//! Draws negative pairs for a set of positive ones.

use std::collections::{HashMap, HashSet};

use crate::identity::Identity;
use crate::pair::{Pair, PairTable, Side};
use crate::record::RecordId;
use crate::rng::Rng;
use crate::{Error, Place, Result};

/// Possible pairs up to which all are listed before any is drawn.
const LISTED: usize = 1 << 24;
/// Tries for each negative where not all possible pairs are listed, and for each pair that is looked for another place.
const TRIES: usize = 200;
/// Rounds in which pairs that may not be are given other places.
const ROUNDS: usize = 200;

/// How negatives are drawn among all pairs of an RNA and a partner of the positives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Draw {
    /// Each pair with the same chance
    Uniform,
    /// So that each molecule is in as many negatives, for each of its positives, as any other
    Degree,
}

/// Draws negatives.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Negatives {
    /// How they are drawn.
    pub draw: Draw,
    /// Negatives for each positive; a whole number where each molecule has its share.
    pub per_positive: f64,
    /// The seed; with the order of the pairs it alone decides.
    pub seed: u64,
}

/// The molecules of one column.
struct Column<'a> {
    ids: Vec<&'a RecordId>,
    /// What molecules are the same, and which are relatives.
    own: Vec<u32>,
    family: Vec<u32>,
    /// For each positive, the place of its molecule.
    of: Vec<u32>,
}

impl<'a> Column<'a> {
    fn of(pairs: &'a PairTable, side: Side, molecules: &Identity, families: &Identity) -> Self {
        let (of, first) = Identity::column(molecules.of(side));
        let take = |numbers: &[u32]| first.iter().map(|&pair| numbers[pair]).collect();
        let ids = first.iter().map(|&pair| pairs.pairs[pair].id(side)).collect();
        Self { ids, own: take(molecules.of(side)), family: take(families.of(side)), of }
    }
}

fn sorted(a: u32, b: u32) -> [u32; 2] {
    [a.min(b), a.max(b)]
}

/// What may be drawn.
struct Candidates<'a> {
    rna: Column<'a>,
    partner: Column<'a>,
    /// Families of which a positive pair is known.
    known: HashSet<[u32; 2]>,
}

impl Candidates<'_> {
    fn key(&self, (r, p): (u32, u32)) -> [u32; 2] {
        sorted(self.rna.own[r as usize], self.partner.own[p as usize])
    }

    /// Tells whether a pair may be a negative: not a molecule with itself, and not of two families that bind.
    fn may(&self, (r, p): (u32, u32)) -> bool {
        let [a, b] = self.key((r, p));
        a != b && !self.known.contains(&sorted(self.rna.family[r as usize], self.partner.family[p as usize]))
    }

    fn sizes(&self) -> [usize; 2] {
        [self.rna.ids.len(), self.partner.ids.len()]
    }

    fn all(&self) -> impl Iterator<Item = (u32, u32)> {
        let [rnas, partners] = self.sizes();
        (0..rnas as u32).flat_map(move |r| (0..partners as u32).map(move |p| (r, p)))
    }
}

impl Negatives {
    /// Gives pairs of an RNA and a partner that stand in the table, each once, with the label 0. `molecules` tells which
    /// molecules are the same, `families` which are relatives: no negative is, in either order, of two families of which a
    /// positive pair is known. With families that are the molecules themselves, none is a positive pair.
    ///
    /// ```
    /// use crossmamba::identity::Identity;
    /// use crossmamba::pair::{Pair, PairTable};
    /// use crossmamba::record::RecordId;
    /// use crossmamba::split::{Draw, Negatives};
    ///
    /// let pair = |i: usize| -> Result<Pair, &str> {
    ///     let (rna, partner) = (RecordId::new(format!("r{i}"))?, RecordId::new(format!("p{i}"))?);
    ///     Ok(Pair { rna, partner, label: Some(1.0) })
    /// };
    /// let positives = PairTable::new((0..9).map(pair).collect::<Result<_, _>>()?);
    /// let molecules = Identity::by_id(&positives, None);
    /// let rule = Negatives { draw: Draw::Degree, per_positive: 2.0, seed: 1 };
    /// let negatives = rule.draw(&positives, &molecules, &molecules).map_err(|_| "too many")?;
    /// assert_eq!(negatives.len(), 18);
    /// assert_eq!(negatives.iter().filter(|pair| pair.rna.as_str() == "r4").count(), 2);
    /// # Ok::<(), &str>(())
    /// ```
    ///
    /// # Errors
    /// Pairs that are not all positive, and more negatives than there are pairs to draw; the error says how many there are.
    pub fn draw(
        &self,
        positives: &PairTable,
        molecules: &Identity,
        families: &Identity,
    ) -> Result<Vec<Pair>> {
        let place = || Place::file(positives.path());
        let other =
            positives.pairs.iter().filter(|pair| pair.label.is_some_and(|label| label != 1.0)).count();
        if other > 0 {
            let problem = format!("{other} of {} pairs are not positive", positives.pairs.len());
            return Err(place().error(problem, "give the positive pairs alone"));
        }
        if !(self.per_positive > 0.0 && self.per_positive.is_finite()) {
            let problem = format!("{} negatives for each positive are none", self.per_positive);
            return Err(Error::setting("--per-positive", problem, "use 1, for example"));
        }
        let among = Candidates {
            rna: Column::of(positives, Side::Rna, molecules, families),
            partner: Column::of(positives, Side::Partner, molecules, families),
            known: (0..positives.pairs.len()).map(|pair| families.pair(pair)).collect(),
        };
        let mut rng = Rng::new(self.seed).fork("negatives");
        let drawn = match self.draw {
            Draw::Uniform => {
                let wanted = (self.per_positive * positives.pairs.len() as f64).round() as usize;
                uniform(&among, wanted, &mut rng)
            }
            Draw::Degree => {
                if self.per_positive.fract() != 0.0 {
                    let problem = format!(
                        "{} negatives for each of a molecule's positives cannot be",
                        self.per_positive
                    );
                    return Err(Error::setting(
                        "--per-positive",
                        problem,
                        "use a whole number, or --draw uniform",
                    ));
                }
                by_degree(&among, self.per_positive as usize, &mut rng)
            }
        };
        let drawn = drawn.map_err(|problem| {
            place().error(
                problem,
                "ask for fewer with --per-positive, draw uniformly, or raise the identity of clusters",
            )
        })?;
        let pair = |(r, p): (u32, u32)| Pair {
            rna: among.rna.ids[r as usize].clone(),
            partner: among.partner.ids[p as usize].clone(),
            label: Some(0.0),
        };
        Ok(drawn.into_iter().map(pair).collect())
    }
}

/// Says how many pairs there are to draw from.
fn too_few(among: &Candidates<'_>, wanted: usize, found: usize) -> String {
    let [rnas, partners] = among.sizes();
    format!(
        "{wanted} negatives were asked for, but of the {rnas} × {partners} pairs of these molecules {found} can be drawn: the others \
         are positive, are of families that bind, or are a molecule with itself"
    )
}

fn uniform(among: &Candidates<'_>, wanted: usize, rng: &mut Rng) -> Result<Vec<(u32, u32)>, String> {
    let [rnas, partners] = among.sizes();
    let mut taken = HashSet::new();
    let mut drawn = Vec::with_capacity(wanted);
    if rnas.saturating_mul(partners) <= LISTED {
        let mut all: Vec<(u32, u32)> = among.all().filter(|&pair| among.may(pair)).collect();
        rng.shuffle(&mut all);
        drawn.extend(all.into_iter().filter(|&pair| taken.insert(among.key(pair))).take(wanted));
        let found = drawn.len();
        return if found < wanted { Err(too_few(among, wanted, found)) } else { Ok(drawn) };
    }
    for _ in 0..wanted.saturating_mul(TRIES) {
        if drawn.len() == wanted {
            break;
        }
        let pair = (rng.below(rnas) as u32, rng.below(partners) as u32);
        if among.may(pair) && taken.insert(among.key(pair)) {
            drawn.push(pair);
        }
    }
    if drawn.len() < wanted { Err(too_few(among, wanted, drawn.len())) } else { Ok(drawn) }
}

/// Gives each molecule `times` negatives for each of its positives: partners are dealt to RNAs at random, and pairs that may
/// not be exchange partners with others until all may.
fn by_degree(among: &Candidates<'_>, times: usize, rng: &mut Rng) -> Result<Vec<(u32, u32)>, String> {
    let repeated =
        |of: &[u32]| -> Vec<u32> { of.iter().flat_map(|&at| std::iter::repeat_n(at, times)).collect() };
    let mut partners = repeated(&among.partner.of);
    rng.shuffle(&mut partners);
    let mut dealt: Vec<(u32, u32)> = repeated(&among.rna.of).into_iter().zip(partners).collect();
    let mut held: HashMap<[u32; 2], u32> = HashMap::new();
    for &pair in &dealt {
        *held.entry(among.key(pair)).or_default() += 1;
    }
    let mut wrong: Vec<usize> = Vec::new();
    for _ in 0..ROUNDS {
        wrong =
            (0..dealt.len()).filter(|&at| !among.may(dealt[at]) || held[&among.key(dealt[at])] > 1).collect();
        if wrong.is_empty() {
            return Ok(dealt);
        }
        for &at in &wrong {
            // An exchange before may have put it right.
            if among.may(dealt[at]) && held[&among.key(dealt[at])] == 1 {
                continue;
            }
            for _ in 0..TRIES {
                let other = rng.below(dealt.len());
                let new = [(dealt[at].0, dealt[other].1), (dealt[other].0, dealt[at].1)];
                let keys = new.map(|pair| among.key(pair));
                let free = |key: &[u32; 2]| held.get(key).copied().unwrap_or(0) == 0;
                if keys[0] != keys[1] && new.iter().all(|&pair| among.may(pair)) && keys.iter().all(free) {
                    for old in [dealt[at], dealt[other]] {
                        if let Some(count) = held.get_mut(&among.key(old)) {
                            *count -= 1;
                        }
                    }
                    for key in keys {
                        *held.entry(key).or_default() += 1;
                    }
                    [dealt[at], dealt[other]] = new;
                    break;
                }
            }
        }
    }
    Err(no_place(among, times, dealt.len(), wrong.len()))
}

/// Says how many negatives found no place, and names a molecule that has too few others, if there is one.
fn no_place(among: &Candidates<'_>, times: usize, all: usize, left: usize) -> String {
    let [rnas, partners] = among.sizes();
    let mut problem = format!(
        "{left} of {all} negatives found no place where each molecule has {times} for each of its positives"
    );
    if rnas.saturating_mul(partners) > LISTED {
        return problem;
    }
    let mut free = [vec![0_usize; rnas], vec![0; partners]];
    for (r, p) in among.all().filter(|&pair| among.may(pair)) {
        free[0][r as usize] += 1;
        free[1][p as usize] += 1;
    }
    for (column, (free, what)) in
        [&among.rna, &among.partner].into_iter().zip(free.iter().zip(["partners", "RNAs"]))
    {
        let mut needed = vec![0; free.len()];
        for &at in &column.of {
            needed[at as usize] += times;
        }
        if let Some(at) = (0..free.len()).find(|&at| free[at] < needed[at]) {
            let (id, needed, free) = (column.ids[at], needed[at], free[at]);
            problem.push_str(&format!("; `{id}` needs {needed}, and {free} {what} are left for it"));
            break;
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pairs: &[(usize, usize)], names: [&str; 2]) -> PairTable {
        let id = |name: &str, number: usize| RecordId::new(format!("{name}{number}")).unwrap();
        let pair = |&(r, p): &(usize, usize)| Pair {
            rna: id(names[0], r),
            partner: id(names[1], p),
            label: Some(1.0),
        };
        PairTable::new(pairs.iter().map(pair).collect())
    }

    fn some(count: usize, rnas: usize, partners: usize) -> Vec<(usize, usize)> {
        let mut rng = Rng::new(5).fork("positives");
        let mut found = std::collections::BTreeSet::new();
        while found.len() < count {
            // Some molecules bind far more than others.
            let r = rng.below(rnas).min(rng.below(rnas));
            found.insert((r, rng.below(partners).min(rng.below(partners))));
        }
        found.into_iter().collect()
    }

    fn drawn(positives: &PairTable, draw: Draw, per_positive: f64) -> Result<Vec<Pair>> {
        let molecules = Identity::by_id(positives, None);
        Negatives { draw, per_positive, seed: 3 }.draw(positives, &molecules, &molecules)
    }

    fn degrees(pairs: &[Pair], side: Side) -> HashMap<String, usize> {
        let mut found = HashMap::new();
        for pair in pairs {
            *found.entry(pair.id(side).to_string()).or_default() += 1;
        }
        found
    }

    #[test]
    fn no_negative_is_a_positive_or_stands_twice() {
        let positives = table(&some(100, 30, 60), ["r", "p"]);
        for (draw, per_positive) in [(Draw::Uniform, 2.5), (Draw::Degree, 2.0)] {
            let negatives = drawn(&positives, draw, per_positive).unwrap();
            assert_eq!(negatives.len(), (100.0 * per_positive) as usize);
            let key = |pair: &Pair| (pair.rna.to_string(), pair.partner.to_string());
            let mut all: Vec<_> = positives.pairs.iter().chain(&negatives).map(key).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn each_molecule_has_as_many_negatives_as_positives_where_asked() {
        let positives = table(&some(150, 30, 60), ["r", "p"]);
        let negatives = drawn(&positives, Draw::Degree, 1.0).unwrap();
        for side in Side::BOTH {
            assert_eq!(degrees(&positives.pairs, side), degrees(&negatives, side));
        }
        let uniform = drawn(&positives, Draw::Uniform, 1.0).unwrap();
        assert_ne!(degrees(&positives.pairs, Side::Rna), degrees(&uniform, Side::Rna));
    }

    #[test]
    fn between_rnas_no_negative_is_a_mirror_or_a_molecule_with_itself() {
        // The same names in both columns: one molecule each.
        let mut rows = some(60, 20, 20);
        rows.retain(|(a, b)| a < b);
        let positives = table(&rows, ["x", "x"]);
        for draw in [Draw::Uniform, Draw::Degree] {
            let negatives = drawn(&positives, draw, 1.0).unwrap();
            let key = |pair: &Pair| {
                let (a, b) = (pair.rna.to_string(), pair.partner.to_string());
                if a < b { (a, b) } else { (b, a) }
            };
            let mut all: Vec<_> = positives.pairs.iter().chain(&negatives).map(key).collect();
            assert!(all.iter().all(|(a, b)| a != b));
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn no_negative_is_of_families_that_bind() {
        let positives = table(&some(40, 30, 60), ["r", "p"]);
        let molecules = Identity::by_id(&positives, None);
        // Families of three neighbours by number.
        let number = |id: &RecordId| id.as_str()[1..].parse::<u32>().unwrap() / 3;
        let families = Identity::of_two_kinds(
            &positives.pairs.iter().map(|pair| number(&pair.rna)).collect::<Vec<_>>(),
            &positives.pairs.iter().map(|pair| number(&pair.partner)).collect::<Vec<_>>(),
        );
        let known: HashSet<_> =
            positives.pairs.iter().map(|pair| (number(&pair.rna), number(&pair.partner))).collect();
        for draw in [Draw::Uniform, Draw::Degree] {
            let rule = Negatives { draw, per_positive: 1.0, seed: 1 };
            for pair in rule.draw(&positives, &molecules, &families).unwrap() {
                assert!(!known.contains(&(number(&pair.rna), number(&pair.partner))), "{pair:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_said_with_numbers() {
        // Three RNAs, three partners, one pair free.
        let rows: Vec<_> = (0..9).filter(|i| *i != 4).map(|i| (i / 3, i % 3)).collect();
        let positives = table(&rows, ["r", "p"]);
        let said = drawn(&positives, Draw::Uniform, 1.0).unwrap_err().to_string();
        assert!(
            said.contains(
                "8 negatives were asked for, but of the 3 × 3 pairs of these molecules 1 can be drawn"
            ),
            "{said}"
        );
        let said = drawn(&positives, Draw::Degree, 1.0).unwrap_err().to_string();
        assert!(said.contains("`r0` needs 3, and 0 partners are left for it"), "{said}");
        let said = drawn(&positives, Draw::Degree, 1.5).unwrap_err().to_string();
        assert!(said.contains("use a whole number, or --draw uniform"), "{said}");
    }
}
