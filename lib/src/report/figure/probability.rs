//! Draws what probabilities are worth: their reliability, and how they spread over the classes.

use plotters::style::RGBColor;

use super::super::Evaluation;
use super::canvas::{Canvas, Frame, GRID, Held, INK, MUTED, colour, picture, ticks};
use super::classification::{LEGEND_TOP, PLOT, UNIT_RANGE, WIDTH, entry, height, sizes};
use super::{Drawn, Figure};
use crate::metrics::{Bin, Metric, THRESHOLD, reliability as bins_of};

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
    const END: f64 = 0.05;
    let Some(model) = evaluation.contenders.first() else { return Err("there is no model to draw".into()) };
    // Of few positives hardly a probability reaches the threshold: the picture then ends where they do.
    let largest = model.values.iter().fold(0.0, |most: f64, &probability| most.max(probability));
    let end = if largest < THRESHOLD { ((largest / END).floor() + 1.0) * END } else { 1.0 };
    let mut counts = [[0.0_f64; BINS]; 2];
    for (&probability, label) in model.values.iter().zip(evaluation.labels()) {
        counts[usize::from(label)][((probability / end * BINS as f64) as usize).min(BINS - 1)] += 1.0;
    }
    let svg = picture((WIDTH, 682), |canvas| {
        canvas.title("Probabilities of either class", &format!("{}: {}", model.name, sizes(evaluation)))?;
        let half = f64::midpoint(PLOT[3], 90.0);
        let classes = [(false, "Non-interacting pairs", half), (true, "Interacting pairs", 0.0)];
        for (label, name, below) in classes {
            let place = [PLOT[0], PLOT[1] + below, PLOT[2], half - 28.0];
            let counts = counts[usize::from(label)];
            let most = counts.iter().fold(1.0, |most: f64, &count| most.max(count)) * 1.08;
            let frame = Frame { place, x: (0.0, end), y: (0.0, most) };
            frame.y_axis(canvas, &ticks((0.0, most)), name)?;
            for (k, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                let [left, right] = [0.08, 0.92].map(|inset| end * (k as f64 + inset) / BINS as f64);
                let bar = [(left, 0.0), (right, 0.0), (right, count), (left, count)];
                let shade = if label { colour(false, 0) } else { colour(true, 1) };
                canvas.area(&bar.map(|(x, y)| frame.at(x, y)), shade, 0.85)?;
            }
            if THRESHOLD < end {
                canvas.dashes(frame.at(THRESHOLD, 0.0), frame.at(THRESHOLD, most), INK)?;
            }
            if label {
                frame.axes(canvas)?;
            } else {
                frame.x_axis(canvas, &ticks(frame.x), "Predicted probability")?;
            }
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "scores",
        title: "Probabilities of either class",
        caption: format!(
            "How many pairs of each class get which probability; {} The less the two overlap, the better the model separates \
             them.",
            if THRESHOLD < end {
                "the dashed line is the threshold from which on a pair is called positive."
            } else {
                "none reaches the threshold of 0.5, from which on a pair is called positive."
            }
        ),
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
