//! Reads a table of settings.

use crossmamba::config::Config;
use crossmamba::io::{Source, TsvReader};
use crossmamba::{Error, Place, Result};

/// The column of the rows' names.
const NAME: &str = "name";
/// The column of the rows that they are compared with.
const AGAINST: &str = "against";
/// What to do about a table that cannot be used.
const EXAMPLE: &str = "`crossmamba-fuse-train --print-ablation` shows a table";

/// A row: what is trained, and what it is compared with.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) config: Config,
    /// The place of the row that this one is compared with; its own, if with none.
    pub(super) against: usize,
}

/// Reads the rows; an empty cell keeps what the configuration has.
pub(super) fn read(source: &Source, base: &Config) -> Result<Vec<Row>> {
    let mut table = TsvReader::open(source)?;
    let name = table.require(NAME)?;
    let header = table.header().to_vec();
    let mut rows: Vec<Row> = Vec::new();
    let mut compared: Vec<(Place, String)> = Vec::new();
    while let Some(row) = table.next_row()? {
        let here = || row.place();
        let own = row.get(name);
        let fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if own.is_empty() || own.starts_with('.') || !own.chars().all(fit) {
            let problem = format!("`{}` cannot be the name of a folder", own.escape_debug());
            return Err(here().error(problem, "use letters, digits, - and _"));
        }
        if rows.iter().any(|other| other.name == own) {
            return Err(here().error(format!("the name `{own}` stands in two rows"), "give each its own"));
        }
        let (mut config, mut against) = (base.clone(), String::new());
        for (column, key) in header.iter().enumerate() {
            match key.as_str() {
                NAME => {}
                AGAINST => row.get(column).clone_into(&mut against),
                _ if row.get(column).is_empty() => {}
                _ => {
                    config = config.with(key, row.get(column)).map_err(|error| match error {
                        Error::Setting { name, problem, remedy } => {
                            here().error(format!("setting `{name}`: {problem}"), remedy)
                        }
                        other => other,
                    })?;
                }
            }
        }
        compared.push((here(), against));
        rows.push(Row { name: own.to_owned(), config, against: 0 });
    }
    if rows.is_empty() {
        return Err(Place::file(source).error("has no rows", EXAMPLE));
    }
    for (at, (place, against)) in compared.into_iter().enumerate().filter(|(_, (_, name))| !name.is_empty()) {
        let known = rows.iter().position(|row| row.name == against);
        rows[at].against =
            known.ok_or_else(|| place.error(format!("there is no row `{against}`"), EXAMPLE))?;
    }
    Ok(rows)
}
