//! Draws ROC, precision–recall and reliability.

use plotters::style::RGBColor;

use super::super::remark::three;
use super::super::{Estimate, Evaluation};
use super::canvas::{Canvas, Frame, GRID, Held, INK, LEGEND_ROW, MUTED, colour, picture, ticks};
use super::comparison::colours;
use super::{Drawn, Figure};
use crate::metrics::{
    Bin, Metric, Point, THRESHOLD, precision_recall_curve, reliability as bins_of, roc_curve,
};

const UNIT_RANGE: (f64, f64) = (0.0, 1.0);
const PLOT: [f64; 4] = [72.0, 64.0, 432.0, 432.0];
const WIDTH: u32 = 528;

fn frame() -> Frame {
    Frame { place: PLOT, x: UNIT_RANGE, y: UNIT_RANGE }
}

fn sizes(evaluation: &Evaluation) -> String {
    let positives = evaluation.truth.iter().filter(|&&label| label > 0.5).count();
    let folds = match evaluation.folds.len() {
        0 | 1 => String::new(),
        n => format!(", pooled over {n} folds"),
    };
    format!("{} pairs, {positives} of them positive{folds}", evaluation.truth.len())
}

fn entry(name: &str, estimate: Estimate) -> String {
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

const LEGEND_TOP: f64 = 578.0;

fn height(entries: usize) -> u32 {
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
            let curve = thinned(&precision_recall_curve(&contender.values, &labels));
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
                  found (to the right). The dashed line is guessing: the share of positive pairs."
            .into(),
        svg,
    })
}

pub(super) fn reliability(evaluation: &Evaluation) -> Drawn<Figure> {
    const COUNTS: [f64; 4] = [72.0, 516.0, 432.0, 70.0];
    let models: Vec<usize> =
        (0..evaluation.contenders.len()).filter(|&c| !evaluation.contenders[c].is_baseline()).collect();
    let labels = evaluation.labels();
    let legend: Vec<_> = models
        .iter()
        .map(|&c| {
            (entry(&evaluation.contenders[c].name, evaluation.pooled(c, Metric::Ece)), colour(false, c))
        })
        .collect();
    let top = LEGEND_TOP + 86.0;
    let svg = picture((WIDTH, height(legend.len()) + 86), |canvas| {
        canvas.title("Reliability of the probabilities", &sizes(evaluation))?;
        let frame = Frame { place: PLOT, x: UNIT_RANGE, y: UNIT_RANGE };
        frame.y_axis(canvas, &ticks(UNIT_RANGE), "Share of positive pairs")?;
        for tick in ticks(UNIT_RANGE) {
            canvas.path(&[frame.at(tick, 0.0), frame.at(tick, 1.0)], GRID, 1.0)?;
        }
        canvas.path(&[frame.at(0.0, 0.0), frame.at(1.0, 0.0)], MUTED, 1.0)?;
        canvas.dashes(frame.at(0.0, 0.0), frame.at(1.0, 1.0), MUTED)?;
        let bins: Vec<_> =
            models.iter().map(|&c| bins_of(&evaluation.contenders[c].values, &labels)).collect();
        let most = bins.iter().flatten().map(|bin| bin.count).fold(1.0, f64::max);
        let counts = Frame { place: COUNTS, x: UNIT_RANGE, y: (0.0, most * 1.1) };
        counts.x_axis(canvas, &ticks(UNIT_RANGE), "Predicted probability")?;
        canvas.text_upwards("Pairs", (26.0, COUNTS[1] + COUNTS[3] / 2.0), 13.5, INK)?;
        canvas.text(&format!("{most:.0}"), (65.0, counts.at(0.0, most).1), 12.0, MUTED, Held::Right)?;
        canvas.text("0", (65.0, counts.at(0.0, 0.0).1), 12.0, MUTED, Held::Right)?;
        for (m, (bins, &c)) in bins.iter().zip(&models).enumerate().rev() {
            let colour = colour(false, c);
            let width = 0.08 / models.len() as f64;
            for (k, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0.0) {
                let left = (k as f64 + 0.1) / bins.len() as f64 + width * m as f64;
                let bar = [(left, 0.0), (left + width, 0.0), (left + width, bin.count), (left, bin.count)];
                canvas.area(&bar.map(|(x, y)| counts.at(x, y)), colour, 0.55)?;
            }
            observed(canvas, &frame, bins, colour)?;
        }
        canvas.text(
            "Expected calibration error [95 % interval]",
            (PLOT[0], top - 24.0),
            12.5,
            MUTED,
            Held::Left,
        )?;
        canvas.legend(PLOT[0], top, &legend)
    })?;
    Ok(Figure {
        name: "reliability",
        title: "Reliability of the probabilities",
        caption: "Of the pairs that get a probability (to the right), how many do interact (upwards); bars are 95 % \
                  intervals (Wilson). On the dashed line a probability means what it says; below it the model is too \
                  sure. Underneath: how many pairs get which probability."
            .into(),
        svg,
    })
}

