//! Finds the nearest molecules of training on both sides of a pair.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{Flag, Nearness, Sketches, WIDTH};
use crate::expert::{Descriptors, Distinct};
use crate::pair::{Side, Sides};
use crate::record::{Digest, RecordId};
use crate::{Error, Result as Outcome};

/// What of its molecules of training a model keeps: a name, the digest of the sequence and a sketch of each, and which stood
/// together in a pair. Neither a sequence nor a label is kept.
///
/// Molecules are numbered over both sides: RNAs first, then the partners that are not among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    names: Sides<Vec<RecordId>>,
    molecules: Sides<Vec<Digest>>,
    sketches: Sides<Sketches>,
    pairs: Vec<Sides<u32>>,
    /// The number of each molecule of a side.
    numbers: Sides<Vec<u32>>,
    by_digest: HashMap<Digest, u32>,
    whole: Trained,
}

/// Of which molecules of training a model keeps a name and a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Of none: nothing is said of how well training knows a pair.
    Nothing,
    /// Of the RNAs: every partner counts as new.
    Rnas,
    /// Of both sides.
    Both,
}

/// Some pairs of training, and their molecules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trained {
    /// For each number, whether the molecule is among them.
    molecules: Vec<bool>,
    /// The pairs as numbers, the smaller first, in order.
    pairs: Vec<[u32; 2]>,
}

/// The molecule of training that is nearest to another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// Its number.
    pub number: u32,
    /// How similar it is: 1 for equal descriptors, e⁻¹ for an ordinary distance among molecules of training.
    pub similarity: f32,
    /// Whether it is of the same sequence.
    pub same: bool,
}

impl Neighbours {
    /// Keeps the molecules of some pairs; `name` names a molecule of a side. Where a side is not `kept`, neither its molecules
    /// are nor which stood together.
    pub fn fit(
        descriptors: &Sides<Descriptors>,
        pairs: &[Sides<u32>],
        name: impl Fn(Side, u32) -> RecordId,
        kept: Kept,
    ) -> Self {
        let Distinct { mut molecules, mut pairs } = Distinct::of(pairs);
        for side in Side::BOTH.into_iter().filter(|&side| !kept.has(side)) {
            molecules[side].clear();
            pairs.clear();
        }
        let sketches = Sides::of(|side: Side| Sketches::fit(&descriptors[side].blocks(), &molecules[side]));
        let digests = Sides::of(|side: Side| {
            let all = descriptors[side].molecules();
            molecules[side].iter().map(|&molecule| all[molecule as usize]).collect()
        });
        let names =
            Sides::of(|side: Side| molecules[side].iter().map(|&molecule| name(side, molecule)).collect());
        Self::assemble(names, digests, sketches, pairs)
    }

    /// Takes what an earlier [`Neighbours::fit`] gave; pairs are places among the molecules.
    ///
    /// # Errors
    /// Parts that do not fit together, as a part of a sentence.
    pub fn from_parts(
        names: Sides<Vec<RecordId>>,
        molecules: Sides<Vec<Digest>>,
        sketches: Sides<Sketches>,
        pairs: Vec<Sides<u32>>,
    ) -> Result<Self, String> {
        for side in Side::BOTH {
            let count = molecules[side].len();
            if names[side].len() != count || sketches[side].known().len() != count * WIDTH {
                return Err(format!(
                    "names, digests and sketches of the {} side do not fit together",
                    side.name()
                ));
            }
            if pairs.iter().any(|pair| pair[side] as usize >= count) {
                return Err("pairs and molecules do not fit together".into());
            }
        }
        Ok(Self::assemble(names, molecules, sketches, pairs))
    }

    fn assemble(
        names: Sides<Vec<RecordId>>,
        molecules: Sides<Vec<Digest>>,
        sketches: Sides<Sketches>,
        pairs: Vec<Sides<u32>>,
    ) -> Self {
        let mut by_digest = HashMap::new();
        let numbers = Sides::of(|side: Side| {
            let first = molecules.rna.len() as u32;
            let start = if side == Side::Rna { 0 } else { first };
            let number = |(digest, own): (&Digest, u32)| *by_digest.entry(*digest).or_insert(own);
            molecules[side].iter().zip(start..).map(number).collect::<Vec<u32>>()
        });
        let whole = Trained { molecules: Vec::new(), pairs: Vec::new() };
        let mut made = Self { names, molecules, sketches, pairs, numbers, by_digest, whole };
        made.whole = made.part(made.pairs.iter().copied());
        // Where a side is not kept, no pair names the molecules of the other.
        for &number in made.numbers.rna.iter().chain(&made.numbers.partner) {
            made.whole.molecules[number as usize] = true;
        }
        made
    }

    /// Gives the names of the molecules.
    pub fn names(&self) -> &Sides<Vec<RecordId>> {
        &self.names
    }

