//! Runs tools on the card, and compares tables.

use std::process::Command;

use crate::support::{Place, Ran, binary};

/// Where a small set is trained on.
pub(crate) const PAIRS: &str = "--pairs pairs.tsv --splits holdout.tsv --config config.yaml";

/// Greatest difference of a figure between a card and the CPU, over the figure or 1.
pub(crate) const CLOSE: f64 = 2e-4;

/// Runs a tool with other variables than ours; an empty one is removed.
pub(crate) fn run_with(place: &Place, tool: &str, arguments: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(binary(tool));
    command.args(arguments.split_whitespace()).current_dir(place.path("")).env_remove("CROSSMAMBA_THREADS");
    for (name, value) in variables {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    let output = command.output().expect("the tool runs");
    Ran {
        command: format!("{variables:?} crossmamba-{tool} {arguments}"),
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Compares two tables: the same words, and numbers that are close.
#[track_caller]
pub(crate) fn assert_close(found: &str, expected: &str) {
    let cells = |text: &str| -> Vec<String> { text.split(['\t', '\n']).map(str::to_owned).collect() };
    let (found, expected) = (cells(found), cells(expected));
    assert_eq!(found.len(), expected.len());
    let mut worst = 0.0_f64;
    for (found, expected) in found.iter().zip(&expected) {
        // The same words, infinite thresholds among them.
        if found == expected {
            continue;
        }
        match (found.parse::<f64>(), expected.parse::<f64>()) {
            (Ok(a), Ok(b)) => {
                let error = (a - b).abs() / b.abs().max(1.0);
                worst = worst.max(error);
                assert!(error <= CLOSE, "{a} where the CPU gives {b}: {error:.1e}");
            }
            _ => panic!("`{found}` where the CPU gives `{expected}`"),
        }
    }
    eprintln!("{} cells, greatest difference {worst:.1e}", found.len());
}
