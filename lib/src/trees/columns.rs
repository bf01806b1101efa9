//! Holds the columns that trees look at: of the molecules of a pair, and of the pair itself.

/// Columns of values, of which each row takes one of the given lines.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    values: &'a [f32],
    width: usize,
    lines: Option<&'a [u32]>,
}

/// Columns of several parts side by side.
///
/// ```
/// use crossmamba::trees::{Columns, Part};
///
/// // Two molecules of two columns, and three pairs with a column of their own.
/// let molecules = Part::shared(&[1.0, 2.0, 3.0, 4.0], 2, &[0, 1, 0]);
/// let columns = Columns::new(vec![molecules, Part::own(&[7.0, 8.0, 9.0], 1)]);
/// assert_eq!((columns.rows(), columns.width()), (3, 3));
/// assert_eq!([columns.value(1, 0), columns.value(2, 1), columns.value(2, 2)], [3.0, 2.0, 9.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    parts: Vec<Part<'a>>,
    /// For each column, its part and its place there.
    places: Vec<(u32, u32)>,
    rows: usize,
}

impl<'a> Part<'a> {
    /// Takes lines of `width` values, one after the other, and for each row the number of its line.
    ///
    /// # Panics
    /// A row without its line.
    pub fn shared(values: &'a [f32], width: usize, lines: &'a [u32]) -> Self {
        let count = values.len() / width.max(1);
        assert!(width == 0 || lines.iter().all(|&line| (line as usize) < count), "a row without its line");
        Self { values, width, lines: Some(lines) }
    }

    /// Takes one line of `width` values for each row.
    pub fn own(values: &'a [f32], width: usize) -> Self {
        Self { values, width, lines: None }
    }

    /// Gives the number of columns.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Gives the number of lines.
    pub(super) fn count(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Gives for each row the number of its line, where rows share lines.
    pub(super) const fn lines(&self) -> Option<&'a [u32]> {
        self.lines
    }

    /// Gives the line of a row.
    pub(super) fn line(&self, row: usize) -> usize {
        self.lines.map_or(row, |lines| lines[row] as usize)
    }

    /// Gives a value of a line.
    pub(super) fn at(&self, line: usize, column: usize) -> f32 {
        self.values[line * self.width + column]
    }

    fn rows(&self) -> Option<usize> {
        match self.lines {
            Some(lines) => Some(lines.len()),
            None => (self.width > 0).then(|| self.count()),
        }
    }
}

impl<'a> Columns<'a> {
    /// Puts parts side by side.
    ///
    /// # Panics
    /// Parts of different numbers of rows.
    pub fn new(parts: Vec<Part<'a>>) -> Self {
        let rows = parts.iter().find_map(Part::rows).unwrap_or(0);
        assert!(parts.iter().filter_map(Part::rows).all(|other| other == rows), "parts of different rows");
        let places = parts
            .iter()
            .enumerate()
            .flat_map(|(part, Part { width, .. })| (0..*width as u32).map(move |at| (part as u32, at)))
            .collect();
        Self { parts, places, rows }
    }

    /// Gives the number of rows.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Gives the number of columns of all parts.
    pub fn width(&self) -> usize {
        self.places.len()
    }

    /// Gives a value.
    pub fn value(&self, row: usize, column: usize) -> f32 {
        let (part, at) = self.places[column];
        let part = &self.parts[part as usize];
        part.at(part.line(row), at as usize)
    }

    pub(super) fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }
}
