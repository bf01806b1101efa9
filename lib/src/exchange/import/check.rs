//! Matches names with records and checks every shape before anything is written.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::foreign::unusable;
use super::super::sources::{Arrays, Sources, Spot};
use super::{Import, ImportSettings, Located};
use crate::encoder;
use crate::record::{Digest, Molecule, Record, RecordId};
use crate::store::TokenRule;
use crate::{Error, Place, Result};

/// Wider than the rows of any model.
const WIDEST: usize = 1 << 20;

/// A sequence that cannot be imported.
#[derive(Debug)]
pub struct Rejected {
    /// The digest of the sequence.
    pub digest: Digest,
    /// All records that have it.
    pub ids: Vec<RecordId>,
    /// What is wrong, where, and what to do.
    pub error: Error,
}

/// One sequence, its records, and what the files have for it.
struct Candidate<'a> {
    digest: Digest,
    record: &'a Record,
    ids: Vec<RecordId>,
    arrays: Option<Arrays>,
}

/// The arrays that will be used, with their shapes.
#[derive(Clone, Copy)]
struct Shaped {
    located: Located,
    rows: usize,
    width: usize,
    global_width: usize,
}

pub(super) fn check(settings: ImportSettings, sources: Sources, records: &[Record]) -> Result<Import> {
    let ready = ready(&settings, &sources)?;
    let (candidates, used) = candidates(&settings, &sources, records);
    if used == 0 {
        return Err(nothing_matches(&settings, &sources, records));
    }
    let checker = Checker { settings: &settings, sources: &sources, ready };
    let shapes: Vec<Result<Shaped>> = candidates.iter().map(|one| checker.shaped(one)).collect();
    let good = || candidates.iter().zip(&shapes).filter_map(|(c, shape)| Some((c, shape.as_ref().ok()?)));
    if good().next().is_none() {
        // Nothing can be used: the first record that the files know says why.
        let first = candidates.iter().zip(shapes).find(|(one, _)| one.arrays.is_some());
        let error = first.and_then(|(_, shape)| shape.err());
        return Err(error.unwrap_or_else(|| nothing_matches(&settings, &sources, records)));
    }
    let trim = checker.trim(good())?;
    let widths = (most(good().map(|(_, s)| s.width)), most(good().map(|(_, s)| s.global_width)));
    let (mut located, mut rejected) = (HashMap::new(), Vec::new());
    for (one, shape) in candidates.iter().zip(shapes) {
        match shape.and_then(|shape| checker.agree(one.record, shape, trim, widths)) {
            Ok(place) => {
                located.insert(one.digest, place);
            }
            Err(error) => rejected.push(Rejected { digest: one.digest, ids: one.ids.clone(), error }),
        }
    }
    let unused = sources.len() - used;
    // Last, as it reads all that the files hold.
    let digests = sources.digests()?;
    let (width, global_width) = widths;
    Ok(Import { settings, sources, located, rejected, unused, trim, width, global_width, digests })
}

/// Tells whether the rows of the files are those of the store already: our own export of windows.
fn ready(settings: &ImportSettings, sources: &Sources) -> Result<bool> {
    match sources.about().map(|about| about.tokens) {
        None | Some(TokenRule::Residue) => Ok(false),
        Some(stored) if stored == settings.tokens => Ok(true),
        Some(stored) => {
            let problem = format!("the files were exported with other rows ({stored})");
            Err(Error::setting("tokens", problem, "ask for the same rows"))
        }
    }
}

/// Groups the records by sequence and looks each up; gives also the number of names that some record has.
fn candidates<'a>(
    settings: &ImportSettings,
    sources: &Sources,
    records: &'a [Record],
) -> (Vec<Candidate<'a>>, usize) {
    let mut order: HashMap<Digest, usize> = HashMap::new();
    let mut found: Vec<Candidate<'a>> = Vec::new();
    let mut used = HashSet::new();
    for record in records {
        let digest = record.digest(settings.molecule);
        let at = *order.entry(digest).or_insert(found.len());
        if at == found.len() {
            found.push(Candidate { digest, record, ids: Vec::new(), arrays: None });
        }
        let id = record.id.as_str();
        let mut named = [Some(id), accession(id)].into_iter().flatten();
        if let Some((name, arrays)) = named.find_map(|name| Some((name, sources.find(name)?))) {
            used.insert(name);
            if found[at].arrays.is_none() {
                found[at].arrays = Some(arrays);
                found[at].record = record;
            }
        }
        found[at].ids.push(record.id.clone());
    }
    (found, used.len())
}

