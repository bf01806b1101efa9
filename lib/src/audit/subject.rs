//! Joins the pairs, their split and their molecules into what is audited.

use std::collections::HashMap;

use crate::cluster::{Clusters, Compared, Relatives};
use crate::identity::{Families, Identity, Sequences};
use crate::pair::{PairTable, Side, Sides, Task};
use crate::record::{Digest, Molecule, RecordId};
use crate::report::TestPairs;
use crate::split::{Fold, Split};
use crate::{Place, Result};

/// From when on molecules count as near-identical.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Thresholds {
    /// The identity of near-identical sequences, and the Tanimoto coefficient of near-identical small molecules.
    pub near: f64,
}

/// The molecules' sequences, and what is known of their families.
#[derive(Debug, Clone)]
pub struct Described {
    /// The kinds of the sequences.
    pub kinds: Sides<Molecule>,
    /// The sequences, by identifier.
    pub letters: Sides<HashMap<RecordId, Vec<u8>>>,
    /// When two sequences are near-identical.
    pub thresholds: Thresholds,
}

/// What is audited.
pub struct Subject<'a> {
    pub(super) pairs: &'a PairTable,
    /// Trainings and their tests; validation pairs count as training pairs.
    pub(super) folds: Vec<Fold>,
    /// The test pairs that have a label, ascending.
    pub(super) test: Vec<usize>,
    pub(super) by_id: Identity,
    pub(super) by_cluster: Option<Identity>,
    pub(super) told: Option<Told<'a>>,
}

/// Molecules told by sequence.
pub(super) struct Told<'a> {
    pub(super) molecules: Identity,
    pub(super) described: &'a Described,
    /// The sequence of each molecule.
    pub(super) letters: Vec<&'a [u8]>,
    /// The molecules, ready to be compared: those of either side, or all together where both are of one kind.
    pub(super) spaces: Vec<Space<'a>>,
}

/// Molecules of one kind.
pub(super) struct Space<'a> {
    kind: Kind<'a>,
    /// For each molecule, its place here.
    pub(super) place: Vec<Option<u32>>,
}

/// How molecules are compared.
enum Kind<'a> {
    /// By alignment.
    Sequences(Box<Compared>),
    /// By fingerprints of these SMILES.
    Molecules(Vec<&'a [u8]>),
}

impl Space<'_> {
    /// Gives the number of molecules.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            Kind::Sequences(compared) => compared.len(),
            Kind::Molecules(smiles) => smiles.len(),
        }
    }

    /// Finds those that are like each other.
    pub(super) fn relatives(&self, least: f64) -> Relatives<'_> {
        match &self.kind {
            Kind::Sequences(compared) => Relatives::of(compared, least),
            Kind::Molecules(smiles) => Relatives::of_molecules(smiles, least),
        }
    }
}

impl<'a> Subject<'a> {
    /// Joins a table, a split of it, and perhaps the sequences and the clusters of its molecules.
    ///
    /// # Errors
    /// A molecule without sequence or cluster, and a sequence that is too long to be aligned.
    pub fn new(
        pairs: &'a PairTable,
        split: &Split,
        described: Option<&'a Described>,
        clusters: Option<&Sides<Option<Clusters>>>,
    ) -> Result<Self> {
        let mut folds = split.folds();
        for fold in &mut folds {
            fold.train.append(&mut fold.validation);
            fold.train.sort_unstable();
        }
        let labelled = |&i: &usize| pairs.pairs[i].label.is_some();
        let mut test: Vec<usize> = folds.iter().flat_map(|fold| fold.test.iter().copied()).collect();
        test.retain(labelled);
        test.sort_unstable();
        test.dedup();
        let digests = |letters: &HashMap<RecordId, Vec<u8>>| {
            letters.iter().map(|(id, letters)| (id.clone(), Digest::of(letters))).collect()
        };
        let sequences = described.map_or_else(Sequences::default, |described| Sequences {
            rna: Some(digests(&described.letters.rna)),
            partner: Some(digests(&described.letters.partner)),
        });
        let by_id = Identity::by_id(pairs, described.map(|_| &sequences));
        let told = described.map(|described| Told::new(pairs, &sequences, described)).transpose()?;
        let by_cluster = clusters
            .map(|clusters| Families::of(pairs, &by_id, &sequences, clusters))
            .transpose()?
            .map(|families| families.identity(&by_id));
        Ok(Self { pairs, folds, test, by_id, by_cluster, told })
    }

