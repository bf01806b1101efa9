//! The pairs to be scored: those of a table, or every RNA of the stores with every partner.

use std::collections::HashMap;
use std::path::PathBuf;

use crossmamba::nn::predict::Source;
use crossmamba::nn::{Dataset, Side, Sides};
use crossmamba::normalise::{Fault, Reason};
use crossmamba::pair::PairTable;
use crossmamba::record::RecordId;
use crossmamba::{Place, Result};

use super::Settings;
use super::given::Molecules;

/// The pairs to be scored; a pair's place is its number among them, from 0.
pub(super) enum Candidates {
    /// Pairs of a table.
    Listed {
        table: PairTable,
        /// The pairs of the table that can be scored, and their molecules.
        scored: Vec<usize>,
        molecules: Vec<Sides<u32>>,
        /// The RNA of each, numbered in the order of their first use.
        rnas: Vec<u32>,
    },
    /// Every RNA with every partner, RNA by RNA.
    All { ids: Sides<Vec<RecordId>>, molecules: Sides<Vec<u32>> },
}

/// A pair, or one molecule of all its pairs, that cannot be scored.
pub(super) struct Reject {
    /// The table with the line, or the store.
    pub(super) file: PathBuf,
    pub(super) line: Option<u64>,
    pub(super) id: String,
    pub(super) fault: Fault,
}

/// Gives the reason for a molecule that a store lacks.
fn unknown(side: Side) -> Reason {
    match side {
        Side::Rna => Reason::UnknownRna,
        Side::Partner => Reason::UnknownPartner,
    }
}

impl Candidates {
    /// Finds the molecules of the pairs that are asked for.
    ///
    /// # Errors
    /// A table that cannot be read, a damaged store, or nothing that can be scored.
    pub(super) fn find(
        settings: &Settings,
        molecules: Sides<Molecules>,
    ) -> Result<(Self, Dataset, Vec<Reject>)> {
        match &settings.pairs {
            Some(path) => Self::listed(settings, PairTable::read(path)?, molecules),
            None => Self::all(settings, molecules),
        }
    }

    fn listed(
        settings: &Settings,
        table: PairTable,
        molecules: Sides<Molecules>,
    ) -> Result<(Self, Dataset, Vec<Reject>)> {
        let data = Dataset::new(&table, molecules.map(|side| side.table))?;
        let count = table.pairs.len();
        let taken = settings.shard.map_or(0..count, |part| part.range(count));
        let (mut scored, mut molecules, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
        for at in taken {
            if let Some(pair) = data.pair(at) {
                scored.push(at);
                molecules.push(pair);
                continue;
            }
            let ids = Sides { rna: &table.pairs[at].rna, partner: &table.pairs[at].partner };
            let missing = Side::BOTH.into_iter().filter(|&side| !data.table(side).has(ids[side]));
            let missing: Vec<Side> = missing.collect();
            let words = missing
                .iter()
                .map(|&side| format!("{} is not in {}", ids[side], settings.given[side].whole(side)));
            let words = words.collect::<Vec<_>>().join(", ");
            let fault = Fault::new(
                unknown(if missing.contains(&Side::Rna) { Side::Rna } else { Side::Partner }),
                words,
            );
            let id = format!("{} {}", ids.rna, ids.partner);
            rejects.push(Reject { file: table.path().into(), line: Some(table.line(at)), id, fault });
        }
        // A job that finds none is right when others find some.
        if scored.is_empty() && settings.shard.is_none() {
            let pair = &table.pairs[0];
            let (place, remedy) = if settings.embeds() {
                ("among the sequences", "compare the identifiers of the table with those of the sequences")
            } else {
                ("in the stores", "embed the molecules first, under the same ids")
            };
            let problem = format!("none of the {count} pairs has both molecules {place}");
            return Err(Place::file(table.path())
                .record(format!("{} {}", pair.rna, pair.partner))
                .error(problem, remedy));
        }
        let mut numbers: HashMap<&RecordId, u32> = HashMap::new();
        let number = |&at: &usize| {
            let next = numbers.len() as u32;
            *numbers.entry(&table.pairs[at].rna).or_insert(next)
        };
        let rnas = scored.iter().map(number).collect();
        Ok((Self::Listed { table, scored, molecules, rnas }, data, rejects))
    }

    fn all(settings: &Settings, mut given: Sides<Molecules>) -> Result<(Self, Dataset, Vec<Reject>)> {
        let (mut ids, mut molecules) = (Sides::<Vec<RecordId>>::default(), Sides::<Vec<u32>>::default());
        let mut rejects = Vec::new();
        for side in Side::BOTH {
            let Molecules { table, ids: known, .. } = &mut given[side];
            // RNAs are divided among jobs, so that each has the best partners of its own ones.
            let taken = match settings.shard {
                Some(part) if side == Side::Rna => part.range(known.len()),
                _ => 0..known.len(),
            };
            for id in &known[taken] {
                if let Some(molecule) = table.find(id)? {
                    ids[side].push(id.clone());
                    molecules[side].push(molecule);
                } else {
                    let words = format!("is not in all {} stores", side.name());
                    let file = settings.given[side].path().to_path_buf();
                    let fault = Fault::new(unknown(side), words);
                    rejects.push(Reject { file, line: None, id: id.to_string(), fault });
                }
            }
            if ids[side].is_empty() && settings.shard.is_none() {
                return Err(Place::file(settings.given[side].path()).error(
                    format!("has no {} to score", side.name()),
                    "name stores that hold the same molecules, under the same ids",
                ));
            }
        }
        let data = Dataset::new(&PairTable::default(), given.map(|side| side.table))?;
        Ok((Self::All { ids, molecules }, data, rejects))
    }

    /// Gives the pairs as the models take them.
    pub(super) fn source(&self) -> Source<'_> {
        match self {
            Self::Listed { molecules, .. } => Source::Listed(molecules),
            Self::All { molecules, .. } => Source::All(molecules.as_ref().map(Vec::as_slice)),
        }
    }

    /// Tells whether the pairs of the table have labels, which are copied.
    pub(super) fn labelled(&self) -> bool {
        matches!(self, Self::Listed { table, .. } if table.task.is_some())
    }

    /// Gives the ids and the label of a pair.
    pub(super) fn pair(&self, place: u64) -> (Sides<&RecordId>, Option<f64>) {
        match self {
            Self::Listed { table, scored, .. } => {
                let pair = &table.pairs[scored[place as usize]];
                (Sides { rna: &pair.rna, partner: &pair.partner }, pair.label)
            }
            Self::All { ids, .. } => {
                let partners = ids.partner.len() as u64;
                let (rna, partner) = ((place / partners) as usize, (place % partners) as usize);
                (Sides { rna: &ids.rna[rna], partner: &ids.partner[partner] }, None)
            }
        }
    }

    /// Numbers the RNA of a pair, in the order of the RNAs' first use.
    pub(super) fn rna(&self, place: u64) -> u32 {
        match self {
            Self::Listed { rnas, .. } => rnas[place as usize],
            Self::All { ids, .. } => (place / ids.partner.len() as u64) as u32,
        }
    }
}
