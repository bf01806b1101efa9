//! Writes and counts what is rejected, in one form for all tools.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use crossmamba::io::AtomicFile;
use crossmamba::normalise::{Fault, Reason};
use crossmamba::text::{cut, escaped};
use crossmamba::{Error, Place, Result};

/// Rejects that are shown when there is no file for them.
const SHOWN: u64 = 10;
/// The longest cell of the table, in characters.
const LONGEST: usize = 200;

/// The rejects of a run: a table with the columns `file`, `line`, `id`, `reason` and `detail`.
pub struct Rejects {
    out: Option<AtomicFile>,
    counts: BTreeMap<Reason, u64>,
    /// The first reject of each reason, in words.
    examples: BTreeMap<Reason, String>,
    /// Rejects of the inputs before.
    earlier: u64,
}

impl Rejects {
    /// Starts the table; without a path the first rejects are logged instead.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(path: Option<&Path>) -> Result<Self> {
        let mut out = path.map(AtomicFile::create).transpose()?;
        if let Some(file) = &mut out {
            writeln!(file, "file\tline\tid\treason\tdetail").map_err(Error::io("write", file.path()))?;
        }
        Ok(Self { out, counts: BTreeMap::new(), examples: BTreeMap::new(), earlier: 0 })
    }

    /// Adds one reject; what has no lines, such as a store, leaves the line empty.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add(&mut self, file: &Path, line: impl Into<Option<u64>>, id: &[u8], fault: &Fault) -> Result<()> {
        *self.counts.entry(fault.reason).or_default() += 1;
        let shown = self.total() <= SHOWN;
        let first = !self.examples.contains_key(&fault.reason);
        // Millions may follow that nobody will read.
        if self.out.is_none() && !shown && !first {
            return Ok(());
        }
        let line = line.into().map(|line| line.to_string()).unwrap_or_default();
        let (name, id, detail) =
            (cell(file.as_os_str().as_encoded_bytes()), cell(id), cell(fault.detail.as_bytes()));
        if first {
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            let line = if line.is_empty() { String::new() } else { format!(" on line {line}") };
            self.examples.insert(fault.reason, format!("`{id}`{line}{detail}"));
        }
        match &mut self.out {
            Some(out) => writeln!(out, "{name}\t{line}\t{id}\t{}\t{detail}", fault.reason)
                .map_err(Error::io("write", out.path()))?,
            None if shown => {
                let line = if line.is_empty() { line } else { format!(", line {line}") };
                tracing::warn!("rejected: {name}{line}, `{id}`: {} {detail}", fault.reason);
            }
            None => {}
        }
        Ok(())
    }

    /// Gives the number of rejects.
    pub fn total(&self) -> u64 {
        self.earlier + self.counts.values().sum::<u64>()
    }

    /// Goes on with another input in the same table, whose rejects are counted by themselves.
    pub fn next_input(&mut self) {
        self.earlier = self.total();
        self.counts.clear();
        self.examples.clear();
    }

    /// Gives the number of rejects for each reason that occurred, in the order of [`Reason`].
    pub fn counts(&self) -> serde_json::Map<String, serde_json::Value> {
        self.counts.iter().map(|(reason, &count)| (reason.name().to_owned(), count.into())).collect()
    }

    /// Says that nothing of a file was kept, and for what reason most of it was rejected.
    pub fn nothing_left(&self, file: &Path, what: &str, all: u64) -> Error {
        // Among equals the first, as in the order of reasons.
        let most = self.counts.iter().rev().max_by_key(|(_, count)| **count);
        let Some((reason, count)) = most else {
            return Place::file(file).error(format!("holds no {what}"), "check how the file was made");
        };
        let example = self.examples.get(reason).map(String::as_str).unwrap_or_default();
        let problem =
            format!("no {what} of {all} is left: {count} are rejected as {reason}, such as {example}");
        Place::file(file).error(problem, remedy(*reason))
    }

    /// Says in the log what was rejected.
    pub fn log(&self) {
        if self.total() > 0 {
            let each: Vec<String> = self.counts.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
            tracing::warn!("rejected {}: {}", self.total(), each.join(", "));
        }
    }

    /// Gives the file of the table, to be committed with the other outputs.
    pub fn into_file(self) -> Option<AtomicFile> {
        self.out
    }
}

/// Says what can be done about the commonest reason.
fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::RaggedRow => "see --delimiter, or correct the table",
        Reason::NoId | Reason::BadId => "see --id-rule, or name another column or file",
        Reason::UnknownRna => "compare the identifiers with those of --rna; see --id-rule",
        Reason::UnknownPartner => "compare the identifiers with those of --partner; see --id-rule",
        Reason::NoLabel | Reason::BadLabel => "see --label-column and --positive, or correct the labels",
        Reason::InexactLabel => "see --inexact",
        Reason::BadLetter | Reason::BadSmiles => "check --kind, or correct the sequences",
        Reason::Replicate => "choose `--replicates mean`",
        _ => "see --rejects, and correct the file",
    }
}

/// Makes bytes fit into a cell: nothing that cannot be seen, not too long.
fn cell(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    escaped(&cut(&text, LONGEST)).into_owned()
}
