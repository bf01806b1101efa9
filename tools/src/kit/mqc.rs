//! Writes a run's summary as `MultiQC` custom content.

use std::path::Path;

use crossmamba::Result;
use crossmamba::io::AtomicFile;
use serde_json::{Map, Value, json};

use super::Outcome;

/// Names a run by its file and the folder that holds it, so that files of one name in two folders stay two rows.
///
/// The two are joined as `MultiQC` joins them itself: what stands before a slash it takes for a path, and cuts it off.
fn sample(path: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = name(path).unwrap_or_default();
    let run = file.trim_end_matches(".json").trim_end_matches("_mqc");
    let folder = std::path::absolute(path).ok().and_then(|path| path.parent().and_then(name));
    folder.map_or_else(|| run.to_owned(), |folder| format!("{folder} | {run}"))
}

/// Writes one table row for the run, under the name of a sample or one made from the path, to be committed; `MultiQC`
/// finds files named `*_mqc.json`.
pub(super) fn write(
    mut file: AtomicFile,
    name: Option<&str>,
    tool: &str,
    outcome: &Outcome,
) -> Result<AtomicFile> {
    let sample = name.map_or_else(|| sample(file.path()), str::to_owned);
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
    file.write_json(&content)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_in_two_folders_are_two_samples() {
        assert_eq!(sample(Path::new("/data/first/parse_mqc.json")), "first | parse");
        assert_eq!(sample(Path::new("/data/second/parse_mqc.json")), "second | parse");
        assert_eq!(sample(Path::new("/parse_mqc.json")), "parse");
    }
}