    /// Gives the digests of their sequences.
    pub fn molecules(&self) -> &Sides<Vec<Digest>> {
        &self.molecules
    }

    /// Gives their sketches.
    pub fn sketches(&self) -> &Sides<Sketches> {
        &self.sketches
    }

    /// Gives the pairs, as places among the molecules.
    pub fn pairs(&self) -> &[Sides<u32>] {
        &self.pairs
    }

    /// Gives all of training.
    pub fn whole(&self) -> &Trained {
        &self.whole
    }

    /// Gives a part of training: pairs of places among the molecules, also among those of a side that is not kept.
    pub fn part(&self, pairs: impl Iterator<Item = Sides<u32>>) -> Trained {
        let mut molecules = vec![false; self.molecules.rna.len() + self.molecules.partner.len()];
        let mut found: Vec<[u32; 2]> = pairs
            .filter_map(|pair| {
                let numbers = Sides::of(|side: Side| self.numbers[side].get(pair[side] as usize).copied());
                for number in numbers.into_array().into_iter().flatten() {
                    molecules[number as usize] = true;
                }
                Some(ordered([numbers.rna?, numbers.partner?]))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        Trained { molecules, pairs: found }
    }

    /// Gives the place of a molecule on a side.
    pub fn place(&self, side: Side, digest: &Digest) -> Option<u32> {
        // Between RNAs a molecule may stand on both sides, and its number is that of the first.
        let number = *self.by_digest.get(digest)?;
        self.numbers[side].iter().position(|&one| one == number).map(|place| place as u32)
    }

    /// Names a molecule by its number.
    pub fn name(&self, number: u32) -> &RecordId {
        let rnas = self.names.rna.len();
        let at = number as usize;
        if at < rnas { &self.names.rna[at] } else { &self.names.partner[at - rnas] }
    }

    /// Finds the nearest molecule of a part of training for each of some molecules of a side; `None` where the part has none, or
    /// none of the side was kept.
    /// A molecule of the same sequence is the nearest, on either side.
    ///
    /// # Errors
    /// Descriptors of other columns than those that were measured.
    pub fn nearest(
        &self,
        side: Side,
        descriptors: &Descriptors,
        molecules: &[u32],
        among: &Trained,
    ) -> Outcome<Vec<Option<Nearest>>> {
        if self.molecules[side].is_empty() {
            return Ok(vec![None; molecules.len()]);
        }
        let blocks = descriptors.blocks();
        if !self.sketches[side].fits(&blocks) {
            let problem =
                format!("the descriptors of the {} side are not those that were sketched", side.name());
            return Err(Error::defect("neighbours", problem));
        }
        let sketches = self.sketches[side].of(&blocks, molecules);
        let found = molecules
            .par_iter()
            .zip(sketches.par_chunks_exact(WIDTH))
            .map(|(&molecule, sketch)| {
                self.one(side, &descriptors.molecules()[molecule as usize], sketch, among)
            })
            .collect();
        Ok(found)
    }

    fn one(&self, side: Side, digest: &Digest, sketch: &[f32], among: &Trained) -> Option<Nearest> {
        let same = self.by_digest.get(digest).filter(|&&number| among.molecules[number as usize]);
        if let Some(&number) = same {
            return Some(Nearest { number, similarity: 1.0, same: true });
        }
        let numbers = &self.numbers[side];
        let found = self.sketches[side].nearest(sketch, |at| among.molecules[numbers[at as usize] as usize]);
        found.map(|(at, similarity)| Nearest { number: numbers[at as usize], similarity, same: false })
    }
}

impl Kept {
    /// Tells whether the molecules of a side are kept.
    pub const fn has(self, side: Side) -> bool {
        match self {
            Self::Nothing => false,
            Self::Rnas => matches!(side, Side::Rna),
            Self::Both => true,
        }
    }
}

impl Trained {
    /// Says in a word how well these pairs know another one, by the nearest molecules; a molecule near which none is known is
    /// new.
    pub fn flag(&self, nearest: Sides<Option<Nearest>>) -> Flag {
        let seen = match (nearest.rna, nearest.partner) {
            (Some(rna), Some(partner)) => {
                self.pairs.binary_search(&ordered([rna.number, partner.number])).is_ok()
            }
            _ => false,
        };
        let nearness = |one: Nearest| Nearness::of(one.similarity, one.same);
        Flag::of(nearest.map(|one| one.map_or(Nearness::New, nearness)), seen)
    }
}

fn ordered([a, b]: [u32; 2]) -> [u32; 2] {
    [a.min(b), a.max(b)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::Block;
    use crate::expert::Named;
    use crate::record::Molecule;

    fn descriptors(kind: Molecule, texts: &[&str]) -> Descriptors {
        let digests = texts.iter().map(|text| Digest::of(text.as_bytes())).collect();
        let vectors: Vec<Vec<f32>> = texts
            .iter()
            .map(|text| {
                [b'A', b'C', b'G', b'U']
                    .map(|letter| text.bytes().filter(|&b| b == letter).count() as f32)
                    .to_vec()
            })
            .collect();
        let block = Named { block: Block { name: "letters".into(), columns: 0..4 }, built_in: false };
        Descriptors::new(kind, digests, &vectors, &[block])
    }

    fn meet(
        known: &Neighbours,
        all: &Sides<Descriptors>,
        pair: Sides<u32>,
        among: &Trained,
    ) -> (Flag, String, String) {
        let nearest =
            Sides::of(|side: Side| known.nearest(side, &all[side], &[pair[side]], among).unwrap()[0]);
        let name = |one: Nearest| known.name(one.number).to_string();
        let [rna, partner] = nearest.into_array().map(|one| one.map_or(String::new(), name));
        (among.flag(nearest), rna, partner)
    }

    #[test]
    fn pairs_are_told_by_what_training_knows_of_their_molecules() {
        let all = Sides::new(
            descriptors(Molecule::Rna, &["AAAA", "CCCCC", "AAAC", "GGGGGGGG"]),
            descriptors(Molecule::Protein, &["ACG", "UUUUUU", "ACGU", "GGGG"]),
        );
        let name = |side: Side, at: u32| RecordId::new(format!("{}{at}", side.name())).unwrap();
        let train = [Sides::new(0, 0), Sides::new(1, 1), Sides::new(3, 3)];
        let known = Neighbours::fit(&all, &train, name, Kept::Both);
        let told = |rna, partner| meet(&known, &all, Sides::new(rna, partner), known.whole());
        assert_eq!(told(0, 0), (Flag::SeenPair, "rna0".into(), "partner0".into()));
        assert_eq!(told(0, 1).0, Flag::KnownBoth);
        let (flag, rna, partner) = told(2, 0);
        assert!(matches!(flag, Flag::NearRnaKnownPartner | Flag::KnownPartner), "{flag:?}");
        assert_eq!((rna.as_str(), partner.as_str()), ("rna0", "partner0"));
        // Of a part of training the rest is not known.
        let part = known.part([Sides::new(1, 1)].into_iter());
        let (flag, rna, _) = meet(&known, &all, Sides::new(0, 1), &part);
        assert_eq!((flag, rna.as_str()), (Flag::KnownPartner, "rna1"));
        let parts = (known.names().clone(), known.molecules().clone(), known.sketches().clone());
        assert_eq!(Neighbours::from_parts(parts.0, parts.1, parts.2, known.pairs().to_vec()).unwrap(), known);
    }

    #[test]
    fn where_the_rnas_alone_are_kept_every_partner_is_new() {
        let all = Sides::new(
            descriptors(Molecule::Rna, &["AAAA", "CCCCC", "GGGGGGGG"]),
            descriptors(Molecule::SmallMolecule, &["CCO", "NC"]),
        );
        let name = |side: Side, at: u32| RecordId::new(format!("{}{at}", side.name())).unwrap();
        let known = Neighbours::fit(&all, &[Sides::new(0, 0), Sides::new(1, 1)], name, Kept::Rnas);
        let told = |rna, partner| meet(&known, &all, Sides::new(rna, partner), known.whole());
        assert_eq!(told(0, 0), (Flag::KnownRna, "rna0".into(), String::new()));
        assert_eq!(told(2, 0).0, Flag::NewBoth);
        let part = known.part([Sides::new(1, 1)].into_iter());
        assert_eq!(meet(&known, &all, Sides::new(1, 0), &part).0, Flag::KnownRna);
        assert_ne!(meet(&known, &all, Sides::new(0, 0), &part).0, Flag::KnownRna);
        assert!(known.pairs().is_empty() && known.molecules().partner.is_empty());
        let parts = (known.names().clone(), known.molecules().clone(), known.sketches().clone());
        assert_eq!(Neighbours::from_parts(parts.0, parts.1, parts.2, Vec::new()).unwrap(), known);
    }

    #[test]
    fn between_rnas_a_molecule_is_one_on_either_side() {
        let one = descriptors(Molecule::Rna, &["AAAA", "CCCCC", "GG", "UUUU"]);
        let all = Sides::new(one.clone(), one);
        let name = |_, at: u32| RecordId::new(format!("m{at}")).unwrap();
        let known = Neighbours::fit(&all, &[Sides::new(0, 1), Sides::new(3, 3)], name, Kept::Both);
        assert_eq!(
            meet(&known, &all, Sides::new(1, 0), known.whole()),
            (Flag::SeenPair, "m1".into(), "m0".into())
        );
        let flag = meet(&known, &all, Sides::new(1, 2), known.whole()).0;
        assert!(matches!(flag, Flag::KnownRnaNearPartner | Flag::KnownRna), "{flag:?}");
    }
}
