//! Reads a normalised table of pairs and refuses everything else.

use std::collections::HashMap;

use super::Pair;
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
    let mut pairs = Vec::new();
    let mut lines = HashMap::new();
    while let Some(row) = table.next_row()? {
        let pair = Pair {
            rna: id(&row, rna)?,
            partner: id(&row, partner)?,
            label: label.map(|column| number(&row, column)).transpose()?.flatten(),
        };
        if let Some(first) = lines.insert((pair.rna.clone(), pair.partner.clone()), row.line()) {
            let place = row.place().record(format!("{} {}", pair.rna, pair.partner));
            return Err(place.error(format!("the pair stands on line {first} already"), NORMALISE));
        }
        if let Some(text) = in_unit.map(|column| row.get(column)).filter(|text| !text.is_empty()) {
            let first = unit.get_or_insert_with(|| text.to_owned());
            if first.as_str() != text {
                let problem = format!("the unit `{text}` is not that of the rows before, `{first}`");
                return Err(row.place().error(problem, "convert the labels to one unit"));
            }
        }
        pairs.push(pair);
    }
    if pairs.is_empty() {
        return Err(Place::file(source).error("holds no pair", "check how the file was made"));
    }
    Ok((pairs, unit))
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