/// Gives the accession of an identifier as `UniProt` writes it, `sp|P12345|NAME`: its downloads are named by it alone.
fn accession(id: &str) -> Option<&str> {
    let mut parts = id.split('|');
    let (database, accession) = (parts.next()?, parts.next()?);
    (matches!(database, "sp" | "tr") && !accession.is_empty()).then_some(accession)
}

fn nothing_matches(settings: &ImportSettings, sources: &Sources, records: &[Record]) -> Error {
    let names = sources.examples(2).join("`, `");
    let problem = match records.first() {
        Some(first) => {
            format!("names no record of the sequences: it has `{names}`, they have `{}`", first.id)
        }
        None => "there are no sequences to import for".into(),
    };
    settings.place().error(problem, "name each array by the identifier of its record")
}

struct Checker<'a> {
    settings: &'a ImportSettings,
    sources: &'a Sources,
    ready: bool,
}

impl Checker<'_> {
    fn pooled(&self) -> bool {
        self.settings.tokens == TokenRule::Pooled
    }

    /// Counts what a record has rows for: residues, or windows where the files have those.
    fn expected(&self, record: &Record) -> usize {
        let length = encoder::length(self.settings.molecule, &record.sequence);
        if self.ready { encoder::rows_of(self.settings.tokens, length, 1) } else { length }
    }

    /// Chooses the arrays of a sequence and reads their shapes.
    fn shaped(&self, one: &Candidate<'_>) -> Result<Shaped> {
        let id = &one.record.id;
        let Some(arrays) = one.arrays else {
            let place = self.settings.place();
            return Err(place
                .record(id)
                .error("has no embedding here", "compute it, or give `--partial` to leave the record out"));
        };
        let main = arrays.main.map(|spot| Ok::<_, Error>((spot, self.sources.shape(spot)?))).transpose()?;
        let beside =
            arrays.global.map(|spot| self.vector(spot, id).map(|width| (spot, width))).transpose()?;
        let (spot, shape, global) = match (main, beside) {
            // Rows with their mean beside them: the mean is what is asked for.
            (Some((_, shape)), Some((spot, width))) if self.pooled() && shape.len() > 1 => {
                (spot, vec![width], None)
            }
            (None, Some((spot, width))) => (spot, vec![width], None),
            (Some((spot, shape)), global) => (spot, shape, global),
            (None, None) => {
                return Err(unusable(self.sources.file(Spot::default()), id.as_str(), "is empty"));
            }
        };
        let (rows, width) = match shape[..] {
            [width] => (1, width),
            [rows, width] => (rows, width),
            _ => {
                let problem = format!("has the shape {shape:?}, neither rows nor one vector");
                return Err(unusable(self.sources.file(spot), id.as_str(), problem));
            }
        };
        if width == 0 || width > WIDEST {
            let problem = format!("has rows of {width} values");
            return Err(unusable(self.sources.file(spot), id.as_str(), problem));
        }
        let vector = shape.len() == 1 || self.pooled() && rows == 1;
        if vector && !self.pooled() {
            return Err(Place::file(self.sources.file(spot)).record(id).error(
                format!("is one vector of {width} values, without rows of residues"),
                "import it with `--tokens pooled`",
            ));
        }
        let located =
            Located { main: spot, whole: vector || self.ready, global: global.map(|(spot, _)| spot) };
        Ok(Shaped { located, rows, width, global_width: global.map_or(0, |(_, width)| width) })
    }

    /// Gives the width of an array that must be one vector.
    fn vector(&self, spot: Spot, id: &RecordId) -> Result<usize> {
        match self.sources.shape(spot)?[..] {
            [width] | [1, width] if (1..=WIDEST).contains(&width) => Ok(width),
            ref shape => {
                let problem = format!("has a global vector of the shape {shape:?}");
                Err(unusable(self.sources.file(spot), id.as_str(), problem))
            }
        }
    }

    /// Decides how many rows stand for no residue: as was said, or as most records have it.
    fn trim<'s>(
        &self,
        good: impl Iterator<Item = (&'s Candidate<'s>, &'s Shaped)>,
    ) -> Result<(usize, usize)> {
        if let Some(trim) = self.settings.special.trim() {
            return Ok(trim);
        }
        if self.ready || self.rows_tell_nothing() {
            return Ok((0, 0));
        }
        let by_residue = good.filter(|(_, shape)| !shape.located.whole);
        let extra = by_residue.map(|(one, shape)| shape.rows.saturating_sub(self.expected(one.record)));
        match most(extra.filter(|&extra| extra <= 2)) {
            1 => Err(Error::setting(
                "special-rows",
                "the files have one row more than there are residues",
                "say whether it is the `first` (BOS) or the `last` (EOS), as ProtT5 keeps it",
            )),
            2 => Ok((1, 1)),
            _ => Ok((0, 0)),
        }
    }

    /// Tells whether the number of rows says nothing: other programs cut SMILES strings into other tokens.
    fn rows_tell_nothing(&self) -> bool {
        self.pooled() && self.settings.molecule == Molecule::SmallMolecule
    }

    /// Checks that a sequence's arrays have the shape that its residues and the other records ask for.
    fn agree(
        &self,
        record: &Record,
        shape: Shaped,
        (front, behind): (usize, usize),
        (width, global_width): (usize, usize),
    ) -> Result<Located> {
        let place = || Place::file(self.sources.file(shape.located.main)).record(&record.id);
        if shape.width != width {
            let problem = format!("has {} values in a row where others have {width}", shape.width);
            return Err(place().error(problem, "import embeddings of one model and one layer at a time"));
        }
        if shape.global_width != global_width {
            let said = |width: usize| match width {
                0 => "no global vector".to_owned(),
                width => format!("a global vector of {width} values"),
            };
            let problem =
                format!("has {} where others have {}", said(shape.global_width), said(global_width));
            return Err(place().error(problem, "give all records a global vector, or none"));
        }
        let (trim, expected) = (front + behind, self.expected(record));
        if shape.located.whole {
            if self.ready && !self.pooled() && shape.rows != expected {
                let problem = format!("has {} windows where its sequence has {expected}", shape.rows);
                return Err(place().error(problem, "export the store again"));
            }
        } else if shape.rows <= trim || !self.rows_tell_nothing() && shape.rows != expected + trim {
            let unit = if record_is_smiles(self.settings) { "tokens" } else { "residues" };
            let and = if trim > 0 { format!(" and {trim} special ones") } else { String::new() };
            let problem = format!("has {} rows for {expected} {unit}{and}", shape.rows);
            return Err(place().error(problem, self.remedy(shape.rows, expected)));
        }
        Ok(shape.located)
    }

    fn remedy(&self, rows: usize, expected: usize) -> &'static str {
        if record_is_smiles(self.settings) {
            "import it with `--tokens pooled`: other programs cut SMILES strings into other tokens"
        } else if rows < expected {
            "the sequence was cut or is another one: embed it whole, from the same file of sequences"
        } else {
            "embed the same sequence, or say with `--special-rows` which rows stand for no residue"
        }
    }
}

fn record_is_smiles(settings: &ImportSettings) -> bool {
    settings.molecule == Molecule::SmallMolecule
}

/// Gives the most frequent value, the smallest of several; 0 of none.
fn most(values: impl Iterator<Item = usize>) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let best = counts.values().copied().max();
    counts.into_iter().find(|&(_, count)| Some(count) == best).map_or(0, |(value, _)| value)
}
