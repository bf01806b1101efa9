//! Reads what an audit is about.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::num::NonZero;

use crossmamba::alphabet::is_letter;
use crossmamba::audit::{Audit, Described, Thresholds};
use crossmamba::identity::Identity;
use crossmamba::io::{Column, Delimiter, Dialect, Source, TableReader, read_sequences_from, rounded};
use crossmamba::pair::{PairTable, Sides, Task};
use crossmamba::record::{Molecule, RecordId};
use crossmamba::split::{FoldName, Groups, Part, RandomFolds, Split, Splitter as _, Stratify};
use crossmamba::{Error, Place, Result};
use serde_json::{Map, Value, json};

use super::{Args, SUMMARY};

/// Folds that are made where no split is known.
const FOLDS: NonZero<u32> = NonZero::new(5).expect("five is not zero");
/// Names under which other programs write what is asked for.
const RNA: [&str; 6] = ["rna_id", "rna", "e_id", "lncrna", "mirna", "rna_name"];
const PARTNER: [&str; 7] =
    ["partner_id", "partner", "f_id", "protein_id", "protein", "molecule", "smiles_id"];
const SCORE: [&str; 10] = [
    "probability",
    "score",
    "prediction",
    "predicted",
    "pred",
    "y_pred",
    "y_score",
    "prob",
    "affinity",
    "predictions",
];

/// Reads the sequences of both sides.
pub(super) fn described(rna: &Source, partner: &Source, thresholds: Thresholds) -> Result<Described> {
    let (rna_kind, rna_letters) = one_side(rna)?;
    let (kind, letters) =
        if rna.path() == partner.path() { (rna_kind, rna_letters.clone()) } else { one_side(partner)? };
    Ok(Described { kinds: Sides::new(rna_kind, kind), letters: Sides::new(rna_letters, letters), thresholds })
}

