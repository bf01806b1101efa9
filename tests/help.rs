//! The command lines speak with one voice, and their examples use options that exist.

mod support;

use std::collections::BTreeSet;

use support::Place;

/// Each tool with its subcommands; the first is the tool itself.
const COMMANDS: [(&str, &[&str]); 9] = [
    ("simulate", &[""]),
    ("parse", &["", "sequences", "pairs", "table"]),
    ("cluster", &[""]),
    ("split", &["", "random", "holdout", "unseen", "table", "negatives", "audit"]),
    ("embed", &["", "export", "self-check"]),
    ("fuse-train", &[""]),
    ("predict", &[""]),
    ("evaluate", &[""]),
    ("audit", &[""]),
];

/// What every tool's help begins with, below the name of the product: the command of somebody who has no model yet.
const FIRST: &str = "First time? This predicts at once, from two files of sequences:
  crossmamba-predict --model rna-protein-1 --rna rna.fa --partner protein.fa --output scores.tsv
";

/// The long help of each command, by its name, without the lines that every tool's begins with.
fn helps() -> Vec<(String, String)> {
    let place = Place::new();
    let help = |tool: &str, command: &str| {
        let ran = place.run(tool, &format!("{command} --help")).done();
        let product = format!("CrossMamba RNA {}\n{FIRST}\n", env!("CARGO_PKG_VERSION"));
        let text = ran.stdout.strip_prefix(&product);
        assert_eq!(text.is_some(), command.is_empty(), "{tool} {command} leads to a prediction first");
        (format!("{tool} {command}").trim().to_owned(), text.unwrap_or(&ran.stdout).to_owned())
    };
    COMMANDS.iter().flat_map(|(tool, commands)| commands.iter().map(move |c| help(tool, c))).collect()
}

/// The options that some text names.
fn options(text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .map(|word| word.trim_start_matches(['(', '[', '`']))
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .map(|word| word.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect())
        .collect()
}

/// The commands among the examples of a help text, each in one line.
fn examples(help: &str) -> Vec<String> {
    let (_, after) = help.split_once("\nExamples:\n").expect("examples");
    let lines = after.split("\nExit code:").next().unwrap_or(after).lines();
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        if open {
            let last = commands.last_mut().expect("a command that goes on");
            last.pop();
            last.push_str(line.trim());
        } else if line.starts_with("    ") && line.contains("crossmamba-") {
            commands.push(line.trim().to_owned());
        }
        open = line.ends_with('\\');
    }
    commands
}

#[test]
fn the_first_command_of_a_newcomer_works_and_predict_teaches_it_first() {
    let place = Place::new();
    place.write("rna.fa", ">r1\nACGUACGUACGUAAAGGGCCCUUU\n");
    place.write("protein.fa", ">p1\nMKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ\n");
    let command = FIRST.lines().last().unwrap_or_default().trim();
    let options = command.strip_prefix("crossmamba-predict ").expect("a command of predict");
    place.run("predict", options).done();
    assert_eq!(place.read("scores.tsv").lines().count(), 2);
    let (_, help) = helps().into_iter().find(|(name, _)| name == "predict").expect("predict");
    assert!(examples(&help)[0].contains("--model rna-protein-1 --rna rna.fa --partner protein.fa"));
}

#[test]
fn every_command_says_what_it_does_in_the_imperative() {
    for (name, help) in helps() {
        let first = help.lines().next().unwrap_or_default();
        let verb = first.split_whitespace().next().unwrap_or_default();
        assert!(verb.chars().next().is_some_and(char::is_uppercase), "{name}: {first}");
        assert!(!verb.ends_with('s') && !first.ends_with('.'), "{name}: {first}");
    }
}

#[test]
fn every_command_teaches_with_examples_and_names_its_exit_codes() {
    for (name, help) in helps() {
        assert!(help.contains("\nExit code: 0 "), "{name}");
        let tool = name.split(' ').next().unwrap_or_default();
        let commands = examples(&help);
        assert!(!commands.is_empty(), "{name}");
        for command in commands {
            assert!(command.contains(&format!("crossmamba-{tool} ")), "{name}: {command}");
        }
    }
}

#[test]
fn the_examples_fit_the_width_that_help_is_wrapped_to() {
    for (name, help) in helps() {
        let (_, after) = help.split_once("\nExamples:\n").expect("examples");
        // What is wider is broken, and goes on without the indentation that examples have.
        for line in after.split("\nExit code:").next().unwrap_or(after).lines().take_while(|l| !l.is_empty())
        {
            assert!(line.starts_with("  "), "{name}: {line}");
        }
    }
}

#[test]
fn the_examples_use_options_that_exist() {
    let helps = helps();
    let known = |tool: &str| -> BTreeSet<String> {
        let of_tool = |name: &str| name.split(' ').next() == Some(tool);
        let texts = helps.iter().filter(|(name, _)| of_tool(name));
        texts.flat_map(|(_, help)| options(help.split("\nExamples:\n").next().unwrap_or_default())).collect()
    };
    for (name, help) in &helps {
        let known = known(name.split(' ').next().unwrap_or_default());
        for command in examples(help) {
            let unknown: Vec<_> = options(&command).difference(&known).cloned().collect();
            assert!(unknown.is_empty(), "{name}: {unknown:?} in {command}");
        }
    }
}

#[test]
fn one_thing_has_one_word() {
    for (name, help) in helps() {
        for (other, word) in [
            ("<DIR>", "<FOLDER>"),
            ("<TSV>", "<FILE>"),
            ("<FASTA>", "<FILE>"),
            ("Exit status", "Exit code"),
            ("Usage examples", "Examples"),
        ] {
            assert!(!help.contains(other), "{name} says {other}, the others say {word}");
        }
    }
}
