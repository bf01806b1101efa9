//! Draws how trainings went.

use super::super::Course;
use super::super::learning::Epoch;
use super::canvas::{Canvas, Frame, Held, LEGEND_ROW, MUTED, colour, picture, ticks};
use super::{Drawn, Figure};

/// Entries of the legend in a row.
const PER_ROW: usize = 8;

/// Draws loss and validation measure over the epochs of each fold.
pub(super) fn learning(courses: &[Course], measure: &str) -> Drawn<Figure> {
    let rows = courses.len().div_ceil(PER_ROW);
    let svg = picture((860, (376.0 + LEGEND_ROW * rows as f64) as u32), |canvas| {
        let many = courses.iter().any(|course| course.members.len() > 1);
        let below =
            if many { "a line for each fold and member of its ensemble" } else { "a line for each fold" };
        canvas.title("How the trainings went", below)?;
        let last = all(courses, |epoch| epoch.number).fold(2.0, f64::max);
        let top = all(courses, |epoch| epoch.loss).chain(all(courses, |epoch| epoch.validation_loss));
        let top = top.fold(0.0, f64::max);
        let loss = panel(0, last, (0.0, if top > 0.0 { top * 1.05 } else { 1.0 }));
        axes(canvas, &loss, "Loss")?;
        let (low, high) = all(courses, |epoch| epoch.measure)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let range =
            if low < high { ((low * 10.0).floor() / 10.0, (high * 10.0).ceil() / 10.0) } else { (0.0, 1.0) };
        let validation = panel(1, last, range);
        axes(canvas, &validation, measure)?;
        if low > high {
            let middle = validation.at(f64::midpoint(1.0, last), 0.5);
            canvas.text("No pairs were kept for validation", middle, 13.5, MUTED, Held::Middle)?;
        }
        for (at, course) in courses.iter().enumerate() {
            let shade = shade(at);
            for epochs in &course.members {
                line(canvas, &loss, epochs, |epoch| epoch.validation_loss, shade, 2.0)?;
                for epoch in epochs.iter().filter(|epoch| epoch.loss.is_finite()) {
                    canvas.dot(loss.at(epoch.number, epoch.loss), 1.8, shade, 0.8)?;
                }
                line(canvas, &validation, epochs, |epoch| epoch.measure, shade, 2.0)?;
            }
        }
        for (at, course) in courses.iter().enumerate() {
            let (left, top) =
                (72.0 + 96.0 * (at % PER_ROW) as f64, 372.0 + LEGEND_ROW * (at / PER_ROW) as f64);
            let name =
                if course.fold.is_empty() { "training".into() } else { format!("fold {}", course.fold) };
            canvas.legend(left, top, &[(name, shade(at))])?;
        }
        Ok(())
    })?;
    Ok(Figure {
        name: "learning",
        title: "How the trainings went",
        caption: "Loss by epoch, dots on the training pairs, lines on the pairs kept for validation, and the measure on \
                  these, by which an epoch is chosen only where training stops early. Lines that rise while dots fall: the model learns its training pairs by \
                  heart."
            .into(),
        svg,
    })
}

fn all<'a>(courses: &'a [Course], value: impl Fn(&Epoch) -> f64 + 'a) -> impl Iterator<Item = f64> + 'a {
    let epochs = courses.iter().flat_map(|course| course.members.iter().flatten());
    epochs.map(value).filter(|value| value.is_finite())
}

fn panel(number: usize, last: f64, y: (f64, f64)) -> Frame {
    Frame { place: [72.0 + 410.0 * number as f64, 64.0, 340.0, 250.0], x: (1.0, last), y }
}

fn axes(canvas: &Canvas<'_>, frame: &Frame, label: &str) -> Drawn<()> {
    let whole: Vec<f64> = ticks(frame.x).into_iter().filter(|epoch| epoch.fract() == 0.0).collect();
    frame.x_axis(canvas, &whole, "Epoch")?;
    frame.y_axis(canvas, &ticks(frame.y), label)
}

fn line(
    canvas: &Canvas<'_>,
    frame: &Frame,
    epochs: &[Epoch],
    value: impl Fn(&Epoch) -> f64,
    shade: plotters::style::RGBColor,
    width: f64,
) -> Drawn<()> {
    let known = epochs.iter().filter(|epoch| value(epoch).is_finite());
    let path: Vec<_> = known.map(|epoch| frame.at(epoch.number, value(epoch))).collect();
    canvas.path(&path, shade, width)
}

/// Gives each fold a colour of its own, as far as there are some.
fn shade(at: usize) -> plotters::style::RGBColor {
    colour(at % 8 >= 4, at % 4)
}
