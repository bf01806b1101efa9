//! Finds columns by their names, as people spell them.

use csv::ByteRecord;

use crate::{Place, Result};

/// A column that a reader wants.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    option: &'static str,
    given: Option<&'a str>,
    names: &'a [&'a str],
    number: usize,
    required: bool,
}

impl<'a> Column<'a> {
    /// Asks for a column that must be there: the option by which users name it, the name that they gave, the names that
    /// it has otherwise, and its number in a table without header.
    pub const fn required(
        option: &'static str,
        given: Option<&'a str>,
        names: &'a [&'a str],
        number: usize,
    ) -> Self {
        Self { option, given, names, number, required: true }
    }

    /// Asks for a column that may be missing, unless its name is given.
    pub const fn optional(
        option: &'static str,
        given: Option<&'a str>,
        names: &'a [&'a str],
        number: usize,
    ) -> Self {
        Self { option, given, names, number, required: given.is_some() }
    }

    pub(super) const fn is_required(&self) -> bool {
        self.required
    }

    /// Finds the column; the error is what stands there twice.
    fn place(&self, names: &[String], header: bool) -> std::result::Result<Option<usize>, String> {
        let number = self.number.to_string();
        let defaults: Vec<&str> = if header { self.names.to_vec() } else { vec![number.as_str()] };
        let wanted = self.given.map_or(defaults, |name| vec![name]);
        for name in wanted {
            let exact: Vec<usize> = places(names, |other| other == name);
            let found = if exact.is_empty() { places(names, |other| same_name(other, name)) } else { exact };
            match found[..] {
                [] => {}
                [one] => return Ok(Some(one)),
                _ => return Err(name.to_owned()),
            }
        }
        Ok(None)
    }

    fn title(&self, header: bool) -> String {
        match self.given {
            Some(name) => name.to_owned(),
            None if header => self.names.first().copied().unwrap_or_default().to_owned(),
            None => self.number.to_string(),
        }
    }
}

/// Tells whether two names of columns are the same but for case, blanks, hyphens and points.
pub fn same_name(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> Vec<char> {
        let one = |c: char| if matches!(c, ' ' | '-' | '.') { '_' } else { c };
        name.trim().chars().map(one).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}

fn places(names: &[String], is_it: impl Fn(&str) -> bool) -> Vec<usize> {
    names.iter().enumerate().filter(|(_, name)| is_it(name)).map(|(i, _)| i).collect()
}

/// Gives the cells of a header as text.
pub(super) fn names(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect()
}

/// Counts the wanted columns that some names hold, required ones first.
pub(super) fn score(names: &[String], wanted: &[Column<'_>], header: bool) -> (usize, usize) {
    let there = |column: &&Column<'_>| !matches!(column.place(names, header), Ok(None));
    let required = wanted.iter().filter(|column| column.required).filter(there).count();
    (required, wanted.iter().filter(there).count())
}

/// Finds the wanted columns.
pub(super) fn find(
    names: &[String],
    wanted: &[Column<'_>],
    header: bool,
    place: &Place,
) -> Result<Vec<Option<usize>>> {
    let find = |column: &Column<'_>| match column.place(names, header) {
        Ok(None) if column.required => {
            let (title, option) = (column.title(header), column.option);
            let remedy = format!("its columns are {}; name it with {option}", shown(names));
            Err(place.clone().error(format!("has no column `{title}`"), remedy))
        }
        Ok(found) => Ok(found),
        Err(name) => Err(place.clone().error(format!("has two columns `{name}`"), "rename one of them")),
    };
    wanted.iter().map(find).collect()
}

/// Lists names for a message: the first ones, and each not too long.
fn shown(names: &[String]) -> String {
    const MANY: usize = 20;
    const LONG: usize = 40;
    let one = |name: &String| {
        let text: String = name.chars().take(LONG).flat_map(char::escape_debug).collect();
        if name.chars().count() > LONG { text + "…" } else { text }
    };
    let listed: Vec<String> = names.iter().take(MANY).map(one).collect();
    let more = if names.len() > MANY { format!(" and {} more", names.len() - MANY) } else { String::new() };
    listed.join(", ") + &more
}
