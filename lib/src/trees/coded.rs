//! Holds columns as steps, one byte each, column after column.

use rayon::prelude::*;

use super::bins::Bins;
use super::columns::{Columns, Part};

/// The columns of one part as steps.
pub(super) struct CodedPart<'a> {
    /// For each column, the steps of all lines.
    codes: Vec<Vec<u8>>,
    bins: Vec<Bins>,
    part: Part<'a>,
}

/// All columns as steps.
pub(super) struct Coded<'a> {
    pub(super) parts: Vec<CodedPart<'a>>,
    /// The part and the place there of each column that has more than one step.
    pub(super) varying: Vec<(usize, usize)>,
    /// The number of a part's first column.
    pub(super) first: Vec<usize>,
}

impl<'a> Coded<'a> {
    pub(super) fn of(columns: &Columns<'a>, most: usize) -> Self {
        let parts: Vec<CodedPart<'_>> =
            columns.parts().iter().map(|part| CodedPart::of(*part, most)).collect();
        let varying = parts.iter().enumerate().flat_map(|(number, part)| {
            let place = move |(at, bins): (usize, &Bins)| (bins.steps() > 1).then_some((number, at));
            part.bins.iter().enumerate().filter_map(place)
        });
        let first = parts.iter().scan(0, |next, part| {
            let first = *next;
            *next += part.bins.len();
            Some(first)
        });
        Self { varying: varying.collect(), first: first.collect(), parts }
    }
}

impl<'a> CodedPart<'a> {
    fn of(part: Part<'a>, most: usize) -> Self {
        let mut rows = vec![u32::from(part.lines().is_none()); part.count()];
        for &line in part.lines().unwrap_or_default() {
            rows[line as usize] += 1;
        }
        let column = |column: usize| {
            let values = rows.iter().enumerate().map(|(line, &rows)| (part.at(line, column), rows));
            let bins = Bins::of(values.collect(), most);
            let codes: Vec<u8> = (0..rows.len()).map(|line| bins.step(part.at(line, column))).collect();
            (codes, bins)
        };
        let (codes, bins) = (0..part.width()).into_par_iter().map(column).unzip();
        Self { codes, bins, part }
    }

    /// Gives the steps of all lines in a column.
    pub(super) fn codes(&self, column: usize) -> &[u8] {
        &self.codes[column]
    }

    pub(super) fn bins(&self, column: usize) -> &Bins {
        &self.bins[column]
    }

    /// Gives the step of a row in a column.
    pub(super) fn code(&self, row: usize, column: usize) -> u8 {
        self.codes[column][self.part.line(row)]
    }

    /// Gives the number of lines where rows share them, and the line of each row.
    pub(super) fn shared(&self) -> Option<(usize, &'a [u32])> {
        Some((self.part.count(), self.part.lines()?))
    }
}
