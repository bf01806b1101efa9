//! Writes and counts what is rejected.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use crossmamba::io::AtomicFile;
use crossmamba::normalise::{Fault, Reason};
use crossmamba::{Error, Result};

/// Rejects that are shown when there is no file for them.
const SHOWN: u64 = 10;

/// The rejects of a run: a table with the columns `file`, `line`, `id`, `reason` and `detail`.
pub(crate) struct Rejects {
    out: Option<AtomicFile>,
    counts: BTreeMap<Reason, u64>,
}

impl Rejects {
    /// Starts the table; without a path the first rejects are logged instead.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self> {
        let mut out = path.map(AtomicFile::create).transpose()?;
        if let Some(file) = &mut out {
            writeln!(file, "file\tline\tid\treason\tdetail").map_err(Error::io("write", file.path()))?;
        }
        Ok(Self { out, counts: BTreeMap::new() })
    }

    /// Adds one reject.
    pub(crate) fn add(&mut self, file: &Path, line: u64, id: &[u8], fault: &Fault) -> Result<()> {
        *self.counts.entry(fault.reason).or_default() += 1;
        let (name, id, detail) =
            (cell(file.as_os_str().as_encoded_bytes()), cell(id), cell(fault.detail.as_bytes()));
        let shown = self.total() <= SHOWN;
        match &mut self.out {
            Some(out) => writeln!(out, "{name}\t{line}\t{id}\t{}\t{detail}", fault.reason)
                .map_err(Error::io("write", out.path()))?,
            None if shown => {
                tracing::warn!("rejected: {name}, line {line}, `{id}`: {} {detail}", fault.reason);
            }
            None => {}
        }
        Ok(())
    }

    /// Gives the number of rejects.
    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Gives the number of rejects for each reason that occurred, in the order of [`Reason`].
    pub(crate) fn counts(&self) -> serde_json::Map<String, serde_json::Value> {
        self.counts.iter().map(|(reason, &count)| (reason.name().to_owned(), count.into())).collect()
    }

    /// Says in the log what was rejected.
    pub(crate) fn log(&self) {
        if self.total() > 0 {
            let each: Vec<String> = self.counts.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
            tracing::warn!("rejected {}: {}", self.total(), each.join(", "));
        }
    }

    /// Puts the table in place.
    pub(crate) fn commit(self) -> Result<()> {
        self.out.map_or(Ok(()), AtomicFile::commit)
    }
}

/// Makes bytes fit into a cell: no tabs, no line ends, not too long.
fn cell(bytes: &[u8]) -> String {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::new();
    for (i, letter) in text.chars().enumerate() {
        if i == LONGEST {
            shown.push('…');
            break;
        }
        if letter.is_control() { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    shown
}

/// Lists the outputs of a run that were asked for.
pub(crate) fn outputs<'a>(
    output: &'a Path,
    others: [&'a Option<std::path::PathBuf>; 2],
    mqc: Option<&'a Path>,
) -> Vec<&'a Path> {
    let others = others.into_iter().flatten().map(std::path::PathBuf::as_path);
    std::iter::once(output).chain(others).chain(mqc).collect()
}

/// Writes a summary and puts it in place.
pub(crate) fn write_json(mut file: AtomicFile, value: &serde_json::Value) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    file.write_all(text.as_bytes()).map_err(Error::io("write", file.path()))?;
    file.commit()
}
