//! Trains the rows of a table of settings with several seeds, and says what each row is worth.

mod measure;
mod table;

use crossmamba::Error;
use crossmamba::io::{AtomicFile, Number, Source};
use crossmamba::provenance::Provenance;
use crossmamba::report::{Effect, Estimate};
use crossmamba_tools::kit::{Outcome, Tool as _};
use serde::Serialize;

use self::table::Row;
use super::{Settings, run};

/// The parts of the paper's model, taken away one by one.
pub(super) const PAPER: &str = include_str!("../../../presets/paper-ablation.tsv");

/// The file of what was found.
const FOUND: &str = "ablation.tsv";

/// What is written into the output.
#[derive(Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    settings: &'a Settings,
    seeds: u64,
}

/// Trains every row with every seed, one seed after the other, into `<row>/seed-<n>`, and compares the rows.
pub(super) fn run(table: &Source, seeds: u64, base: &Settings) -> anyhow::Result<Outcome> {
    let rows = table::read(table, &base.config)?;
    let all: Vec<u64> = (0..seeds).map(|more| base.seed.wrapping_add(more)).collect();
    let folder = |row: &Row, seed: u64| base.output.join(&row.name).join(format!("seed-{seed}"));
    let (mut done, total) = (0, rows.len() * all.len());
    for &seed in &all {
        for row in &rows {
            let output = folder(row, seed);
            done += 1;
            tracing::info!("{} with seed {seed}: {done} of {total}", row.name);
            let settings = Settings { config: row.config.clone(), seed, output, ..base.clone() };
            run::run(&settings)?.commit()?;
        }
    }
    let found = measure::effects(&rows, &all, &folder, base.seed)?;
    let mut record = Provenance::new(super::Args::NAME, &Asked { settings: base, seeds });
    record.input("ablation", table)?;
    record.input("pairs", &base.pairs)?;
    if let Some(splits) = &base.splits {
        record.input("splits", splits)?;
    }
    record.seed(base.seed);
    let mut file = AtomicFile::create(base.output.join(FOUND))?;
    write(&rows, &found, &mut file).map_err(Error::io("write", file.path()))?;
    say(&rows, &found);
    let record = record.file_beside(file.path())?;
    let outcome = Outcome::done().figure("rows", rows.len()).figure("seeds", all.len());
    Ok(outcome.outputs(record.into_iter().chain([file])))
}

/// Writes a row for each row of the table and each measure.
fn write(rows: &[Row], found: &[Vec<Effect>], mut out: impl std::io::Write) -> std::io::Result<()> {
    writeln!(
        out,
        "name\tmetric\tmedian\tleast\tmost\tagainst\tdifference\tlow\thigh\tseed_difference_least\tseed_difference_most"
    )?;
    for (row, effects) in rows.iter().zip(found) {
        for Effect { metric, own, difference, by_seed } in effects {
            let (low, high) = difference.interval.map_or((f64::NAN, f64::NAN), |i| (i.low, i.high));
            write!(out, "{}\t{}", row.name, metric.name())?;
            for figure in [own.median, own.least, own.most] {
                write!(out, "\t{}", Number(figure))?;
            }
            write!(out, "\t{}", rows[row.against].name)?;
            for figure in [difference.value, low, high, by_seed.least, by_seed.most] {
                write!(out, "\t{}", Number(figure))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Says what the rows lose or gain in the measures that reports begin with.
fn say(rows: &[Row], found: &[Vec<Effect>]) {
    for (at, (row, effects)) in rows.iter().zip(found).enumerate() {
        for Effect { metric, own, difference, .. } in measure::main(effects) {
            let own = format!(
                "{}: {} {:.3} ({:.3} to {:.3})",
                row.name,
                metric.name(),
                own.median,
                own.least,
                own.most
            );
            let Estimate { value, interval } = difference;
            let interval = interval.map_or_else(String::new, |i| format!(" [{:+.3}, {:+.3}]", i.low, i.high));
            if row.against == at {
                tracing::info!("{own}");
            } else {
                tracing::info!("{own}; less {}: {value:+.3}{interval}", rows[row.against].name);
            }
        }
    }
}
