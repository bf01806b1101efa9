//! The page of a screening: a table that can be sorted, a map of all pairs, and exports of what is selected.

use std::collections::HashMap;
use std::io::Write as _;

use crossmamba::io::{AtomicFile, Cell, Holds};
use crossmamba::pair::{Side, Sides};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::report::document;
use crossmamba::{Error, Result};
use serde_json::json;

const BODY: &str = include_str!("page/body.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// A browser holds no more rows than these.
const MOST_ROWS: usize = 1_000_000;

/// What the value of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A probability.
    Probability,
    /// An affinity, in some unit.
    Affinity,
    /// −log10 of a p-value.
    PValue,
}

/// The page, as it is filled row by row.
pub(super) struct Page {
    file: AtomicFile,
    kind: Kind,
    columns: Vec<(String, Holds)>,
    /// The column whose value the map shows.
    value: usize,
    ids: Sides<Vec<RecordId>>,
    places: Sides<HashMap<RecordId, usize>>,
    rows: Vec<u8>,
    count: usize,
}

/// What is known of the molecules, where they were given as sequences.
pub(super) struct Known<'a> {
    /// The name of the model.
    pub(super) model: String,
    pub(super) partner: Molecule,
    pub(super) records: Sides<Option<&'a [Record]>>,
}

impl Page {
    /// Starts a page with the columns after the two identifiers, each with what it holds.
    pub(super) fn start(file: AtomicFile, kind: Kind, columns: &[(&str, Holds)], value: &str) -> Self {
        let ids = [("RNA", Holds::Text), ("partner", Holds::Text)];
        let columns: Vec<(String, Holds)> =
            ids.iter().chain(columns).map(|&(name, holds)| (name.to_owned(), holds)).collect();
        let value = columns.iter().position(|(name, _)| name == value).unwrap_or(2);
        Self {
            file,
            kind,
            columns,
            value,
            ids: Sides::default(),
            places: Sides::default(),
            rows: Vec::new(),
            count: 0,
        }
    }

    /// Adds a row: the identifiers, and the cells after them.
    ///
    /// # Errors
    /// More rows than a browser holds.
    pub(super) fn row(&mut self, ids: Sides<&RecordId>, cells: &[Cell<'_>]) -> Result<()> {
        self.count += 1;
        if self.count > MOST_ROWS {
            let problem = format!("a page holds at most {MOST_ROWS} rows");
            return Err(Error::setting("--html", problem, "keep fewer, by --top or --threshold"));
        }
        let [rna, partner] = [self.place_of(Side::Rna, ids.rna), self.place_of(Side::Partner, ids.partner)];
        let wrong = Error::io("write", self.file.path());
        let rows = &mut self.rows;
        let mut write = || -> std::io::Result<()> {
            write!(rows, "{}[{rna},{partner}", if self.count > 1 { ",\n" } else { "" })?;
            for cell in cells {
                rows.push(b',');
                cell.write_json(rows)?;
            }
            rows.push(b']');
            Ok(())
        };
        write().map_err(wrong)
    }

    fn place_of(&mut self, side: Side, id: &RecordId) -> usize {
        if let Some(&at) = self.places[side].get(id) {
            return at;
        }
        let at = self.ids[side].len();
        self.ids[side].push(id.clone());
        self.places[side].insert(id.clone(), at);
        at
    }

    /// Writes the page, and gives its file to be committed.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn finish(mut self, known: &Known<'_>, record: &Provenance) -> Result<AtomicFile> {
        let sequences = Sides::of(|side| {
            let of: HashMap<&RecordId, &[u8]> =
                known.records[side]?.iter().map(|record| (&record.id, record.sequence.as_slice())).collect();
            let all = self.ids[side].iter().map(|id| of.get(id).map(|text| String::from_utf8_lossy(text)));
            all.collect::<Option<Vec<_>>>()
        });
        let kind = match self.kind {
            Kind::Probability => "probability",
            Kind::Affinity => "affinity",
            Kind::PValue => "pvalue",
        };
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|(name, holds)| json!({ "name": name, "number": *holds != Holds::Text }))
            .collect();
        let about = json!({
            "kind": kind,
            "columns": columns,
            "value": self.value,
            "rna": self.ids.rna,
            "partner": self.ids.partner,
            "partner_kind": known.partner,
            "sequences": { "rna": sequences.rna, "partner": sequences.partner },
        })
        .to_string();
        // What closes a script must not stand in it.
        let rows = String::from_utf8_lossy(&self.rows);
        let data = format!("{},\"rows\":[\n{rows}]}}", about.strip_suffix('}').unwrap_or_default())
            .replace('<', "\\u003c");
        let body = format!(
            "{BODY}<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{SCRIPT}</script>\n"
        );
        let lead = match self.kind {
            Kind::Probability => {
                "Calibrated probabilities of interaction. They hold for molecules like those that the model was trained \
                 on; its card says which."
            }
            Kind::Affinity => "Predicted affinities, in the unit of the training labels.",
            Kind::PValue => {
                "How well two RNAs pair, beside shuffles of the same two: the score is −log10 of the chance that these \
                 pair as well. Nothing is said of other pairs in the file: with many pairs, small p-values occur by chance."
            }
        };
        let text = crossmamba::io::to_json(self.file.path(), record)?;
        let page = document(
            &format!("Predicted interactions, by {}", known.model),
            lead,
            &body,
            STYLE,
            "crossmamba-predict",
            &text,
        );
        let path = self.file.path().to_owned();
        self.file.write_all(page.as_bytes()).map_err(Error::io("write", path))?;
        Ok(self.file)
    }
}
