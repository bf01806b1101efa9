//! Writes the tables of the page.

use std::fmt::Write as _;

use super::{Evaluation, escaped, shown, three};
use crate::identity::Shares;
use crate::metrics::{Aspect, Interval, Metric};
use crate::pair::Task;
use crate::report::{Contender, Estimate, Regime, Seeds, Spread};

fn interval(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |i| {
        format!("<span class=\"interval\">[{}, {}]</span>", three(i.low), three(i.high))
    })
}

fn cell(estimate: Estimate) -> String {
    if estimate.value.is_nan() {
        return "<td class=\"none\">NA</td>".into();
    }
    format!("<td>{}{}</td>", three(estimate.value), interval(estimate.interval))
}

/// Shortens the names that would widen their column.
fn short(metric: Metric) -> &'static str {
    match metric {
        Metric::Sensitivity => "sens.",
        Metric::Specificity => "spec.",
        Metric::Brier => "Brier",
        Metric::Width => "width",
        Metric::Enrichment1 => "EF 1 %",
        Metric::Enrichment5 => "EF 5 %",
        other => shown(other),
    }
}

/// Begins what scrolls where the page is narrow, also by the keys; `what` is its name, escaped.
pub(crate) fn scroll(what: &str) -> String {
    format!("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{what}\">")
}

