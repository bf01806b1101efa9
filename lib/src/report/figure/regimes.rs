//! Draws how far probabilities hold, by how well training knows a pair.

use super::super::Regime;
use super::super::remark::three;
use super::canvas::{Frame, Held, INK, MUTED, colour, picture};
use super::probability::observed;
use super::{Drawn, Figure};
use crate::metrics::{Metric, reliability};

/// The most pictures in a row, the width that a row has, and what a picture takes beside its square.
const PER_ROW: usize = 4;
const ROW: f64 = 800.0;
const AROUND: [f64; 2] = [44.0, 106.0];

/// Draws the reliability of the first model's probabilities, a small picture for each regime.
pub(super) fn calibration(regimes: &[Regime]) -> Drawn<Figure> {
    let across = regimes.len().clamp(2, PER_ROW);
    let rows = regimes.len().div_ceil(across);
    let step = ROW / across as f64;
    let side = step - AROUND[0];
    let svg = picture((860, (72.0 + (side + AROUND[1]) * rows as f64) as u32), |canvas| {
        canvas.title(
            "Reliability by how well training knows a pair",
            "expected calibration error with 95 % interval",
        )?;
        for (at, Regime { flag, evaluation }) in regimes.iter().enumerate() {
            let Some(model) = evaluation.contenders.first() else { continue };
            let left = 62.0 + step * (at % across) as f64;
            let top = 108.0 + (side + AROUND[1]) * (at / across) as f64;
            let frame = Frame { place: [left, top, side, side], x: (0.0, 1.0), y: (0.0, 1.0) };
            let halves = [0.0, 0.5, 1.0];
            frame.x_axis(canvas, &halves, "Probability")?;
            frame.y_axis(canvas, &halves, if at % across == 0 { "Share of positives" } else { "" })?;
            canvas.dashes(frame.at(0.0, 0.0), frame.at(1.0, 1.0), MUTED)?;
            let ece = evaluation.pooled(0, Metric::Ece);
            let interval =
                ece.interval.map_or_else(String::new, |i| format!(" [{}, {}]", three(i.low), three(i.high)));
            let pairs = evaluation.truth.len();
            canvas.text(flag.name(), (left, top - 32.0), 13.5, INK, Held::Left)?;
            let below = format!("{pairs} pairs, {}{interval}", three(ece.value));
            canvas.text(&below, (left, top - 14.0), 11.0, MUTED, Held::Left)?;
            let bins = reliability(&model.values, &evaluation.labels());
            observed(canvas, &frame, &bins, colour(false, 0))?;
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "calibration",
        title: "Reliability by how well training knows a pair",
        caption:
            "The same as the reliability of all probabilities, of pairs that training knows equally well. A \
                  probability that holds for pairs of known molecules may promise too much for new ones."
                .into(),
        svg,
    })
}
