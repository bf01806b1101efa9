//! The model `rna-rna-1`, which needs no training: how well two RNAs pair, and how surprising that is.

use std::cmp::Ordering;
use std::collections::HashMap;

use crossmamba::duplex::{Null, SHUFFLES, Site, Strand, best_site, hybridise};
use crossmamba::io::{AtomicFile, Cell, Holds, RowWriter, Source};
use crossmamba::normalise::{Fault, Reason};
use crossmamba::pair::{PairTable, Side, Sides};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Outcome, Progress, Rejects, Tool as _};
use crossmamba_tools::sequences;
use rayon::prelude::*;
use serde::Serialize;

use super::Settings;
use super::given::Given;
use super::page::{Kind, Known, Page};

/// The name of the model.
pub(super) const NAME: &str = "rna-rna-1";
/// Its version: another one where another number would come out.
pub(super) const VERSION: &str = "1.0.0";
/// What it is for.
pub(super) const PURPOSE: &str =
    "do two RNAs pair, better than their shuffles do? (built in; nothing is trained)";
/// The seed of the shuffles.
const SEED: u64 = 1;

/// The columns after the identifiers and the label, each with what it holds.
const COLUMNS: [(&str, Holds); 8] = [
    ("score", Holds::Number),
    ("p_value", Holds::Number),
    ("energy", Holds::Number),
    ("rna_start", Holds::Count),
    ("rna_end", Holds::Count),
    ("partner_start", Holds::Count),
    ("partner_end", Holds::Count),
    ("structure", Holds::Text),
];

/// What a reader of the table needs to know of the model.
#[derive(Serialize)]
struct About<'a> {
    #[serde(flatten)]
    settings: &'a Settings,
    version: &'static str,
    shuffles: usize,
    seed: u64,
}

/// A pair by the places of its molecules, with the label that a table gave it.
struct Pair {
    at: Sides<usize>,
    label: Option<f64>,
}

/// What is computed of every pair; where the duplex lies is found for those that are kept.
#[derive(Clone, Copy)]
struct Found {
    energy: i32,
    p_value: f64,
}

/// Scores the pairs and writes the table.
pub(super) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    if let Some(least) = settings.threshold.filter(|least| !least.is_finite()) {
        return Err(
            Error::setting("--threshold", format!("{least} is no score"), "give a finite number").into()
        );
    }
    let sources = Sides::try_of(|side| source(settings, side))?;
    let mut table = AtomicFile::create(&settings.output)?;
    let mut rejects = Rejects::create(settings.rejects.as_deref())?;
    let records = Sides::try_of(|side| sequences::read(sources[side], Molecule::Rna, &mut rejects))?;
    let strands =
        records.as_ref().map(|all| all.iter().map(|record| Strand::of(&record.sequence)).collect::<Vec<_>>());
    let (groups, labelled) = pairs(settings, &records, &mut rejects)?;
    let count: usize = groups.iter().map(Vec::len).sum();
    tracing::info!("scoring {count} pair(s)");
    let columns: Vec<(&'static str, Holds)> =
        labelled.then_some(("label", Holds::Number)).into_iter().chain(COLUMNS).collect();
    let ids = ["rna_id", "partner_id"].map(|name| (name, Holds::Text));
    let columns_of_table = ids.into_iter().chain(columns.iter().copied());
    let html = settings.html.as_deref().map(AtomicFile::create).transpose()?;
    let mut page = html.map(|file| Page::start(file, Kind::PValue, &columns, "score"));
    let wrong = Error::io("write", &settings.output);
    let mut rows = RowWriter::start(&mut table, settings.form, columns_of_table).map_err(wrong)?;
    let progress = Progress::new("pairs", count as u64);
    let mut kept = 0_u64;
    for group in &groups {
        let found: Vec<Found> = group.par_iter().map(|pair| found(&strands, pair)).collect();
        let mut order: Vec<usize> = (0..group.len()).collect();
        if let Some(count) = settings.top {
            order.sort_by(|&a, &b| before(&found[a], &found[b]).then(a.cmp(&b)));
            order.truncate(count.get());
        }
        order.retain(|&at| settings.threshold.is_none_or(|least| score(found[at].p_value) >= least));
        let sites: Vec<Option<Site>> = order
            .par_iter()
            .map(|&at| {
                let Sides { rna, partner } = group[at].at;
                best_site(&strands.rna[rna], &strands.partner[partner])
            })
            .collect();
        for (&at, site) in order.iter().zip(&sites) {
            let ids = Sides::of(|side| &records[side][group[at].at[side]].id);
            let label = labelled.then(|| group[at].label.map_or(Cell::Unknown, Cell::Exact));
            let structure = site.as_ref().map(Site::to_string);
            let cells = cells(label, found[at], site.as_ref(), structure.as_deref());
            if let Some(page) = &mut page {
                page.row(ids, &cells)?;
            }
            let all = [Cell::Text(ids.rna.as_str()), Cell::Text(ids.partner.as_str())];
            let all: Vec<Cell<'_>> = all.into_iter().chain(cells).collect();
            rows.row(&all).map_err(Error::io("write", &settings.output))?;
        }
        kept += order.len() as u64;
        progress.add(group.len() as u64);
    }
    progress.end();
    rows.finish().map_err(Error::io("write", &settings.output))?;
    let mut record = Provenance::new(
        super::Args::NAME,
        &About { settings, version: VERSION, shuffles: SHUFFLES, seed: SEED },
    );
    if let Some(pairs) = &settings.pairs {
        record.input("pairs", pairs)?;
    }
    for side in Side::BOTH {
        record.input(&format!("{} sequences", side.name()), sources[side])?;
    }
    record.seed(SEED);
    let total = rejects.total();
    let known = Known {
        model: NAME.to_owned(),
        partner: Molecule::Rna,
        records: records.as_ref().map(|all| Some(all.as_slice())),
    };
    let page = page.map(|page| page.finish(&known, &record)).transpose()?;
    let record = record.file_beside(&settings.output)?;
    let mut outcome = Outcome::done().figure("pairs", count);
    if settings.top.is_some() || settings.threshold.is_some() {
        outcome = outcome.figure("kept", kept);
    }
    Ok(outcome
        .rejected(total)
        .outputs(rejects.into_file().into_iter().chain([table]).chain(page).chain(record)))
}

