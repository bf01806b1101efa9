//! Draws ROC, and precision over recall.

use super::super::remark::three;
use super::super::{Estimate, Evaluation};
use super::canvas::{Frame, Held, LEGEND_ROW, MUTED, picture, ticks};
use super::comparison::colours;
use super::{Drawn, Figure};
use crate::metrics::{Metric, Point, precision_recall_curve, roc_curve};

pub(super) const UNIT_RANGE: (f64, f64) = (0.0, 1.0);
pub(super) const PLOT: [f64; 4] = [72.0, 64.0, 432.0, 432.0];
pub(super) const WIDTH: u32 = 528;

fn frame() -> Frame {
    Frame { place: PLOT, x: UNIT_RANGE, y: UNIT_RANGE }
}

pub(super) fn sizes(evaluation: &Evaluation) -> String {
    let positives = evaluation.truth.iter().filter(|&&label| label > 0.5).count();
    let folds = match evaluation.folds.len() {
        0 | 1 => String::new(),
        n => format!(", pooled over {n} folds"),
    };
    format!("{} pairs, {positives} of them positive{folds}", evaluation.truth.len())
}

pub(super) fn entry(name: &str, estimate: Estimate) -> String {
    match estimate.interval {
        Some(i) => format!("{name}   {}  [{}, {}]", three(estimate.value), three(i.low), three(i.high)),
        None => format!("{name}   {}", three(estimate.value)),
    }
}

/// Leaves out points that lie on top of the one before at the resolution of the picture.
fn thinned(points: &[Point]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let far = kept.last().is_none_or(|last| (point.x - last.0).hypot(point.y - last.1) > 1.0 / 900.0);
        if far || i + 1 == points.len() {
            kept.push((point.x, point.y));
        }
    }
    kept
}

pub(super) fn roc(evaluation: &Evaluation) -> Drawn<Figure> {
    let legend = legend(evaluation, Metric::Auroc);
    let labels = evaluation.labels();
    let svg = picture((WIDTH, height(legend.len())), |canvas| {
        canvas.title("ROC curve", &sizes(evaluation))?;
        let frame = frame();
        frame.x_axis(canvas, &ticks(UNIT_RANGE), "False positive rate (1 − specificity)")?;
        frame.y_axis(canvas, &ticks(UNIT_RANGE), "True positive rate (sensitivity)")?;
        canvas.dashes(frame.at(0.0, 0.0), frame.at(1.0, 1.0), MUTED)?;
        let colours = colours(evaluation);
        if let [first, ..] = &colours[..] {
            let steps = (evaluation.band.len().max(2) - 1) as f64;
            let edge = |high: bool| {
                let band = evaluation.band.iter().enumerate();
                band.map(move |(k, i)| frame.at(k as f64 / steps, if high { i.high } else { i.low }))
            };
            let around: Vec<_> = edge(true).chain(edge(false).rev()).collect();
            if !around.is_empty() {
                canvas.area(&around, *first, 0.15)?;
            }
        }
        // The model last, on top.
        for (contender, colour) in evaluation.contenders.iter().zip(&colours).rev() {
            let curve = thinned(&roc_curve(&contender.values, &labels));
            let path: Vec<_> = curve.into_iter().map(|(x, y)| frame.at(x, y)).collect();
            canvas.path(&path, *colour, if contender.is_baseline() { 1.5 } else { 2.5 })?;
        }
        canvas.text("AUROC [95 % interval]", (PLOT[0], LEGEND_TOP - 24.0), 12.5, MUTED, Held::Left)?;
        canvas.legend(PLOT[0], LEGEND_TOP, &legend)
    })?;
    Ok(Figure {
        name: "roc",
        title: "ROC curve",
        caption: "How many interacting pairs are found (upwards) at the price of how many false alarms (to the right), \
                  over all thresholds. The dashed line is guessing. The shaded band holds the model's curve in 95 % of \
                  the resamples."
            .into(),
        svg,
    })
}

pub(super) const LEGEND_TOP: f64 = 578.0;

pub(super) fn height(entries: usize) -> u32 {
    (LEGEND_TOP + LEGEND_ROW * entries as f64) as u32
}

fn legend(evaluation: &Evaluation, metric: Metric) -> Vec<(String, plotters::style::RGBColor)> {
    evaluation
        .contenders
        .iter()
        .zip(colours(evaluation))
        .enumerate()
        .map(|(c, (contender, colour))| (entry(&contender.name, evaluation.pooled(c, metric)), colour))
        .collect()
}

/// Puts steps between the points of precision over recall: a recall between those of two thresholds needs the second, with
/// its precision. Straight lines would promise more (Davis & Goadrich, ICML 2006), most for what calls all or nothing.
fn stepped(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.windows(2).flat_map(|pair| [(pair[0].0, pair[1].1), pair[1]]).collect()
}

pub(super) fn precision_recall(evaluation: &Evaluation) -> Drawn<Figure> {
    let legend = legend(evaluation, Metric::Auprc);
    let labels = evaluation.labels();
    let share = labels.iter().filter(|&&label| label).count() as f64 / labels.len() as f64;
    let svg = picture((WIDTH, height(legend.len())), |canvas| {
        canvas.title("Precision and recall", &sizes(evaluation))?;
        let frame = frame();
        frame.x_axis(canvas, &ticks(UNIT_RANGE), "Recall (sensitivity)")?;
        frame.y_axis(canvas, &ticks(UNIT_RANGE), "Precision")?;
        canvas.dashes(frame.at(0.0, share), frame.at(1.0, share), MUTED)?;
        for (contender, colour) in evaluation.contenders.iter().zip(colours(evaluation)).rev() {
            let curve = stepped(&thinned(&precision_recall_curve(&contender.values, &labels)));
            let path: Vec<_> = curve.into_iter().map(|(x, y)| frame.at(x, y)).collect();
            canvas.path(&path, colour, if contender.is_baseline() { 1.5 } else { 2.5 })?;
        }
        canvas.text("AUPRC [95 % interval]", (PLOT[0], LEGEND_TOP - 24.0), 12.5, MUTED, Held::Left)?;
        canvas.legend(PLOT[0], LEGEND_TOP, &legend)
    })?;
    Ok(Figure {
        name: "pr",
        title: "Precision and recall",
        caption: "The share of right calls among the pairs called positive (upwards) at the share of interacting pairs \
                  found (to the right), in steps from threshold to threshold: the area below is AUPRC. The dashed line is \
                  guessing: the share of positive pairs."
            .into(),
        svg,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_between_two_thresholds_is_that_of_the_second() {
        // One that calls every pair the same has the share of positives at every recall.
        let curve = precision_recall_curve(&[0.5; 4], &[true, false, false, false]);
        assert_eq!(stepped(&thinned(&curve)), [(0.0, 0.25), (1.0, 0.25)]);
    }
}
