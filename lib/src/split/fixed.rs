//! Takes folds that somebody else decided on from a table.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::{Groups, Part, Split, Splitter};
use crate::identity::{Identity, is_name};
use crate::io::{Column, Delimiter, Dialect, Source, TableReader, TableRow};
use crate::pair::{PairTable, Side, Sides};
use crate::{Error, Place, Result};

/// The columns of a table of folds.
#[derive(Debug, Clone, Copy)]
pub struct FoldColumns<'a> {
    /// The identifiers; by default `rna_id` and `partner_id`, or the `E_ID` and `F_ID` of `DataSAIL`.
    pub ids: Sides<Option<&'a str>>,
    /// The folds.
    pub fold: &'a str,
    /// Groups of the RNAs and of the partners, as whole numbers.
    pub groups: Sides<Option<&'a str>>,
}

impl<'a> FoldColumns<'a> {
    /// Names the column of the folds; identifiers have their usual columns, and there are no groups.
    pub const fn of(fold: &'a str) -> Self {
        Self { ids: Sides::new(None, None), fold, groups: Sides::new(None, None) }
    }
}

/// Folds read from a column of a table of pairs.
#[derive(Debug, Clone)]
pub struct FixedFolds {
    path: PathBuf,
    /// The names of the columns of identifiers.
    ids: Sides<String>,
    names: Names,
    rows: HashMap<[u32; 2], Row>,
    /// The numbers in the column, ascending: the folds are their places in this list.
    numbers: Vec<u32>,
    /// Whether the RNAs, and the partners, have groups.
    grouped: Sides<bool>,
}

/// Why a pair takes no part in the folds of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// The table says so, or leaves the cell empty.
    Unused,
    /// Two rows of the table disagree about it.
    Contradictory,
}

/// The identifiers of the table, each kept once, with numbers by first appearance.
#[derive(Debug, Clone, Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.0.get(name) {
            return number;
        }
        let number = self.0.len() as u32;
        self.0.insert(name.to_owned(), number);
        number
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    part: Part,
    groups: Sides<u32>,
    contradictory: bool,
}

impl FixedFolds {
    /// Reads the folds of a table, separated by tabs, commas or semicolons.
    ///
    /// A cell holds a number, which may be written `0.0`, or a word for training, validation or test (train, val, dev,
    /// test, …, in any case); pairs whose cell is empty, or says `not selected`, take no part. Numbers become 0, 1, … in
    /// their order.
    ///
    /// # Examples
    /// ```
    /// use crossmamba::split::{FixedFolds, FoldColumns};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("folds.csv");
    /// std::fs::write(&path, "rna_id,partner_id,cold\nr,p,3.0\nr,q,5.0\n")?;
    /// assert_eq!(FixedFolds::read(&path, FoldColumns::of("cold"))?.numbers(), [3, 5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A table that cannot be read, a missing column, or a cell that is none of these.
    pub fn read(source: impl Into<Source>, columns: FoldColumns<'_>) -> Result<Self> {
        let source = source.into();
        let path = source.path();
        let FoldColumns { ids, fold: column, groups } = columns;
        let wanted = [
            Column::required("--rna-column", ids.rna, &["rna_id", "E_ID"], 1),
            Column::required("--partner-column", ids.partner, &["partner_id", "F_ID"], 2),
            Column::required("--column", Some(column), &[], 3),
            Column::optional("--rna-group-column", groups.rna, &[], 0),
            Column::optional("--partner-group-column", groups.partner, &[], 0),
        ];
        let dialect = Dialect { delimiter: Delimiter::Auto, header: true };
        let mut table = TableReader::open(&source, dialect, &wanted)?;
        let name = |column: usize| table.name(column).unwrap_or_default().to_owned();
        let ids = Sides::new(name(0), name(1));
        let (width, grouped) = (table.width(), Sides::new(table.has(3), table.has(4)));
        let (mut names, mut rows, mut numbers) = (Names::default(), HashMap::new(), BTreeSet::new());
        while let Some(row) = table.next_row()? {
            let place = Place::file(path).line(row.line);
            if !row.whole {
                let problem = format!("has {} cells, not {width} as the rows before", row.width());
                return Err(place.error(problem, "correct the row"));
            }
            let ids = [text(&row, 0), text(&row, 1)];
            let place = || place.clone().record(format!("{} {}", ids[0], ids[1]));
            let said = text(&row, 2);
            let part = part(&said).map_err(|problem| {
                place().error(format!("`{said}` in column `{column}` cannot be used"), problem)
            })?;
            let group = |column: usize, grouped: bool| match &*text(&row, column) {
                _ if !grouped => Ok(0),
                "" if part == Part::Unused => Ok(0),
                text => whole_number(text).ok_or_else(|| {
                    place().error(format!("group `{text}` is not a whole number"), "number the groups from 0")
                }),
            };
            let groups = Sides::new(group(3, grouped.rna)?, group(4, grouped.partner)?);
            numbers.extend(part.fold());
            let new = Row { part, groups, contradictory: false };
            let kept = rows.entry([names.number(&ids[0]), names.number(&ids[1])]).or_insert(new);
            kept.contradictory |= (kept.part, kept.groups) != (part, groups);
        }
        let numbers = numbers.into_iter().collect();
        Ok(Self { path: path.to_path_buf(), ids, names, rows, numbers, grouped })
    }