/// Reads FASTA or a SMILES list, told by the first letter; what holds letters of RNA only is RNA.
fn one_side(source: &Source) -> Result<(Molecule, HashMap<RecordId, Vec<u8>>)> {
    let mut input = source.open()?;
    let start = input.fill_buf().map_err(Error::io("read", source.path()))?;
    let kind = if start.first() == Some(&b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
    let records = read_sequences_from(input, source.path(), kind)?;
    let all_rna =
        || records.iter().all(|one| one.sequence.iter().all(|&letter| is_letter(Molecule::Rna, letter)));
    let kind = if kind == Molecule::Protein && all_rna() { Molecule::Rna } else { kind };
    Ok((kind, records.into_iter().map(|record| (record.id, record.sequence)).collect()))
}

/// Somebody's scores.
pub(super) struct Scores {
    source: std::path::PathBuf,
    /// For each pair of the table, its score and its fold.
    rows: Vec<Option<(f64, Option<FoldName>)>>,
}

impl Scores {
    /// Reads the scores of the pairs of a table; rows about other pairs are counted and left out.
    pub(super) fn read(source: &Source, args: &Args, pairs: &PairTable) -> Result<Self> {
        let wanted = [
            Column::required("--rna-column", args.rna_column.as_deref(), &RNA, 1),
            Column::required("--partner-column", args.partner_column.as_deref(), &PARTNER, 2),
            Column::required("--score-column", args.score_column.as_deref(), &SCORE, 3),
            Column::optional("fold", None, &["fold"], 0),
        ];
        let mut table =
            TableReader::open(source, Dialect { delimiter: Delimiter::Auto, header: true }, &wanted)?;
        let name = |column: usize| table.name(column).unwrap_or_default().to_owned();
        tracing::info!("scores are those of `{}`, of the pairs of `{}` and `{}`", name(2), name(0), name(1));
        let folded = table.has(3);
        let index: HashMap<(&str, &str), usize> = pairs
            .pairs
            .iter()
            .enumerate()
            .map(|(i, pair)| ((pair.rna.as_str(), pair.partner.as_str()), i))
            .collect();
        let mut rows: Vec<Option<(f64, Option<FoldName>)>> = vec![None; pairs.pairs.len()];
        let mut strange = 0_usize;
        while let Some(row) = table.next_row()? {
            let text =
                |column: usize| String::from_utf8_lossy(row.cell(column).unwrap_or_default()).into_owned();
            let (rna, partner) = (text(0), text(1));
            let place = || Place::file(source).line(row.line).record(format!("{rna} {partner}"));
            let Some(&at) = index.get(&(rna.as_str(), partner.as_str())) else {
                strange += 1;
                continue;
            };
            let score = text(2).parse::<f64>().ok().filter(|score| score.is_finite()).ok_or_else(|| {
                let problem = format!("score `{}` is not a finite number", text(2).escape_debug());
                place().error(problem, "name the column of scores with --score-column")
            })?;
            let fold =
                folded.then(|| text(3)).filter(|fold| !fold.is_empty()).map(|fold| FoldName::of_cell(&fold));
            if rows[at].as_ref().is_some_and(|(first, _)| *first != score) {
                return Err(place().error("the pair has another score already", "keep one of the rows"));
            }
            rows[at] = Some((score, fold));
        }
        if rows.iter().all(Option::is_none) {
            let problem = "has no score for any of the pairs";
            return Err(Place::file(source).error(problem, "give it the identifiers of the table of pairs"));
        }
        if strange > 0 {
            tracing::warn!(
                "{}: {strange} rows are about other pairs, and are left out",
                source.path().display()
            );
        }
        Ok(Self { source: source.path().to_path_buf(), rows })
    }

    /// Gives the score of each test pair; of classes as a probability, which is 0.5 at the cut.
    pub(super) fn of_tests(self, test: &[usize], args: &Args, pairs: &PairTable) -> Result<Vec<f64>> {
        let missing = test.iter().filter(|&&pair| self.rows[pair].is_none()).count();
        if let Some(&first) = test.iter().find(|&&pair| self.rows[pair].is_none()) {
            let pair = &pairs.pairs[first];
            let problem = format!("has no score for {missing} of the {} test pairs", test.len());
            let place = Place::file(&self.source).record(format!("{} {}", pair.rna, pair.partner));
            return Err(place.error(problem, "score every test pair"));
        }
        let scores: Vec<f64> =
            test.iter().filter_map(|&pair| self.rows[pair].as_ref().map(|(score, _)| *score)).collect();
        if pairs.task == Some(Task::Affinity) {
            return Ok(scores);
        }
        let probabilities = scores.iter().all(|score| (0.0..=1.0).contains(score));
        Ok(match args.cut {
            None if probabilities => scores,
            cut => {
                let cut = cut.unwrap_or(0.0);
                tracing::info!("scores from {cut} on count as positive");
                by_rank(&scores, cut)
            }
        })
    }

    /// Refuses scores that say they were made in another fold than the split says.
    fn require(&self, split: &Split, pairs: &PairTable, source: &Source) -> Result<()> {
        let folds = self.rows.iter().map(|row| row.as_ref()?.1.as_ref());
        let Some((at, problem)) = split.contradiction(folds, source.path()) else { return Ok(()) };
        let pair = &pairs.pairs[at];
        let place = Place::file(&self.source).record(format!("{} {}", pair.rna, pair.partner));
        Err(place.error(problem, "use the split that was trained on"))
    }

    /// Takes the split from the scores, where each pair of the table has its fold.
    fn split(&self) -> Option<Split> {
        let part =
            |row: &Option<(f64, Option<FoldName>)>| row.as_ref()?.1.as_ref()?.cell().parse::<Part>().ok();
        let parts: Option<Vec<Part>> = self.rows.iter().map(part).collect();
        Split::new(parts?, Groups::default()).ok()
    }
}

/// Puts scores between 0 and 1 in their order, those from the cut on from 0.5 on. Only order and cut count in an audit; a
/// logistic curve would make one value of all that lie far from the cut.
fn by_rank(scores: &[f64], cut: f64) -> Vec<f64> {
    let mut distinct = scores.to_vec();
    distinct.sort_unstable_by(f64::total_cmp);
    distinct.dedup();
    let below = distinct.partition_point(|&score| score < cut);
    let rank = |score: f64| {
        let at = distinct.partition_point(|&other| other < score);
        if at < below {
            at as f64 / (2 * below) as f64
        } else {
            0.5 + (at - below) as f64 / (2 * (distinct.len() - below)) as f64
        }
    };
    scores.iter().map(|&score| rank(score)).collect()
}

/// Finds the split, and says where it comes from.
pub(super) fn split(args: &Args, pairs: &PairTable, scores: Option<&Scores>) -> Result<(Split, String)> {
    if let Some(source) = &args.splits {
        let split = Split::read(source, pairs)?;
        if let Some(scores) = scores {
            scores.require(&split, pairs, source)?;
        }
        return Ok((split, format!("that of {}", source.path().display())));
    }
    if let Some(split) = scores.and_then(Scores::split) {
        return Ok((split, "the folds of the predictions".into()));
    }
    let rule = RandomFolds { folds: FOLDS, seed: args.seed, stratify: Stratify::Label };
    let split = rule.split(pairs, &Identity::by_id(pairs, None))?;
    Ok((split, format!("{FOLDS} random folds, as none was given")))
}

/// The main figures as custom content of `MultiQC`.
pub(super) fn multiqc(args: &Args, found: &Audit) -> Value {
    let row: Map<String, Value> = SUMMARY
        .iter()
        .filter_map(|&name| Some((name.to_owned(), json!(rounded(found.value(name)?)))))
        .collect();
    let folder =
        args.output.file_name().map_or_else(|| "audit".into(), |name| name.to_string_lossy().into_owned());
    let sample = args.common.sample.clone().unwrap_or(folder);
    json!({
        "id": "crossmamba_audit_figures",
        "section_name": "crossmamba-audit: figures",
        "description": "What a set of pairs and its split give away.",
        "plot_type": "table",
        "pconfig": { "id": "crossmamba_audit_figures_table", "title": "crossmamba-audit" },
        "data": { sample: row },
    })
}
