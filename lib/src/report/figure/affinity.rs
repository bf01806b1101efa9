//! Draws predicted over measured affinity.

use super::super::Evaluation;
use super::super::remark::three;
use super::canvas::{Frame, Held, INK, MUTED, picture, ticks};
use super::comparison::colours;
use super::{Drawn, Figure};
use crate::metrics::Metric;

/// More dots than this hide each other and make the page heavy: every k-th pair is drawn.
const MOST_DOTS: usize = 4000;

/// Draws the report's own model, or the first baseline beside it on the same scales.
pub(super) fn scatter(evaluation: &Evaluation, unit: &str, contender: usize) -> Drawn<Figure> {
    let Some(model) = evaluation.contenders.get(contender) else {
        return Err("there is no model to draw".into());
    };
    let all = evaluation.contenders.iter().flat_map(|any| &any.values).chain(&evaluation.truth).copied();
    let (low, high) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let margin = ((high - low) * 0.04).max(1e-3);
    let range = (low - margin, high + margin);
    let shade = colours(evaluation)[contender];
    let step = evaluation.truth.len().div_ceil(MOST_DOTS).max(1);
    let svg = picture((528, 560), |canvas| {
        let n = evaluation.truth.len();
        let folds = match evaluation.folds.len() {
            0 | 1 => String::new(),
            folds => format!(", pooled over {folds} folds"),
        };
        canvas.title("Predicted and measured affinity", &format!("{}: {n} pairs{folds}", model.name))?;
        let frame = Frame { place: [72.0, 64.0, 432.0, 432.0], x: range, y: range };
        frame.x_axis(canvas, &ticks(range), &format!("Measured {unit}"))?;
        frame.y_axis(canvas, &ticks(range), &format!("Predicted {unit}"))?;
        canvas.dashes(frame.at(range.0, range.0), frame.at(range.1, range.1), MUTED)?;
        let opacity = (12.0 / (n as f64 / step as f64).sqrt()).clamp(0.25, 0.7);
        for (&measured, &predicted) in evaluation.truth.iter().zip(&model.values).step_by(step) {
            canvas.dot(frame.at(measured, predicted), 2.75, shade, opacity)?;
        }
        for (k, metric) in [Metric::Pearson, Metric::Spearman, Metric::Rmse].into_iter().enumerate() {
            let estimate = evaluation.pooled(contender, metric);
            let interval = estimate
                .interval
                .map_or(String::new(), |i| format!("  [{}, {}]", three(i.low), three(i.high)));
            let name = super::super::remark::shown(metric);
            let line = format!("{name} {}{interval}", three(estimate.value));
            canvas.text(&line, (82.0, 80.0 + 19.0 * k as f64), 13.0, INK, Held::Left)?;
        }
        Ok(())
    })?;
    let drawn = if step > 1 { format!(" One pair in {step} is drawn.") } else { String::new() };
    Ok(Figure {
        name: if model.is_baseline() { "scatter-baseline" } else { "scatter" },
        title: if model.is_baseline() {
            "The same for a baseline"
        } else {
            "Predicted and measured affinity"
        },
        caption: format!(
            "{}: one dot per pair; on the dashed line prediction and measurement agree. The range of the predictions is \
             narrower than that of the measurements when the model hedges.{drawn}",
            model.name
        ),
        svg,
    })
}
