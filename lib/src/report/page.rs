//! Writes the report as one HTML page that needs nothing from outside.

mod tables;

use std::fmt::Write as _;

pub(crate) use tables::scroll;

use super::remark::{shown, three};
use super::{Evaluation, Figure, Regime, Remark, Seeds};
use crate::identity::Shares;
use crate::metrics::{Aspect, Resample};
use crate::pair::Task;

const STYLE: &str = include_str!("page/style.css");

/// What a page is made of.
#[derive(Debug)]
pub struct Page<'a> {
    /// The page's title.
    pub title: &'a str,
    /// The figures in numbers.
    pub evaluation: &'a Evaluation,
    /// The figures as pictures.
    pub figures: &'a [Figure],
    /// What the figures mean.
    pub remarks: &'a [Remark],
    /// What was reached on pairs that training knows equally well.
    pub regimes: &'a [Regime],
    /// Where the figures of several seeds of a model lie.
    pub seeds: &'a [Seeds],
    /// The card of the model, as plain text.
    pub card: Option<&'a str>,
    /// How well the test pairs' molecules are known from training, each with how molecules are told apart.
    pub familiarity: &'a [(&'a str, Shares)],
    /// The record of what made the page, as JSON.
    pub provenance: &'a str,
}

/// Writes the page.
///
/// ```
/// use crossmamba::metrics::Resample;
/// use crossmamba::pair::{Sides, Task};
/// use crossmamba::report::{Contender, Evaluation, Page, Resampling, TestPairs, figures, page};
///
/// let test = TestPairs {
///     task: Task::Classification,
///     truth: vec![1.0, 0.0, 1.0, 0.0],
///     folds: vec![("holdout".into(), (0..4).collect())],
///     molecules: Sides::new(vec![0, 0, 1, 1], vec![2, 3, 4, 5]),
///     units: vec![0, 1, 2, 3],
/// };
/// let model = Contender::model("crossmamba", vec![0.9, 0.2, 0.7, 0.8]);
/// let draws = Resampling { seed: 1, resamples: 20, by: Resample::Pairs };
/// let evaluation = Evaluation::measure(test, vec![model], draws);
/// let html = page(&Page {
///     title: "Four pairs",
///     evaluation: &evaluation,
///     figures: &figures(&evaluation, "pKd")?,
///     remarks: &[],
///     regimes: &[],
///     seeds: &[],
///     card: None,
///     familiarity: &[],
///     provenance: "{}",
/// });
/// assert!(html.contains("<title>Four pairs · CrossMamba RNA</title>"));
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub fn page(page: &Page<'_>) -> String {
    let mut html = tables::cards(page.evaluation);
    html.push_str(&remarks(page.remarks));
    html.push_str("<section>\n<h2>The model beside its baselines</h2>\n");
    html.push_str(&tables::pooled(page.evaluation, Aspect::Overall));
    html.push_str(&tables::differences(page.evaluation));
    html.push_str("</section>\n");
    html.push_str(&tables::seeds(page.seeds));
    html.push_str(&tables::regimes(page.regimes));
    html.push_str(&bounds(page.evaluation));
    html.push_str(&within(page.evaluation));
    html.push_str(&figures(page.figures));
    if page.evaluation.groups.len() > 1 {
        html.push_str("<section>\n<h2>Each fold</h2>\n");
        html.push_str(&tables::folds(page.evaluation));
        html.push_str("</section>\n");
    }
    html.push_str(&tables::familiarity(page.familiarity));
    html.push_str(&method(page));
    if let Some(card) = page.card {
        let _ = write!(
            html,
            "<section>\n<h2>The model’s card</h2>\n<details>\n<summary>What it learnt from, how it was measured, and where it \
             must not be trusted</summary>\n<pre class=\"card-text\">{}</pre>\n</details>\n</section>\n",
            escaped(card.trim_end())
        );
    }
    document(page.title, &lead(page.evaluation), &html, "", "crossmamba-evaluate", page.provenance)
}

/// Puts a body between the head and the foot that every page has; nothing but the body may hold markup. `style` goes on from
/// the style of every page.
///
/// ```
/// use crossmamba::report::document;
///
/// let page = document("A < B", "What this is.", "<p>x</p>\n", "", "crossmamba-test", "{}");
/// assert!(page.contains("<h1>A &lt; B</h1>") && page.contains("<p>x</p>"));
/// ```
pub fn document(title: &str, lead: &str, body: &str, style: &str, tool: &str, provenance: &str) -> String {
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · CrossMamba RNA</title>\n\
         <style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n</header>\n\
         {body}<footer>\n<details>\n<summary>Made by CrossMamba RNA ({tool} {}) from these inputs and settings</summary>\n\
         <pre>{}</pre>\n</details>\n</footer>\n</main>\n</body>\n</html>\n",
        escaped(lead),
        env!("CARGO_PKG_VERSION"),
        escaped(provenance.trim_end())
    )
}

/// Escapes what HTML would read as markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn lead(evaluation: &Evaluation) -> String {
    let pairs = evaluation.truth.len();
    let what = match evaluation.groups[0].positives {
        Some(positives) => format!("{pairs} test pairs, {positives} of them interacting"),
        None => format!("{pairs} test pairs with a measured affinity"),
    };
    match evaluation.folds.len() {
        0 | 1 => format!("{what}."),
        folds => {
            format!("{what}, in {folds} folds.")
        }
    }
}

