//! Molecules whose sequences stand in a table: normalised, named, and written once each.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;

use crossmamba::io::{AtomicFile, RawRecord, TableRow};
use crossmamba::normalise::{Changes, Fault, Normaliser, Reason, Rules, check_id};
use crossmamba::pair::{Pair, Side, Sides};
use crossmamba::record::{Molecule, RecordId};
use crossmamba::{Error, Result};

use crate::rows::{Molecules, of};
use crossmamba_tools::sequences::IdRule;

/// The places of the columns of sequences, and of identifiers, among the wanted columns.
const SEQUENCES: Sides<usize> = Sides { rna: 0, partner: 1 };
const IDS: Sides<usize> = Sides { rna: 3, partner: 4 };

/// The molecules of one side.
struct Known {
    kind: Molecule,
    normaliser: Normaliser,
    /// Whether the table names them.
    named: bool,
    /// The identifier that was made for each sequence, where the table names none.
    made: HashMap<Vec<u8>, RecordId>,
    /// The sequence of each identifier.
    sequences: HashMap<RecordId, Vec<u8>>,
}

/// The molecules of a table that holds their sequences.
pub(crate) struct Written<'a> {
    sides: Sides<Known>,
    rule: Option<&'a IdRule>,
}

impl<'a> Written<'a> {
    /// Prepares for partners of one kind; `named` tells whether the table has identifiers.
    pub(crate) fn new(partner: Molecule, named: Sides<bool>, rule: Option<&'a IdRule>) -> Self {
        let known = |kind, named| Known {
            kind,
            normaliser: Normaliser::new(Rules::new(kind)),
            named,
            made: HashMap::new(),
            sequences: HashMap::new(),
        };
        Self { sides: Sides::new(known(Molecule::Rna, named.rna), known(partner, named.partner)), rule }
    }

    /// Writes the molecules of some pairs, in the order in which they occur first, and counts them.
    pub(crate) fn write(&self, pairs: &[Pair], out: &mut Sides<AtomicFile>) -> Result<Sides<u64>> {
        let rna = self.sides.rna.write(pairs.iter().map(|pair| &pair.rna), &mut out.rna)?;
        let partner = self.sides.partner.write(pairs.iter().map(|pair| &pair.partner), &mut out.partner)?;
        Ok(Sides::new(rna, partner))
    }
}

impl Known {
    fn take(
        &mut self,
        row: &TableRow<'_>,
        side: Side,
        rule: Option<&IdRule>,
    ) -> std::result::Result<RecordId, Fault> {
        let text = row.cell(SEQUENCES[side]).unwrap_or_default();
        let record = RawRecord {
            line: row.line,
            id: b"",
            description: b"",
            sequence: text,
            qualities: None,
            bytes: text.len(),
        };
        let mut sequence = Vec::with_capacity(text.len());
        self.normaliser.apply(&record, &mut sequence, &mut Changes::default())?;
        if !self.named {
            let next = format!("{}{}", prefix(self.kind, side), self.made.len() + 1);
            if let Some(id) = self.made.get(&sequence) {
                return Ok(id.clone());
            }
            let id = RecordId::new(next).map_err(|problem| Fault::new(Reason::BadId, problem))?;
            self.made.insert(sequence.clone(), id.clone());
            self.sequences.insert(id.clone(), sequence);
            return Ok(id);
        }
        let cell = row.cell(IDS[side]).unwrap_or_default();
        let id = match rule.filter(|_| !cell.is_empty()) {
            None => check_id(cell)?.to_owned(),
            Some(rule) => rule
                .apply(&String::from_utf8_lossy(cell))
                .ok_or_else(|| Fault::new(Reason::BadId, "--id-rule finds nothing in it"))?,
        };
        let id = RecordId::new(id).map_err(|problem| Fault::new(Reason::BadId, problem))?;
        let first = self.sequences.entry(id.clone()).or_insert_with(|| sequence.clone());
        if *first == sequence {
            Ok(id)
        } else {
            Err(Fault::new(Reason::IdConflict, format!("`{id}` has another sequence in an earlier row")))
        }
    }

    fn write<'p>(&self, ids: impl Iterator<Item = &'p RecordId>, out: &mut AtomicFile) -> Result<u64> {
        let mut seen = HashSet::new();
        for id in ids.filter(|id| seen.insert((*id).clone())) {
            let Some(sequence) = self.sequences.get(id) else { continue };
            let mut text = Vec::with_capacity(sequence.len() + id.as_str().len() + 3);
            if self.kind == Molecule::SmallMolecule {
                text.extend_from_slice(sequence);
                text.push(b'\t');
                text.extend_from_slice(id.as_str().as_bytes());
            } else {
                text.push(b'>');
                text.extend_from_slice(id.as_str().as_bytes());
                text.push(b'\n');
                text.extend_from_slice(sequence);
            }
            text.push(b'\n');
            out.write_all(&text).map_err(Error::io("write", out.path()))?;
        }
        Ok(seen.len() as u64)
    }
}

impl Molecules for Written<'_> {
    fn identify(&mut self, row: &TableRow<'_>) -> std::result::Result<(RecordId, RecordId), Fault> {
        let rna = self.sides.rna.take(row, Side::Rna, self.rule).map_err(of("RNA"))?;
        let partner = self.sides.partner.take(row, Side::Partner, self.rule).map_err(of("partner"))?;
        Ok((rna, partner))
    }

    fn is_one_molecule(&self, id: &RecordId) -> bool {
        let sequence = self.sides.rna.sequences.get(id);
        sequence.is_some() && sequence == self.sides.partner.sequences.get(id)
    }
}

/// What the made identifiers begin with.
fn prefix(kind: Molecule, side: Side) -> &'static str {
    match (kind, side) {
        (Molecule::Rna, Side::Rna) => "rna",
        (Molecule::Rna, Side::Partner) => "partner",
        (Molecule::Protein, _) => "protein",
        (Molecule::SmallMolecule, _) => "molecule",
    }
}