/// Draws how the model's probabilities spread over the pairs of either class.
pub(super) fn scores(evaluation: &Evaluation) -> Drawn<Figure> {
    const BINS: usize = 25;
    let Some(model) = evaluation.contenders.first() else { return Err("there is no model to draw".into()) };
    let mut counts = [[0.0_f64; BINS]; 2];
    for (&probability, label) in model.values.iter().zip(evaluation.labels()) {
        counts[usize::from(label)][((probability * BINS as f64) as usize).min(BINS - 1)] += 1.0;
    }
    let most = counts.iter().flatten().fold(1.0, |most: f64, &count| most.max(count)) * 1.08;
    let svg = picture((WIDTH, 682), |canvas| {
        canvas.title("Probabilities of either class", &format!("{}: {}", model.name, sizes(evaluation)))?;
        let half = f64::midpoint(PLOT[3], 90.0);
        let classes = [(false, "Non-interacting pairs", half), (true, "Interacting pairs", 0.0)];
        for (label, name, below) in classes {
            let place = [PLOT[0], PLOT[1] + below, PLOT[2], half - 28.0];
            let frame = Frame { place, x: UNIT_RANGE, y: (0.0, most) };
            frame.y_axis(canvas, &ticks((0.0, most)), name)?;
            for (k, &count) in
                counts[usize::from(label)].iter().enumerate().filter(|(_, count)| **count > 0.0)
            {
                let (left, right) = ((k as f64 + 0.08) / BINS as f64, (k as f64 + 0.92) / BINS as f64);
                let bar = [(left, 0.0), (right, 0.0), (right, count), (left, count)];
                let shade = if label { colour(false, 0) } else { colour(true, 1) };
                canvas.area(&bar.map(|(x, y)| frame.at(x, y)), shade, 0.85)?;
            }
            canvas.dashes(frame.at(THRESHOLD, 0.0), frame.at(THRESHOLD, most), INK)?;
            if label {
                frame.axes(canvas)?;
            } else {
                frame.x_axis(canvas, &ticks(UNIT_RANGE), "Predicted probability")?;
            }
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "scores",
        title: "Probabilities of either class",
        caption: "How many pairs of each class get which probability; the dashed line is the threshold from which on a \
                  pair is called positive. The less the two overlap, the better the model separates them."
            .into(),
        svg,
    })
}

/// Draws the share of positive pairs over the probability, bin by bin, with Wilson's intervals.
pub(super) fn observed(canvas: &Canvas<'_>, frame: &Frame, bins: &[Bin], shade: RGBColor) -> Drawn<()> {
    let mut path = Vec::new();
    for bin in bins.iter().filter(|bin| bin.count > 0.0) {
        let (low, high) = wilson(bin.observed, bin.count);
        canvas.path(&[frame.at(bin.predicted, low), frame.at(bin.predicted, high)], shade, 1.5)?;
        path.push(frame.at(bin.predicted, bin.observed));
        canvas.dot(frame.at(bin.predicted, bin.observed), 4.0, shade, 1.0)?;
    }
    canvas.path(&path, shade, 1.5)
}

/// Gives Wilson's 95 % interval of a share among `count` pairs.
fn wilson(share: f64, count: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let half = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt() / scale;
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_never_leaves_the_unit_range() {
        let (low, high) = wilson(0.0, 10.0);
        assert!(low == 0.0 && (high - 0.2775).abs() < 1e-3, "{high}");
    }
}
