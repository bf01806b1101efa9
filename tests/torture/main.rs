//! Mistreats the tools, and counts the tries that are lost: `make torture`.
//!
//! Options: `cut=N` makes one try of N of every kind; `kind=NAME` one kind alone; `try=KIND:NUMBER` one try alone, and
//! keeps its folder; `seed=N` chooses other bytes, moments and orders; `jobs=N` tries at once.

mod harness;
mod kinds;

use std::path::Path;
use std::process::ExitCode;

use harness::{Choice, Lab, Score, Tools};
use kinds::KINDS;

/// What was typed.
struct Options {
    kind: Option<String>,
    choice: Choice,
    seed: u64,
}

fn main() -> ExitCode {
    match torture() {
        Ok(Score { tries, lost }) => {
            println!("torture: {tries} tries, {lost} lost");
            if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(problem) => {
            eprintln!("torture: {problem}");
            ExitCode::from(2)
        }
    }
}

fn torture() -> Result<Score, String> {
    let options = options()?;
    let tools =
        Path::new(env!("CARGO_BIN_EXE_crossmamba-parse")).parent().ok_or("the tools have no folder")?;
    let lab = Lab::of_the_suite(Tools(tools.to_path_buf()), options.seed)?;
    let mut all = Score::default();
    for (kind, make) in KINDS {
        if options.kind.as_deref().is_none_or(|wanted| wanted == *kind) {
            let score = harness::run(&lab, kind, &make(&lab), &options.choice);
            all = Score { tries: all.tries + score.tries, lost: all.lost + score.lost };
        }
    }
    if all.tries == 0 {
        let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        return Err(format!("there is no such try; the kinds are {}", known.join(", ")));
    }
    Ok(all)
}

fn options() -> Result<Options, String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options { kind: None, choice: Choice { cut: 1, only: None, workers }, seed: 1 };
    for word in std::env::args().skip(1) {
        let wrong =
            || format!("`{word}` is no option; give cut=N, kind=NAME, try=KIND:NUMBER, seed=N or jobs=N");
        let (name, value) = word.split_once('=').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        match name {
            // The makefile hands on what was not given, too.
            _ if value.is_empty() => {}
            "cut" => options.choice.cut = number(value)?.max(1),
            "jobs" => options.choice.workers = number(value)?.max(1),
            "seed" => options.seed = number(value)? as u64,
            "kind" => options.kind = Some(value.to_owned()),
            "try" => {
                let (kind, at) = value.split_once(':').ok_or_else(wrong)?;
                options.kind = Some(kind.to_owned());
                options.choice.only = Some(number(at)?);
            }
            _ => return Err(wrong()),
        }
    }
    Ok(options)
}
