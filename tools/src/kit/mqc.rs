//! Writes a run's summary as `MultiQC` custom content.

use std::path::Path;

use crossmamba::{Result, io};
use serde_json::{Map, Value, json};

use super::Outcome;

/// Writes one table row for the run; `MultiQC` finds files named `*_mqc.json`.
pub(super) fn write(path: &Path, tool: &str, outcome: &Outcome) -> Result<()> {
    let stem = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sample = stem.trim_end_matches(".json").trim_end_matches("_mqc").to_owned();
    let mut row: Map<String, Value> = outcome.figures().iter().cloned().collect();
    row.insert("rejected".into(), outcome.rejects().into());
    let content = json!({
        "id": tool.replace('-', "_"),
        "section_name": tool,
        "description": format!("Summary of {tool} {}", env!("CARGO_PKG_VERSION")),
        "plot_type": "table",
        "pconfig": { "id": format!("{}_table", tool.replace('-', "_")), "title": tool },
        "data": { sample: row },
    });
    let mut text = serde_json::to_string_pretty(&content).unwrap_or_default();
    text.push('\n');
    io::write_atomic(path, text.as_bytes())
}