    /// Gives the test pairs, as indices into the table, ascending: a value for each is what predictions are.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    pub(super) fn task(&self) -> Task {
        self.pairs.task.unwrap_or(Task::Classification)
    }

    pub(super) fn labels(&self) -> Vec<Option<f64>> {
        self.pairs.pairs.iter().map(|pair| pair.label).collect()
    }

    /// Tells whether a pair is positive.
    pub(super) fn positive(&self, pair: usize) -> bool {
        self.pairs.pairs[pair].label == Some(1.0)
    }

    /// Gives the labels of the test pairs as classes.
    pub(super) fn truth(&self) -> Vec<bool> {
        self.test.iter().map(|&pair| self.positive(pair)).collect()
    }

    /// Describes some of the test pairs, given by their places among them, for the measures.
    pub(super) fn test_pairs(&self, places: &[usize]) -> TestPairs {
        let at = |place: usize| self.test[place];
        let told = self.told.as_ref().map_or(&self.by_id, |told| &told.molecules);
        let of = |numbers: &[u32]| places.iter().map(|&place| numbers[at(place)]).collect();
        let mut fold_of = HashMap::new();
        for (number, fold) in self.folds.iter().enumerate() {
            fold_of.extend(fold.test.iter().map(|&pair| (pair, number)));
        }
        let mut folds: Vec<(String, Vec<usize>)> =
            self.folds.iter().map(|fold| (fold.name.cell().to_owned(), Vec::new())).collect();
        for (new, &place) in places.iter().enumerate() {
            if let Some(&fold) = fold_of.get(&at(place)) {
                folds[fold].1.push(new);
            }
        }
        folds.retain(|(_, pairs)| !pairs.is_empty());
        let truth =
            places.iter().map(|&place| self.pairs.pairs[at(place)].label.unwrap_or(f64::NAN)).collect();
        TestPairs {
            task: self.task(),
            truth,
            folds,
            molecules: Sides::new(of(told.rna()), of(told.partner())),
            units: of(&self.by_id.pairs()),
        }
    }
}

impl<'a> Told<'a> {
    /// Gives the place of the space that holds the molecules of a side.
    pub(super) fn space_of(&self, side: Side) -> usize {
        if side == Side::Rna { 0 } else { self.spaces.len() - 1 }
    }

    fn new(pairs: &PairTable, sequences: &Sequences, described: &'a Described) -> Result<Self> {
        let molecules = Identity::by_sequence(pairs, sequences)?;
        let mut letters: Vec<&[u8]> = vec![&[]; molecules.molecules()];
        let mut sides = vec![Sides::new(false, false); molecules.molecules()];
        for side in Side::BOTH {
            for (pair, &number) in pairs.pairs.iter().zip(molecules.of(side)) {
                let id = pair.id(side);
                let found = described.letters[side].get(id).ok_or_else(|| {
                    let remedy = "give the sequences of all pairs";
                    Place::file(pairs.path()).record(id).error("has no sequence", remedy)
                })?;
                letters[number as usize] = found;
                sides[number as usize][side] = true;
            }
        }
        let one_kind = described.kinds.rna == described.kinds.partner;
        let space = |side: Side| -> Result<Space<'a>> {
            let (mut place, mut here) = (vec![None; letters.len()], Vec::new());
            for (number, sides) in sides.iter().enumerate() {
                if sides[side] || one_kind {
                    place[number] = Some(here.len() as u32);
                    here.push(letters[number]);
                }
            }
            let kind = match described.kinds[side] {
                Molecule::SmallMolecule => Kind::Molecules(here),
                sequences => Kind::Sequences(Box::new(Compared::new(sequences, here)?)),
            };
            Ok(Space { kind, place })
        };
        let spaces =
            Side::BOTH.into_iter().take(if one_kind { 1 } else { 2 }).map(space).collect::<Result<_>>()?;
        Ok(Self { molecules, described, letters, spaces })
    }
}