fn head(first: &str, metrics: &[Metric]) -> String {
    let mut html = format!("{}<table>\n<thead><tr><th>{first}</th>", scroll(first));
    for &metric in metrics {
        let arrow = match metric {
            Metric::Coverage => "as near as can be to the certainty asked for",
            _ if metric.is_error() => "lower is better",
            _ => "higher is better",
        };
        let _ = write!(html, "<th title=\"{arrow}\">{}</th>", short(metric));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    html
}

/// Shows the most important figures large.
pub(super) fn cards(evaluation: &Evaluation) -> String {
    let mut html = String::from("<div class=\"cards\">\n");
    let metrics: &[Metric] = match evaluation.task {
        Task::Classification if evaluation.has_few_positives() => {
            &[Metric::Auroc, Metric::Auprc, Metric::Enrichment1, Metric::AurocInRna]
        }
        Task::Classification => &[Metric::Accuracy, Metric::Mcc, Metric::Auroc, Metric::Auprc],
        Task::Affinity => &[Metric::Pearson, Metric::Spearman, Metric::Rmse, Metric::Mae],
    };
    for &metric in metrics {
        let estimate = evaluation.pooled(0, metric);
        let _ = writeln!(
            html,
            "<div class=\"card\"><span class=\"name\">{}</span><span class=\"value\">{}</span>{}</div>",
            shown(metric),
            three(estimate.value),
            interval(estimate.interval)
        );
    }
    html.push_str("</div>\n");
    html
}

/// The measures of one aspect, with their places in the lists of estimates.
fn of(evaluation: &Evaluation, aspect: Aspect) -> (Vec<usize>, Vec<Metric>) {
    let metrics = evaluation.metrics.iter().copied().enumerate();
    metrics.filter(|(_, metric)| metric.aspect() == aspect).unzip()
}

/// One row for each contender, all pairs together.
pub(super) fn pooled(evaluation: &Evaluation, aspect: Aspect) -> String {
    let (places, metrics) = of(evaluation, aspect);
    let mut html = head("All test pairs together", &metrics);
    for (c, contender) in evaluation.contenders.iter().enumerate() {
        if aspect == Aspect::Bounds && contender.bounds.is_none() {
            continue;
        }
        let class = if contender.is_baseline() { "baseline" } else { "model" };
        let _ = write!(html, "<tr class=\"{class}\"><th scope=\"row\">{}</th>", escaped(&contender.name));
        for &place in &places {
            html.push_str(&cell(evaluation.estimates[c][0][place]));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// The first contender minus each other; the page leaves out what follows from the rest (`differences.tsv` has all).
pub(super) fn differences(evaluation: &Evaluation) -> String {
    if evaluation.contenders.len() < 2 {
        return String::new();
    }
    let metrics: Vec<Metric> = evaluation
        .metrics
        .iter()
        .copied()
        .filter(|metric| metric.aspect() == Aspect::Overall)
        .filter(|metric| !matches!(metric, Metric::Sensitivity | Metric::Specificity))
        .collect();
    let mut html = head(&format!("{} minus …", escaped(&evaluation.contenders[0].name)), &metrics);
    for (c, contender) in evaluation.contenders.iter().enumerate().skip(1) {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escaped(&contender.name));
        for &metric in &metrics {
            let estimate = evaluation.difference(c, metric);
            let sign = if metric.is_error() { -1.0 } else { 1.0 };
            let class = match estimate.interval {
                Some(i) if sign * i.low > 0.0 && sign * i.high > 0.0 => " class=\"better\"",
                Some(i) if sign * i.low < 0.0 && sign * i.high < 0.0 => " class=\"worse\"",
                _ => "",
            };
            html.push_str(&cell(estimate).replacen("<td>", &format!("<td{class}>"), 1));
        }
        html.push_str("</tr>\n");
    }
    html.push_str(
        "</tbody></table></div>\n<p class=\"small\">Coloured where the interval excludes zero: blue, the first is \
         better; red, it is worse.</p>\n",
    );
    html
}

/// The first contender on pairs that training knows equally well, and the best of the baselines without sequences.
pub(super) fn regimes(regimes: &[Regime]) -> String {
    let Some(first) = regimes.first() else { return String::new() };
    let first = &first.evaluation;
    let metrics: &[Metric] = match first.task {
        Task::Classification => &[Metric::Auroc, Metric::Auprc, Metric::Mcc, Metric::Brier, Metric::Ece],
        Task::Affinity if first.contenders[0].bounds.is_some() => {
            &[Metric::Pearson, Metric::Spearman, Metric::Rmse, Metric::Mae, Metric::Coverage]
        }
        Task::Affinity => &[Metric::Pearson, Metric::Spearman, Metric::Rmse, Metric::Mae],
    };
    let main = metrics[0];
    let mut html = format!(
        "<section>\n<h2>By how well training knows a pair</h2>\n<p>{}, on the pairs of each kind by themselves; the last \
         column is the best rule that reads no sequence. Known: the very molecule is in training; near: one much like it is; \
         new: neither. Kinds of fewer than twenty pairs are left out.</p>\n",
        escaped(&first.contenders[0].name)
    );
    html.push_str(
        &head("Known from training", metrics)
            .replace("</tr></thead>", &format!("<th>best rule, {}</th></tr></thead>", short(main))),
    );
    for Regime { flag, evaluation } in regimes {
        let all = &evaluation.groups[0];
        let positive = all.positives.map_or_else(String::new, |positives| format!(", {positives} positive"));
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}<span class=\"interval\">{} pairs{positive}</span></th>",
            flag.name(),
            all.pairs
        );
        for &metric in metrics {
            html.push_str(&cell(evaluation.pooled(0, metric)));
        }
        let blind = evaluation.contenders.iter().enumerate().filter(|(_, contender)| contender.is_blind());
        let best = blind
            .map(|(at, contender): (usize, &Contender)| (evaluation.pooled(at, main), contender))
            .filter(|(estimate, _)| !estimate.value.is_nan())
            .max_by(|a, b| a.0.value.total_cmp(&b.0.value));
        match best {
            Some((estimate, contender)) => {
                let _ = write!(
                    html,
                    "<td>{}<span class=\"interval\">{}</span></td>",
                    three(estimate.value),
                    escaped(&contender.name)
                );
            }
            None => html.push_str("<td class=\"none\">NA</td>"),
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}

/// Where the figures of the seeds of a model lie.
pub(super) fn seeds(seeds: &[Seeds]) -> String {
    let Some(first) = seeds.first() else { return String::new() };
    let overall = |(metric, _): &&(Metric, Spread)| metric.aspect() == Aspect::Overall;
    let metrics: Vec<Metric> = first.spreads.iter().filter(overall).map(|(metric, _)| *metric).collect();
    let mut html = String::from(
        "<section>\n<h2>Seed by seed</h2>\n<p>The median of the figures of single seeds, with the least and the most. All other \
         figures of such a model are those of the mean of its seeds’ predictions, which is better than most seeds.</p>\n",
    );
    html.push_str(&head("Model", &metrics));
    for Seeds { name, count, spreads } in seeds {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}<span class=\"interval\">{count} seeds</span></th>",
            escaped(name)
        );
        for (_, Spread { least, median, most }) in spreads.iter().filter(overall) {
            let ends = Interval { low: *least, high: *most };
            html.push_str(&cell(Estimate { value: *median, interval: Some(ends) }));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}

/// The first contender, fold by fold.
pub(super) fn folds(evaluation: &Evaluation) -> String {
    let name = escaped(&evaluation.contenders[0].name);
    let (places, metrics) = of(evaluation, Aspect::Overall);
    let mut html = head(&format!("{name}, fold (pairs)"), &metrics);
    for (g, group) in evaluation.groups.iter().enumerate() {
        let size = match group.positives {
            Some(positives) => format!("{} pairs, {positives} positive", group.pairs),
            None => format!("{} pairs", group.pairs),
        };
        let size = if group.name == "mean" { "of the folds".to_owned() } else { size };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}<span class=\"interval\">{size}</span></th>",
            escaped(&group.name)
        );
        for &place in &places {
            html.push_str(&cell(evaluation.estimates[0][g][place]));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// How much of the test was known from training.
pub(super) fn familiarity(known: &[(&str, Shares)]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<section>\n<h2>What the split tests</h2>\n<p>Share of the test pairs whose molecules also stand in training \
         pairs. The more of them, the more a model can win by remembering molecules.</p>\n",
    );
    html.push_str(&scroll("What the split tests"));
    html.push_str(
        "<table>\n<thead><tr><th>Molecules told apart</th><th>both known</th><th>RNA only</th><th>partner only</th>\
         <th>neither</th><th>same pair</th></tr></thead>\n<tbody>\n",
    );
    for (how, shares) in known {
        let _ = write!(html, "<tr><th scope=\"row\">{how}</th>");
        for share in [shares.both, shares.rna_only, shares.partner_only, shares.neither, shares.same_pair] {
            let _ = write!(html, "<td>{:.1} %</td>", 100.0 * share);
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}