    /// Gives the names of the columns that the identifiers were read from.
    pub const fn ids(&self) -> &Sides<String> {
        &self.ids
    }

    /// Gives the numbers of the table that became the folds 0, 1, ….
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Gives the pairs that take no part, by their index, and why.
    pub fn left_out(&self, pairs: &PairTable) -> Vec<(usize, LeftOut)> {
        let why = |row: Row| match row {
            Row { contradictory: true, .. } => Some(LeftOut::Contradictory),
            Row { part: Part::Unused, .. } => Some(LeftOut::Unused),
            _ => None,
        };
        (0..pairs.pairs.len()).filter_map(|i| Some((i, why(self.row(pairs, i)?)?))).collect()
    }

    /// Finds the row of a pair; one that lists the same two molecules in the other order serves as well, where nothing but
    /// names tells which column a molecule stands in.
    fn row(&self, pairs: &PairTable, i: usize) -> Option<Row> {
        let (rna, partner) = (pairs.pairs[i].rna.as_str(), pairs.pairs[i].partner.as_str());
        let number = |name: &str| self.names.0.get(name).copied();
        let [first, second] = [number(rna)?, number(partner)?];
        if let Some(row) = self.rows.get(&[first, second]) {
            return Some(*row);
        }
        let names = is_name(rna) && is_name(partner);
        let mirror = names.then(|| self.rows.get(&[second, first])).flatten()?;
        let Sides { rna, partner } = mirror.groups;
        Some(Row { groups: Sides::new(partner, rna), ..*mirror })
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
    /// Looks each pair up, first in the order of its molecules and then in the other one; what the table says of a pair and of its mirror
    /// is taken over as it is ([`Split::divided_mirrors`] tells where they differ).
    ///
    /// # Errors
    /// A pair without a row, or what [`Split::new`] refuses.
    fn split(&self, pairs: &PairTable, _: &Identity) -> Result<Split> {
        let rows: Vec<Option<Row>> = (0..pairs.pairs.len()).map(|i| self.row(pairs, i)).collect();
        let missing = rows.iter().filter(|row| row.is_none()).count();
        if let Some(first) = rows.iter().position(Option::is_none) {
            let pair = &pairs.pairs[first];
            let problem = format!("has no row for {missing} of the {} pairs", rows.len());
            let remedy = format!("name the table that was made for {}", pairs.path().display());
            let place = Place::file(&self.path).record(format!("{} {}", pair.rna, pair.partner));
            return Err(place.error(problem, remedy));
        }
        let rows = || rows.iter().copied().flatten();
        let parts = rows().map(|row| self.part(&row)).collect();
        let side = |side: Side| self.grouped[side].then(|| rows().map(|row| row.groups[side]).collect());
        Split::new(parts, Groups { rna: side(Side::Rna), partner: side(Side::Partner) }).map_err(|error| {
            match error {
                Error::Setting { problem, remedy, .. } => Place::file(&self.path).error(problem, remedy),
                other => other,
            }
        })
    }
}

fn text<'a>(row: &'a TableRow<'_>, column: usize) -> Cow<'a, str> {
    String::from_utf8_lossy(row.cell(column).unwrap_or_default())
}

/// Reads a whole number, which a program that knows real numbers only writes as `3.0`.
fn whole_number(text: &str) -> Option<u32> {
    let digits = text.split_once('.').map_or(Some(text), |(digits, zeros)| {
        (!zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0')).then_some(digits)
    })?;
    digits.parse().ok()
}

/// Reads the part of a pair, as programs and people write it.
fn part(text: &str) -> std::result::Result<Part, &'static str> {
    let word = text.to_lowercase().replace(['_', '-'], " ");
    Ok(match word.as_str() {
        "" | "na" | "nan" | "none" | "unused" | "not selected" => Part::Unused,
        "train" | "training" => Part::Train,
        "validation" | "valid" | "val" | "dev" | "development" => Part::Validation,
        "test" | "testing" => Part::Test,
        _ => match whole_number(text) {
            Some(number) => Part::Fold(number),
            None => text.parse()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_serves_the_pair_in_the_other_order_unless_numbers_name_the_molecules() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folds.tsv");
        let table = "rna_id\tpartner_id\tfold\tg\th\na\tb\t0\t1\t2\nc\td\t1\t3\t4\n1\t2\t1\t5\t6\n";
        std::fs::write(&path, table).unwrap();
        let groups = Sides::new(Some("g"), Some("h"));
        let folds = FixedFolds::read(&path, FoldColumns { groups, ..FoldColumns::of("fold") }).unwrap();
        let pairs = |ids: &[[&str; 2]]| {
            let id = |text: &str| crate::record::RecordId::new(text).unwrap();
            let pair =
                |ids: &[&str; 2]| crate::pair::Pair { rna: id(ids[0]), partner: id(ids[1]), label: None };
            PairTable::new(ids.iter().map(pair).collect())
        };
        let split = |pairs: &PairTable| folds.split(pairs, &Identity::by_id(pairs, None));
        let found = split(&pairs(&[["b", "a"], ["c", "d"]])).unwrap();
        assert_eq!(found.parts(), [Part::Fold(0), Part::Fold(1)]);
        let both = Groups { rna: Some(vec![2, 3]), partner: Some(vec![1, 4]) };
        assert_eq!(found.groups(), &both);
        let message = split(&pairs(&[["a", "b"], ["2", "1"]])).unwrap_err().to_string();
        assert!(message.contains("has no row for 1 of the 2 pairs"), "{message}");
    }

    #[test]
    fn parts_are_read_as_others_write_them() {
        for (text, wanted) in [
            ("0", Part::Fold(0)),
            ("3.0", Part::Fold(3)),
            ("12.00", Part::Fold(12)),
            ("Train", Part::Train),
            ("training", Part::Train),
            ("VAL", Part::Validation),
            ("dev", Part::Validation),
            ("Test", Part::Test),
            ("not selected", Part::Unused),
            ("", Part::Unused),
        ] {
            assert_eq!(part(text), Ok(wanted), "{text}");
        }
        for text in ["3.5", "-1", "fold", "1e3", "3."] {
            assert!(part(text).is_err(), "{text}");
        }
    }
}
