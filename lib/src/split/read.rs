//! Reads a split and matches it with a table of pairs.

use std::collections::HashMap;

use super::{Groups, Part, Split};
use crate::io::{Source, TsvReader};
use crate::pair::{Pair, PairTable};
use crate::{Error, Place, Result};

pub(super) fn read(source: &Source, pairs: &PairTable) -> Result<Split> {
    let (path, mut table) = (source.path(), TsvReader::open(source)?);
    let rna = table.require("rna_id")?;
    let partner = table.require("partner_id")?;
    let fold = table.require("fold")?;
    if table.find("group").is_some() {
        let problem = "the column `group` does not say of which side the groups are";
        return Err(Place::file(path).line(1).error(problem, "name it `rna_group` or `partner_group`"));
    }
    let columns = Groups::COLUMNS.map(|name| table.find(name));
    let mut places = Places { pairs: &pairs.pairs, next: 0, index: None };
    let mut found: Vec<Option<(Part, [u32; 2])>> = vec![None; pairs.pairs.len()];
    while let Some(row) = table.next_row()? {
        let place = || row.place().record(format!("{} {}", row.get(rna), row.get(partner)));
        let part: Part = row
            .get(fold)
            .parse()
            .map_err(|problem| place().error(format!("fold `{}` cannot be used", row.get(fold)), problem))?;
        let group = |column: Option<usize>| {
            let Some(text) = column.map(|column| row.get(column)) else { return Ok(0) };
            text.parse::<u32>().map_err(|_| {
                place().error(format!("group `{text}` is not a whole number"), "number the groups from 0")
            })
        };
        let groups = [group(columns[0])?, group(columns[1])?];
        let Some(i) = places.of(row.get(rna), row.get(partner)) else { continue };
        if found[i].is_some_and(|first| first != (part, groups)) {
            return Err(place().error("the pair stands in another fold already", "keep one of the rows"));
        }
        found[i] = Some((part, groups));
    }
    let missing: Vec<usize> = (0..found.len()).filter(|&i| found[i].is_none()).collect();
    if let Some(&first) = missing.first() {
        let pair = &pairs.pairs[first];
        let problem = format!("has no row for {} of the {} pairs", missing.len(), found.len());
        let remedy = format!("make the split from {}", pairs.path().display());
        return Err(Place::file(path)
            .record(format!("{} {}", pair.rna, pair.partner))
            .error(problem, remedy));
    }
    let (parts, groups): (_, Vec<[u32; 2]>) = found.into_iter().flatten().unzip();
    let side = |side: usize| columns[side].map(|_| groups.iter().map(|both| both[side]).collect());
    Split::new(parts, Groups { rna: side(0), partner: side(1) }).map_err(|error| match error {
        Error::Setting { problem, remedy, .. } => Place::file(path).error(problem, remedy),
        other => other,
    })
}

/// Finds rows of other tables among the pairs of a table.
struct Places<'a> {
    pairs: &'a [Pair],
    /// The pair that the next row is about where the rows are in the order of the table: most are.
    next: usize,
    /// The place of every pair; made when a row is not the expected one.
    index: Option<HashMap<(&'a str, &'a str), usize>>,
}

impl<'a> Places<'a> {
    fn of(&mut self, rna: &str, partner: &str) -> Option<usize> {
        let expected = |pair: &Pair| pair.rna.as_str() == rna && pair.partner.as_str() == partner;
        let at = if self.pairs.get(self.next).is_some_and(expected) {
            self.next
        } else {
            let place = |(i, pair): (usize, &'a Pair)| ((pair.rna.as_str(), pair.partner.as_str()), i);
            let index = self.index.get_or_insert_with(|| self.pairs.iter().enumerate().map(place).collect());
            *index.get(&(rna, partner))?
        };
        self.next = at + 1;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;

    fn pairs() -> PairTable {
        let id = |text| RecordId::new(text).unwrap();
        let pair = |r, p| Pair { rna: id(r), partner: id(p), label: None };
        PairTable::new(vec![pair("a", "x"), pair("a", "y"), pair("b", "x")])
    }

    fn read_text(text: &str) -> std::result::Result<Split, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("splits.tsv");
        std::fs::write(&path, text).unwrap();
        let split = Split::read(&path, &pairs())
            .map_err(|e| e.to_string().rsplit_once("/splits").unwrap().1.to_owned())?;
        split.write(&path, &pairs()).unwrap();
        assert_eq!(Split::read(&path, &pairs()).unwrap(), split);
        Ok(split)
    }

    #[test]
    fn folds_test_each_pair_once() {
        let split =
            read_text("rna_id\tpartner_id\tfold\trna_group\nb\tx\t1\t7\na\tx\t0\t3\na\ty\tunused\t3\n")
                .unwrap();
        assert_eq!(split.groups(), &Groups { rna: Some(vec![3, 3, 7]), partner: None });
        let folds = split.folds();
        assert_eq!(
            (folds[0].name.as_str(), &folds[0].train[..], &folds[0].test[..]),
            ("fold-0", &[2][..], &[0][..])
        );
        assert_eq!(
            (folds[1].name.as_str(), &folds[1].train[..], &folds[1].test[..]),
            ("fold-1", &[0][..], &[2][..])
        );
    }

    #[test]
    fn a_holdout_is_one_fold() {
        let split =
            read_text("rna_id\tpartner_id\tfold\na\tx\ttrain\na\ty\tvalidation\nb\tx\ttest\n").unwrap();
        let folds = split.folds();
        assert_eq!(folds.len(), 1);
        assert_eq!((&folds[0].validation[..], &folds[0].test[..]), (&[1][..], &[2][..]));
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let cases = [
            (
                "a\tx\t0\na\ty\t1\n",
                ".tsv, record `b x`: has no row for 1 of the 3 pairs; make the split from pairs",
            ),
            ("a\tx\t0\na\tx\t1\n", ".tsv, line 3, record `a x`: the pair stands in another fold already"),
            ("a\tx\t-1\n", ".tsv, line 2, record `a x`: fold `-1` cannot be used"),
            ("a\tx\t0\na\ty\t1\nb\tx\ttest\n", ".tsv: mixes numbered folds with validation or test"),
            ("a\tx\t0\na\ty\t0\nb\tx\t0\n", ".tsv: has one fold only"),
            ("a\tx\ttrain\na\ty\ttrain\nb\tx\ttrain\n", ".tsv: has no training or no test pairs"),
        ];
        for (rows, start) in cases {
            let message = read_text(&format!("rna_id\tpartner_id\tfold\n{rows}")).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }

    #[test]
    fn groups_belong_to_a_side() {
        let rows = "\na\tx\t0\t1\t5\na\ty\t1\t1\t6\nb\tx\t0\t2\t5\n";
        let both = read_text(&format!("rna_id\tpartner_id\tfold\trna_group\tpartner_group{rows}")).unwrap();
        assert_eq!(both.groups(), &Groups { rna: Some(vec![1, 1, 2]), partner: Some(vec![5, 6, 5]) });
        let message = read_text("rna_id\tpartner_id\tfold\tgroup\na\tx\t0\t1\n").unwrap_err();
        assert_eq!(
            message,
            ".tsv, line 1: the column `group` does not say of which side the groups are; name it `rna_group` or \
             `partner_group`"
        );
    }
}