fn remarks(remarks: &[Remark]) -> String {
    if remarks.is_empty() {
        return String::new();
    }
    let mut html = String::from("<section>\n<h2>What the figures mean</h2>\n<ul class=\"remarks\">\n");
    for remark in remarks {
        let class = if remark.warning { "warning" } else { "note" };
        let _ = writeln!(html, "<li class=\"{class}\">{}</li>", escaped(&remark.text));
    }
    html.push_str("</ul>\n</section>\n");
    html
}

/// Shows how far the bounds of affinities hold; nothing where no model gives any.
fn bounds(evaluation: &Evaluation) -> String {
    if evaluation.contenders.iter().all(|contender| contender.bounds.is_none()) {
        return String::new();
    }
    format!(
        "<section>\n<h2>Within the bounds</h2>\n<p>The share of measured affinities that lie between <code>low</code> and \
         <code>high</code>, which should be the certainty that was asked for (0.9 unless another was named), and how far \
         apart the two are. A coverage above it says that the bounds are wider than they need be.</p>\n{}</section>\n",
        tables::pooled(evaluation, Aspect::Bounds)
    )
}

/// Shows the figures that no count of labels explains, and those of a screen where positives are few.
fn within(evaluation: &Evaluation) -> String {
    let what = match evaluation.task {
        Task::Classification => {
            "AUROC: the share of couples of a positive and a negative that are ordered rightly"
        }
        Task::Affinity => {
            "rank correlation (Somers’ D): couples that are ordered rightly less those that are not, as a share"
        }
    };
    let mut html = format!(
        "<section>\n<h2>Within one molecule</h2>\n<p>How the pairs of one RNA, or of one partner, are ordered among \
         themselves in each fold ({what}; each couple counts alike). How often that molecule binds orders nothing here. The \
         baselines without sequences still know how often the molecules on the other side bind, where these were trained \
         on.</p>\n{}</section>\n",
        tables::pooled(evaluation, Aspect::Within)
    );
    if evaluation.has_few_positives() {
        let _ = write!(
            html,
            "<section>\n<h2>At the top of the list</h2>\n<p>Where few pairs are positive, a screen looks at the best of \
             them only: AUPRC as a multiple of that of a random order, how many times more positives stand in the top 1 % \
             and 5 % than in a random order (EF), and early recognition (BEDROC, α = {}).</p>\n{}</section>\n",
            crate::metrics::BEDROC_ALPHA,
            tables::pooled(evaluation, Aspect::Early)
        );
    }
    html
}

fn figures(figures: &[Figure]) -> String {
    let mut html = String::from("<section>\n<h2>Figures</h2>\n<div class=\"figures\">\n");
    for figure in figures {
        let wide = if matches!(figure.name, "models" | "folds" | "calibration" | "learning") {
            " class=\"wide\""
        } else {
            ""
        };
        // An inline picture needs no declaration and no fixed size: it takes the width of its column.
        let svg = figure.svg.find("<svg").map_or(figure.svg.as_str(), |start| &figure.svg[start..]);
        let _ = write!(
            html,
            "<figure id=\"{}\"{wide}>\n{}\n<figcaption><b>{}.</b> {}</figcaption>\n</figure>\n",
            figure.name,
            svg.trim_end().replacen(
                "<svg ",
                &format!("<svg role=\"img\" aria-label=\"{}\" ", figure.title),
                1
            ),
            figure.title,
            escaped(&figure.caption)
        );
    }
    html.push_str("</div>\n</section>\n");
    html
}

fn method(page: &Page<'_>) -> String {
    let evaluation = page.evaluation;
    let measures = match evaluation.task {
        Task::Classification => {
            "A pair is called positive from a probability of 0.5 on. AUPRC is the average precision; ties count one half \
             in AUROC. ECE is the mean distance between probability and share of positives in ten bins of equal width; \
             few pairs make it larger, resamples of them more so, and its interval may lie above it."
        }
        Task::Affinity => {
            "RMSE and MAE are in the unit of the labels. Spearman's ρ gives ties their average rank."
        }
    };
    let baselines: Vec<String> = evaluation
        .contenders
        .iter()
        .filter_map(|contender| contender.baseline)
        .map(|baseline| format!("<dt>{baseline}</dt><dd>{}</dd>", baseline.explained()))
        .collect();
    let baselines = if baselines.is_empty() {
        String::new()
    } else {
        format!("<h3>The baselines</h3>\n<dl>{}</dl>\n", baselines.concat())
    };
    let resamples = match evaluation.by {
        Resample::Pairs => {
            "of pairs (a pair and its mirror are one), drawn within each fold. They treat pairs as independent. Pairs that \
             share a molecule are not, so that the true uncertainty, above all for molecules never seen, is larger than \
             the intervals say."
        }
        Resample::Molecules => {
            "of RNAs and of partners: a pair is drawn as often as its RNA times its partner (the pigeonhole bootstrap, \
             Owen 2007). They say how far the figures would move with other molecules, and are rather too wide than too \
             narrow."
        }
    };
    format!(
        "<section class=\"method\">\n<h2>How this was computed</h2>\n<p>{measures} A measure that is not defined is \
         shown as NA.</p>\n<p>Intervals hold the middle 95 % of {} bootstrap resamples {resamples} Differences are taken on \
         the same resamples.</p>\n{baselines}</section>\n",
        evaluation.resamples
    )
}
