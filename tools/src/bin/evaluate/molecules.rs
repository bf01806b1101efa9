//! Tells the molecules of the known pairs apart, and describes them for the baselines that read sequences.

use std::collections::HashMap;

use crossmamba::baseline::{Composition, is_rna};
use crossmamba::duplex::{Duplex, Strand, hybridise};
use crossmamba::identity::{Familiarity, Identity, Sequences, Shares};
use crossmamba::io::{Source, open, read_sequences_from};
use crossmamba::pair::Sides;
use crossmamba::record::{Digest, Molecule, RecordId};
use crossmamba::report::TestPairs;
use crossmamba::{Error, Place, Result};
use rayon::prelude::*;

use super::subject::Subject;

/// The molecules of the known pairs.
pub(super) struct Molecules {
    pub(super) by_id: Identity,
    /// By sequence, and what the sequences are made of, if they are known.
    pub(super) by_sequence: Option<Described>,
}

/// Molecules told by sequence.
pub(super) struct Described {
    pub(super) molecules: Identity,
    /// The words of the RNAs and of the partners, for the forest.
    pub(super) words: Option<Sides<Composition>>,
    /// How the molecules of each pair pair, between RNAs.
    pub(super) duplexes: Option<Vec<Duplex>>,
}

impl Molecules {
    /// Numbers the molecules; `words` asks for what the forest reads.
    pub(super) fn of(subject: &Subject, files: Option<&Sides<Source>>, words: bool) -> Result<Self> {
        let table = &subject.table;
        let Some(files) = files else {
            let by_id = Identity::by_id(table, None);
            let shared = by_id.in_both_columns();
            if shared > 0 {
                tracing::info!(
                    "{shared} identifiers stand in both columns and are taken for one molecule each; give --rna and \
                     --partner if their sequences should tell"
                );
            }
            return Ok(Self { by_id, by_sequence: None });
        };
        let rna = OneSide::read(&files.rna, table.pairs.iter().map(|pair| &pair.rna))?;
        let partner = OneSide::read(&files.partner, table.pairs.iter().map(|pair| &pair.partner))?;
        let sequences = Sequences { rna: Some(rna.digests()), partner: Some(partner.digests()) };
        let molecules = Identity::by_sequence(table, &sequences)?;
        let columns = Sides::new(molecules.rna(), molecules.partner()).map(Identity::column);
        let letters = Sides::new(
            columns.rna.1.iter().map(|&pair| rna.letters(&table.pairs[pair].rna)).collect::<Vec<_>>(),
            columns.partner.1.iter().map(|&pair| partner.letters(&table.pairs[pair].partner)).collect(),
        );
        let duplexes = (is_rna(&letters.rna) && is_rna(&letters.partner)).then(|| {
            tracing::info!("computing the duplexes of {} pairs", table.pairs.len());
            let strands = letters.as_ref().map(|all| all.iter().map(|s| Strand::of(s)).collect::<Vec<_>>());
            let pairs = columns.rna.0.par_iter().zip(&columns.partner.0);
            pairs
                .map(|(&rna, &partner)| {
                    hybridise(&strands.rna[rna as usize], &strands.partner[partner as usize])
                })
                .collect()
        });
        let words = words.then(|| {
            Sides::new(
                Composition::of(&letters.rna, columns.rna.0),
                Composition::of(&letters.partner, columns.partner.0),
            )
        });
        Ok(Self {
            by_id: Identity::by_id(table, Some(&sequences)),
            by_sequence: Some(Described { molecules, words, duplexes }),
        })
    }

    /// Describes the measured pairs; their molecules are told by sequence where these are known, a pair and its mirror by
    /// identifier.
    pub(super) fn test(&self, subject: &Subject) -> TestPairs {
        let told = self.by_sequence.as_ref().map_or(&self.by_id, |described| &described.molecules);
        let measured = |numbers: &[u32]| subject.test.iter().map(|&pair| numbers[pair]).collect();
        TestPairs {
            task: subject.task,
            truth: subject.truth.clone(),
            folds: subject.groups(),
            molecules: Sides::new(measured(told.rna()), measured(told.partner())),
            units: measured(&self.by_id.pairs()),
        }
    }

    /// Tells how well the molecules of the test pairs are known from training, by identifier and by sequence; `None`
    /// where the training pairs, or the sequences, are not known.
    pub(super) fn familiarity(&self, subject: &Subject) -> [Option<Shares>; 2] {
        let known = |molecules: &Identity| {
            let folds = subject.folds.iter().map(|fold| Familiarity::of(molecules, &fold.train, &fold.test));
            folds.fold(Familiarity::default(), Familiarity::and).shares()
        };
        [known(&self.by_id), self.by_sequence.as_ref().and_then(|described| known(&described.molecules))]
    }
}

/// The sequences of one side.
struct OneSide(HashMap<RecordId, Vec<u8>>);

impl OneSide {
    /// Reads FASTA or a SMILES list, told by the first letter; every letter of RNA is one of protein as well.
    fn read<'a>(path: &Source, needed: impl Iterator<Item = &'a RecordId>) -> Result<Self> {
        let mut input = open(path)?;
        let start = input.fill_buf().map_err(Error::io("read", path))?;
        let kind = if start.first() == Some(&b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
        let records = read_sequences_from(input, path, kind)?;
        let sequences: HashMap<RecordId, Vec<u8>> =
            records.into_iter().map(|record| (record.id, record.sequence)).collect();
        for id in needed {
            if !sequences.contains_key(id) {
                let remedy = "give the sequences of all pairs";
                return Err(Place::file(path).record(id).error("has no sequence", remedy));
            }
        }
        Ok(Self(sequences))
    }

    fn letters(&self, id: &RecordId) -> &[u8] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    fn digests(&self) -> HashMap<RecordId, Digest> {
        self.0.iter().map(|(id, letters)| (id.clone(), Digest::of(letters))).collect()
    }
}