/// Gives the file of a side, and refuses what this model has no use for.
fn source(settings: &Settings, side: Side) -> Result<&Source> {
    let idle = [("--store", settings.store.is_some()), ("--checkpoint", !settings.checkpoints.is_empty())];
    if let Some((name, _)) = idle.into_iter().find(|(_, typed)| *typed) {
        return Err(Error::setting(name, format!("{NAME} embeds nothing"), "leave it out"));
    }
    for (name, typed, what) in [
        ("--prior", settings.prior.is_some(), "probability"),
        ("--coverage", settings.coverage.is_some(), "affinity"),
    ] {
        if typed {
            return Err(Error::setting(name, format!("{NAME} gives no {what}"), "leave it out"));
        }
    }
    match &settings.given[side] {
        Given::Sequences(source) => Ok(source),
        Given::Stores(_) => {
            let problem = format!("{NAME} reads sequences, not embeddings");
            let remedy = format!("give --{} in its place", side.name());
            Err(Error::setting(format!("--{}-store", side.name()), problem, remedy))
        }
    }
}

/// Lists the pairs, those of one RNA together where the best are asked for, and says whether they have labels.
fn pairs(
    settings: &Settings,
    records: &Sides<Vec<Record>>,
    rejects: &mut Rejects,
) -> Result<(Vec<Vec<Pair>>, bool)> {
    let part = |count: usize| settings.shard.map_or(0..count, |part| part.range(count));
    let Some(path) = &settings.pairs else {
        let all = |rna| {
            (0..records.partner.len()).map(move |partner| Pair { at: Sides { rna, partner }, label: None })
        };
        return Ok((part(records.rna.len()).map(|rna| all(rna).collect()).collect(), false));
    };
    let table = PairTable::read(path)?;
    let places = records.as_ref().map(|all| {
        all.iter().enumerate().map(|(at, record)| (&record.id, at)).collect::<HashMap<&RecordId, usize>>()
    });
    rejects.next_input();
    let mut found = Vec::new();
    for at in part(table.pairs.len()) {
        let pair = &table.pairs[at];
        let ids = Sides { rna: &pair.rna, partner: &pair.partner };
        let missing: Vec<Side> =
            Side::BOTH.into_iter().filter(|&side| !places[side].contains_key(ids[side])).collect();
        if missing.is_empty() {
            found.push(Pair { at: Sides::of(|side| places[side][ids[side]]), label: pair.label });
            continue;
        }
        let words: Vec<String> = missing
            .iter()
            .map(|&side| format!("{} is not in {}", ids[side], settings.given[side].whole(side)))
            .collect();
        let reason = if missing.contains(&Side::Rna) { Reason::UnknownRna } else { Reason::UnknownPartner };
        let id = format!("{} {}", ids.rna, ids.partner);
        rejects.add(table.path(), table.line(at), id.as_bytes(), &Fault::new(reason, words.join(", ")))?;
    }
    if found.is_empty() && settings.shard.is_none() {
        return Err(rejects.nothing_left(table.path(), "pair", table.pairs.len() as u64));
    }
    let groups = if settings.top.is_none() {
        vec![found]
    } else {
        let (mut groups, mut group_of): (Vec<Vec<Pair>>, HashMap<usize, usize>) = Default::default();
        for pair in found {
            let next = groups.len();
            let group = *group_of.entry(pair.at.rna).or_insert(next);
            if group == next {
                groups.push(Vec::new());
            }
            groups[group].push(pair);
        }
        groups
    };
    Ok((groups, table.task.is_some()))
}

fn found(strands: &Sides<Vec<Strand>>, pair: &Pair) -> Found {
    let (rna, partner) = (&strands.rna[pair.at.rna], &strands.partner[pair.at.partner]);
    let energy = hybridise(rna, partner).energy;
    // What does not pair at all need not be compared with anything.
    let p_value = if energy < 0 { Null::of(rna, partner, SEED).p_value(energy) } else { 1.0 };
    Found { energy, p_value }
}

/// Puts the more surprising pair first, then that with the lower energy.
fn before(a: &Found, b: &Found) -> Ordering {
    a.p_value.total_cmp(&b.p_value).then(a.energy.cmp(&b.energy))
}

/// Gives −log10 of the p-value; what cannot be told from 0 is the least positive number.
fn score(p_value: f64) -> f64 {
    -p_value.max(f64::MIN_POSITIVE).log10() + 0.0
}

/// Gives what stands in a row after the identifiers.
fn cells<'a>(
    label: Option<Cell<'a>>,
    Found { energy, p_value }: Found,
    site: Option<&Site>,
    structure: Option<&'a str>,
) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = label.into_iter().collect();
    cells.extend([
        Cell::Number(score(p_value)),
        Cell::Number(p_value),
        Cell::Number(f64::from(energy) / 100.0),
    ]);
    match site {
        Some(site) => {
            for stretch in [site.first(), site.second()] {
                cells.extend([Cell::Count(stretch.start as u64 + 1), Cell::Count(stretch.end as u64)]);
            }
        }
        None => cells.extend([Cell::Unknown; 4]),
    }
    cells.push(structure.map_or(Cell::Unknown, Cell::Text));
    cells
}
