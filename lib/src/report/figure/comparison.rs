//! Draws models and baselines side by side: pooled, and fold by fold.

use plotters::style::RGBColor;

use super::super::remark::{shown, three};
use super::super::{Estimate, Evaluation};
use super::canvas::{Canvas, Frame, GRID, Held, INK, LEGEND_ROW, MUTED, colour, picture, ticks};
use super::{Drawn, Figure};
use crate::metrics::Metric;

/// Gives each contender its colour.
pub(super) fn colours(evaluation: &Evaluation) -> Vec<RGBColor> {
    let mut drawn = [0, 0];
    evaluation
        .contenders
        .iter()
        .map(|contender| {
            let n = &mut drawn[usize::from(contender.is_baseline())];
            *n += 1;
            colour(contender.is_baseline(), *n - 1)
        })
        .collect()
}

/// Gives a range of round numbers that holds the figures and their intervals.
fn range(metric: Metric, estimates: impl Iterator<Item = Estimate>) -> (f64, f64) {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for estimate in estimates {
        let ends = estimate.interval.map_or([estimate.value; 2], |i| [i.low, i.high]);
        for value in ends.into_iter().chain([estimate.value]).filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
    }
    if low > high {
        return (0.0, 1.0);
    }
    let step = match high - low {
        span if span > 0.5 => 0.2,
        _ if high < 0.1 => 0.02,
        _ => 0.1,
    };
    let (low, high) = ((low / step - 0.2).floor() * step, (high / step + 0.2).ceil() * step);
    let low = if matches!(metric, Metric::Mcc | Metric::Pearson) { low } else { low.max(0.0) };
    if metric.is_error() { (low, high) } else { (low, high.min(1.0)) }
}

pub(super) fn models(evaluation: &Evaluation) -> Drawn<Figure> {
    const ROW: f64 = 30.0;
    let count = evaluation.contenders.len() as f64;
    let height = ROW * count + 8.0;
    let svg = picture((860, (64.0 + height + 52.0) as u32), |canvas| {
        let n = evaluation.truth.len();
        canvas.title("The model beside its baselines", &format!("{n} pairs; dots with 95 % intervals"))?;
        for (panel, metric) in evaluation.main_metrics().into_iter().enumerate() {
            let all = || (0..evaluation.contenders.len()).map(|c| evaluation.pooled(c, metric));
            let frame = Frame {
                place: [190.0 + 335.0 * panel as f64, 64.0, 240.0, height],
                x: range(metric, all()),
                y: (0.0, count + 8.0 / ROW),
            };
            frame.x_axis(canvas, &ticks(frame.x), shown(metric))?;
            for (c, colour) in colours(evaluation).into_iter().enumerate() {
                let y = count + 4.0 / ROW - c as f64 - 0.5;
                let estimate = evaluation.pooled(c, metric);
                let middle = frame.at(frame.x.0, y).1;
                if panel == 0 {
                    canvas.text(&evaluation.contenders[c].name, (176.0, middle), 13.5, INK, Held::Right)?;
                }
                bar(canvas, estimate, |v| frame.at(v, y), colour)?;
                let right = frame.place[0] + frame.place[2] + 12.0;
                canvas.text(&three(estimate.value), (right, middle), 13.5, INK, Held::Left)?;
            }
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "models",
        title: "The model beside its baselines",
        caption: "Counts, rules and additive effects look at no sequence: they know only how often each molecule was seen \
                  with which label in the training pairs of the same folds. What lies between them and the model is what \
                  sequences add."
            .into(),
        svg,
    })
}

/// Draws a dot and its interval.
fn bar(
    canvas: &Canvas<'_>,
    estimate: Estimate,
    at: impl Fn(f64) -> (f64, f64),
    colour: RGBColor,
) -> Drawn<()> {
    if let Some(interval) = estimate.interval {
        canvas.path(&[at(interval.low), at(interval.high)], colour, 2.0)?;
    }
    if estimate.value.is_finite() {
        canvas.dot(at(estimate.value), 4.5, colour, 1.0)?;
    }
    Ok(())
}

pub(super) fn folds(evaluation: &Evaluation) -> Drawn<Figure> {
    // The folds, then their mean and the pooled pairs.
    let order: Vec<usize> = (2..evaluation.groups.len()).chain([1, 0]).collect();
    let colours = colours(evaluation);
    let rows = evaluation.contenders.len().div_ceil(4);
    let svg = picture((860, (384.0 + LEGEND_ROW * rows as f64) as u32), |canvas| {
        let n = evaluation.truth.len();
        canvas.title(
            "Fold by fold",
            &format!("{n} pairs; dots with 95 % intervals, below them the pairs of a fold"),
        )?;
        for (panel, metric) in evaluation.main_metrics().into_iter().enumerate() {
            let all = order.iter().flat_map(|&g| {
                (0..evaluation.contenders.len()).map(move |c| evaluation.estimate(c, g, metric))
            });
            let frame = Frame {
                place: [72.0 + 410.0 * panel as f64, 64.0, 340.0, 240.0],
                x: (0.0, order.len() as f64),
                y: range(metric, all),
            };
            frame.y_axis(canvas, &ticks(frame.y), shown(metric))?;
            let bottom = frame.place[1] + frame.place[3];
            canvas.path(&[frame.at(0.0, frame.y.0), frame.at(frame.x.1, frame.y.0)], MUTED, 1.0)?;
            let border = frame.at(order.len() as f64 - 2.0, frame.y.0).0;
            canvas.path(&[(border, frame.place[1]), (border, bottom)], GRID, 1.5)?;
            for (k, &g) in order.iter().enumerate() {
                let group = &evaluation.groups[g];
                let (x, _) = frame.at(k as f64 + 0.5, frame.y.0);
                canvas.text(&group.name, (x, bottom + 13.0), 12.0, MUTED, Held::Middle)?;
                if k + 2 < order.len() && order.len() <= 9 {
                    canvas.text(&group.pairs.to_string(), (x, bottom + 28.0), 11.0, MUTED, Held::Middle)?;
                }
                for (c, colour) in colours.iter().enumerate().rev() {
                    let spread = 0.7 / evaluation.contenders.len() as f64;
                    let place = k as f64 + 0.15 + spread * (c as f64 + 0.5);
                    bar(canvas, evaluation.estimate(c, g, metric), |v| frame.at(place, v), *colour)?;
                }
            }
            canvas.text("Fold", (frame.place[0] + 170.0, bottom + 48.0), 13.5, INK, Held::Middle)?;
        }
        for (c, (contender, colour)) in evaluation.contenders.iter().zip(&colours).enumerate() {
            let (left, top) = (72.0 + 195.0 * (c % 4) as f64, 382.0 + LEGEND_ROW * (c / 4) as f64);
            canvas.legend(left, top, &[(contender.name.clone(), *colour)])?;
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "folds",
        title: "Fold by fold",
        caption: "Each fold on its own. “mean” is the mean of the folds, “pooled” \
                  takes all pairs together; a fold where a measure is not defined has no dot."
            .into(),
        svg,
    })
}
