//! Reads a normalised table of pairs and refuses everything else.

use std::collections::{HashMap, HashSet};

use super::{Pair, Sides};
use crate::io::{Source, TsvReader, TsvRow};
use crate::record::RecordId;
use crate::{Place, Result};

const NORMALISE: &str = "normalise the table with crossmamba-parse";

/// Reads the pairs, and the unit of their labels.
pub(super) fn read(source: &Source) -> Result<(Vec<Pair>, Option<String>)> {
    let mut table = TsvReader::open(source)?;
    let rna = table.require("rna_id")?;
    let partner = table.require("partner_id")?;
    let label = table.find("label");
    let in_unit = table.find("unit").filter(|_| label.is_some());
    let mut unit: Option<String> = None;
    let mut pairs: Vec<Pair> = Vec::new();
    let mut known = Sides::new(Names::default(), Names::default());
    let mut seen = HashSet::new();
    while let Some(row) = table.next_row()? {
        let (rna, first) = known.rna.take(&row, rna)?;
        let (partner, second) = known.partner.take(&row, partner)?;
        let label = label.map(|column| number(&row, column)).transpose()?.flatten();
        if !seen.insert([first, second]) {
            let first = pairs.iter().position(|pair| pair.rna == rna && pair.partner == partner);
            let place = row.place().record(format!("{rna} {partner}"));
            // Below the header each pair has one line.
            let problem = format!("the pair stands on line {} already", first.unwrap_or_default() + 2);
            return Err(place.error(problem, NORMALISE));
        }
        if let Some(text) = in_unit.map(|column| row.get(column)).filter(|text| !text.is_empty()) {
            let first = unit.get_or_insert_with(|| text.to_owned());
            if first.as_str() != text {
                let problem = format!("the unit `{text}` is not that of the rows before, `{first}`");
                return Err(row.place().error(problem, "convert the labels to one unit"));
            }
        }
        pairs.push(Pair { rna, partner, label });
    }
    if pairs.is_empty() {
        return Err(Place::file(source).error("holds no pair", "check how the file was made"));
    }
    pairs.shrink_to_fit();
    Ok((pairs, unit))
}

/// The identifiers of a column, each kept once, with numbers by first appearance.
#[derive(Default)]
struct Names(HashMap<RecordId, u32>);

impl Names {
    /// Gives the identifier in a cell, and its number.
    fn take(&mut self, row: &TsvRow<'_>, column: usize) -> Result<(RecordId, u32)> {
        if let Some((id, &number)) = self.0.get_key_value(row.get(column)) {
            return Ok((id.clone(), number));
        }
        let (id, number) = (id(row, column)?, self.0.len() as u32);
        self.0.insert(id.clone(), number);
        Ok((id, number))
    }
}

pub(crate) fn id(row: &TsvRow<'_>, column: usize) -> Result<RecordId> {
    RecordId::new(row.get(column))
        .map_err(|problem| row.place().error(format!("{problem} (column {})", column + 1), NORMALISE))
}

fn number(row: &TsvRow<'_>, column: usize) -> Result<Option<f64>> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(label) if label.is_finite() => Ok(Some(label)),
        _ => Err(row.place().error(format!("label `{text}` is not a finite number"), NORMALISE)),
    }
}

#[cfg(test)]
mod tests {
    use crate::pair::{PairTable, Task};

    fn read(text: &str) -> std::result::Result<PairTable, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.tsv");
        std::fs::write(&path, text).unwrap();
        PairTable::read(&path).map_err(|e| e.to_string().rsplit_once('/').unwrap().1.to_owned())
    }

    #[test]
    fn a_table_survives_writing() {
        let text = "rna_id\tpartner_id\tlabel\nr\tp\t1\nr\tq\t0\n";
        let table = read(text).unwrap();
        assert_eq!(table.task, Some(Task::Classification));
        assert_eq!(table.require_labels().unwrap().1, [1.0, 0.0]);
        let mut out = Vec::new();
        table.write_to(&mut out).unwrap();
        assert_eq!(out, text.as_bytes());
    }

    #[test]
    fn the_unit_of_affinities_travels_with_them() {
        let text = "rna_id\tpartner_id\tlabel\tunit\nr\tp\t6.5\t-log10 M\nr\tq\t8\t-log10 M\n";
        let table = read(text).unwrap();
        assert_eq!(table.unit.as_deref(), Some("-log10 M"));
        let mut out = Vec::new();
        table.write_to(&mut out).unwrap();
        assert_eq!(out, text.as_bytes());
    }

    #[test]
    fn columns_are_found_by_name() {
        let table = read("x\tpartner_id\trna_id\r\n1\tp\tr\r\n").unwrap();
        assert_eq!((table.pairs[0].rna.as_str(), table.task), ("r", None));
        assert!(table.require_labels().is_err());
        assert_eq!(read("rna_id\tpartner_id\tlabel\nr\tp\t6.5\n").unwrap().task, Some(Task::Affinity));
    }

    #[test]
    fn rows_of_one_molecule_share_its_name() {
        let pairs = read("rna_id\tpartner_id\nr\tp\ns\tp\nr\tq\n").unwrap().pairs;
        let place = |text: &str| text.as_ptr();
        assert_eq!(place(pairs[0].rna.as_str()), place(pairs[2].rna.as_str()));
        assert_eq!(place(pairs[0].partner.as_str()), place(pairs[1].partner.as_str()));
        assert_ne!(place(pairs[0].rna.as_str()), place(pairs[1].rna.as_str()));
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let cases = [
            ("", "pairs.tsv: is empty"),
            ("rna_id\tpartner_id\n", "pairs.tsv: holds no pair"),
            ("rna\tpartner_id\nr\tp\n", "pairs.tsv, line 1: has no column `rna_id`"),
            ("rna_id\trna_id\tpartner_id\nr\tr\tp\n", "pairs.tsv, line 1: has two columns `rna_id`"),
            ("rna_id\tpartner_id\nr\n", "pairs.tsv, line 2: has 1 columns, the header has 2"),
            ("rna_id\tpartner_id\nr\t\n", "pairs.tsv, line 2: the identifier is empty (column 2)"),
            (
                "rna_id\tpartner_id\tlabel\tunit\nr\tp\t1\tM\nr\tq\t2\tnM\n",
                "pairs.tsv, line 3: the unit `nM` is not that of the rows before, `M`; convert",
            ),
            ("rna_id\tpartner_id\tlabel\nr\tp\tNaN\n", "pairs.tsv, line 2: label `NaN` is not a finite"),
            (
                "rna_id\tpartner_id\nr\tp\nr\tp\n",
                "pairs.tsv, line 3, record `r p`: the pair stands on line 2",
            ),
        ];
        for (text, start) in cases {
            let message = read(text).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
