//! Takes folds that somebody else decided on from a table.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::{Groups, Part, Split, Splitter};
use crate::identity::Identity;
use crate::io::{Source, TsvReader};
use crate::pair::PairTable;
use crate::{Error, Place, Result};

/// Folds read from a column of a table with the columns `rna_id` and `partner_id`.
#[derive(Debug, Clone)]
pub struct FixedFolds {
    path: PathBuf,
    rows: HashMap<(String, String), Row>,
    /// The numbers in the column, ascending: the folds are their places in this list.
    numbers: Vec<u32>,
    /// Whether the RNAs, and the partners, have groups.
    grouped: [bool; 2],
}

/// Why a pair takes no part in the folds of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// The table says so, or leaves the cell empty.
    Unused,
    /// Two rows of the table disagree about it.
    Contradictory,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    part: Part,
    groups: [u32; 2],
    contradictory: bool,
}

impl FixedFolds {
    /// Reads the folds in `column`, which holds numbers, or `train`, `validation` and `test`; pairs whose
    /// cell is empty take no part. Numbers become 0, 1, … in their order. `groups` names a column of whole numbers for
    /// the RNAs and one for the partners.
    ///
    /// ```
    /// use crossmamba::split::FixedFolds;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("folds.tsv");
    /// std::fs::write(&path, "rna_id\tpartner_id\tcold\nr\tp\t3\nr\tq\t5\n")?;
    /// assert_eq!(FixedFolds::read(&path, "cold", [None; 2])?.numbers(), [3, 5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A table that cannot be read, a missing column, or a cell that is none of these.
    pub fn read(source: impl Into<Source>, column: &str, groups: [Option<&str>; 2]) -> Result<Self> {
        let source = source.into();
        let (path, mut table) = (source.path(), TsvReader::open(&source)?);
        let (rna, partner) = (table.require("rna_id")?, table.require("partner_id")?);
        let fold = table.require(column)?;
        let mut grouping = [None; 2];
        for (column, name) in grouping.iter_mut().zip(groups) {
            *column = name.map(|name| table.require(name)).transpose()?;
        }
        let (mut rows, mut numbers) = (HashMap::new(), BTreeSet::new());
        while let Some(row) = table.next_row()? {
            let place = || row.place().record(format!("{} {}", row.get(rna), row.get(partner)));
            let part = match row.get(fold) {
                "" => Part::Unused,
                text => text.parse::<Part>().map_err(|problem| {
                    place().error(format!("`{text}` in column `{column}` cannot be used"), problem)
                })?,
            };
            let group = |column: Option<usize>| match column.map(|column| row.get(column)) {
                None => Ok(0),
                Some("") if part == Part::Unused => Ok(0),
                Some(text) => text.parse::<u32>().map_err(|_| {
                    place().error(format!("group `{text}` is not a whole number"), "number the groups from 0")
                }),
            };
            let groups = [group(grouping[0])?, group(grouping[1])?];
            numbers.extend(part.fold());
            let new = Row { part, groups, contradictory: false };
            let key = (row.get(rna).to_owned(), row.get(partner).to_owned());
            let kept = rows.entry(key).or_insert(new);
            kept.contradictory |= (kept.part, kept.groups) != (part, groups);
        }
        let numbers = numbers.into_iter().collect();
        Ok(Self { path: path.to_path_buf(), rows, numbers, grouped: grouping.map(|column| column.is_some()) })
    }

    /// Gives the numbers of the table that became the folds 0, 1, ….
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Gives the pairs that take no part, by their index, and why.
    pub fn left_out(&self, pairs: &PairTable) -> Vec<(usize, LeftOut)> {
        let why = |row: &Row| match row {
            Row { contradictory: true, .. } => Some(LeftOut::Contradictory),
            Row { part: Part::Unused, .. } => Some(LeftOut::Unused),
            _ => None,
        };
        (0..pairs.pairs.len()).filter_map(|i| Some((i, why(self.row(pairs, i)?)?))).collect()
    }

    fn row(&self, pairs: &PairTable, i: usize) -> Option<&Row> {
        let pair = &pairs.pairs[i];
        self.rows.get(&(pair.rna.to_string(), pair.partner.to_string()))
    }

    fn part(&self, row: &Row) -> Part {
        match row.part {
            _ if row.contradictory => Part::Unused,
            Part::Fold(number) => Part::Fold(self.numbers.partition_point(|&other| other < number) as u32),
            part => part,
        }
    }
}

impl Splitter for FixedFolds {
    /// Looks each pair up, in the order of its molecules in the table; what the table says of a pair and of its mirror
    /// is taken over as it is ([`Split::divided_mirrors`] tells where they differ).
    ///
    /// # Errors
    /// A pair without a row, or what [`Split::new`] refuses.
    fn split(&self, pairs: &PairTable, _: &Identity) -> Result<Split> {
        let rows: Vec<Option<&Row>> = (0..pairs.pairs.len()).map(|i| self.row(pairs, i)).collect();
        let missing = rows.iter().filter(|row| row.is_none()).count();
        if let Some(first) = rows.iter().position(Option::is_none) {
            let pair = &pairs.pairs[first];
            let problem = format!("has no row for {missing} of the {} pairs", rows.len());
            let remedy = format!("name the table that was made for {}", pairs.path().display());
            let place = Place::file(&self.path).record(format!("{} {}", pair.rna, pair.partner));
            return Err(place.error(problem, remedy));
        }
        let rows = || rows.iter().copied().flatten();
        let parts = rows().map(|row| self.part(row)).collect();
        let side = |side: usize| self.grouped[side].then(|| rows().map(|row| row.groups[side]).collect());
        Split::new(parts, Groups { rna: side(0), partner: side(1) }).map_err(|error| match error {
            Error::Setting { problem, remedy, .. } => Place::file(&self.path).error(problem, remedy),
            other => other,
        })
    }
}
