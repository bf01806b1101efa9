//! A drawing surface in points, with frames, ticks and legends of one style.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea as _};
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontTransform, IntoFont as _, RGBColor, ShapeStyle, WHITE};

use super::Drawn;

/// The backend counts in whole units: a quarter of a point keeps curves smooth.
const UNIT: f64 = 4.0;

pub(super) const INK: RGBColor = RGBColor(31, 41, 55);
pub(super) const MUTED: RGBColor = RGBColor(107, 114, 128);
pub(super) const GRID: RGBColor = RGBColor(229, 231, 235);
/// The models' colours, the report's own model first.
const MODELS: [RGBColor; 6] = [
    RGBColor(11, 94, 143),
    RGBColor(178, 58, 72),
    RGBColor(62, 125, 68),
    RGBColor(109, 76, 151),
    RGBColor(140, 80, 30),
    RGBColor(0, 128, 128),
];
/// The baselines' colours: paler, so that the models stand out.
const BASELINES: [RGBColor; 4] =
    [RGBColor(217, 138, 20), RGBColor(120, 130, 146), RGBColor(186, 121, 177), RGBColor(104, 167, 160)];

/// Gives the colour of the n-th model or baseline.
pub(super) fn colour(baseline: bool, n: usize) -> RGBColor {
    if baseline { BASELINES[n % BASELINES.len()] } else { MODELS[n % MODELS.len()] }
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held {
    Left,
    Middle,
    Right,
}

/// A picture of a given size in points.
pub(super) struct Canvas<'a>(DrawingArea<SVGBackend<'a>, Shift>);

/// Draws a picture and gives its SVG.
pub(super) fn picture(size: (u32, u32), paint: impl FnOnce(&Canvas<'_>) -> Drawn<()>) -> Drawn<String> {
    let scaled = (size.0 * UNIT as u32, size.1 * UNIT as u32);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, scaled).into_drawing_area();
        area.fill(&WHITE)?;
        let canvas = Canvas(area);
        paint(&canvas)?;
        canvas.0.present()?;
    }
    // Shown at its size in points; the view box keeps the finer units.
    let (fine, points) = (
        format!("width=\"{}\" height=\"{}\" viewBox", scaled.0, scaled.1),
        format!("width=\"{}\" height=\"{}\" viewBox", size.0, size.1),
    );
    Ok(svg.replacen(&fine, &points, 1))
}

fn units((x, y): (f64, f64)) -> (i32, i32) {
    ((x * UNIT).round() as i32, (y * UNIT).round() as i32)
}

fn stroke(colour: RGBColor, opacity: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour.mix(opacity), filled: false, stroke_width: (width * UNIT).round() as u32 }
}

impl Canvas<'_> {
    pub(super) fn path(&self, points: &[(f64, f64)], colour: RGBColor, width: f64) -> Drawn<()> {
        let points: Vec<_> = points.iter().copied().map(units).collect();
        Ok(self.0.draw(&PathElement::new(points, stroke(colour, 1.0, width)))?)
    }

    pub(super) fn dashes(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor) -> Drawn<()> {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |d: f64| {
            let share = (d / length).min(1.0);
            (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
        };
        for k in 0..(length / 8.0).ceil() as u32 {
            self.path(&[at(f64::from(k) * 8.0), at(f64::from(k) * 8.0 + 4.0)], colour, 1.0)?;
        }
        Ok(())
    }

    pub(super) fn area(&self, points: &[(f64, f64)], colour: RGBColor, opacity: f64) -> Drawn<()> {
        let points: Vec<_> = points.iter().copied().map(units).collect();
        Ok(self.0.draw(&Polygon::new(points, colour.mix(opacity).filled()))?)
    }

    pub(super) fn dot(&self, at: (f64, f64), radius: f64, colour: RGBColor, opacity: f64) -> Drawn<()> {
        let style = colour.mix(opacity).filled();
        Ok(self.0.draw(&Circle::new(units(at), (radius * UNIT).round() as i32, style))?)
    }

    pub(super) fn text(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: RGBColor,
        held: Held,
    ) -> Drawn<()> {
        self.write(text, at, size, colour, held, FontTransform::None)
    }

    /// Writes upwards, centred on a height.
    pub(super) fn text_upwards(&self, text: &str, at: (f64, f64), size: f64, colour: RGBColor) -> Drawn<()> {
        self.write(text, at, size, colour, Held::Middle, FontTransform::Rotate270)
    }

    fn write(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: RGBColor,
        held: Held,
        transform: FontTransform,
    ) -> Drawn<()> {
        let horizontal = match held {
            Held::Left => HPos::Left,
            Held::Middle => HPos::Center,
            Held::Right => HPos::Right,
        };
        let font = ("sans-serif", size * UNIT).into_font().transform(transform);
        let style = font.color(&colour).pos(Pos::new(horizontal, VPos::Center));
        Ok(self.0.draw_text(text, &style, units(at))?)
    }

    /// Writes the title and a line under it.
    pub(super) fn title(&self, title: &str, below: &str) -> Drawn<()> {
        self.text(title, (16.0, 22.0), 18.0, INK, Held::Left)?;
        self.text(below, (16.0, 43.0), 12.5, MUTED, Held::Left)
    }

    /// Writes one line of a legend for each entry, from a height downwards.
    pub(super) fn legend(&self, left: f64, top: f64, entries: &[(String, RGBColor)]) -> Drawn<()> {
        for (k, (text, colour)) in entries.iter().enumerate() {
            let y = top + LEGEND_ROW * k as f64;
            self.path(&[(left, y), (left + 22.0, y)], *colour, if k == 0 { 3.0 } else { 2.0 })?;
            self.text(text, (left + 30.0, y), 13.0, INK, Held::Left)?;
        }
        Ok(())
    }
}

/// The height of a line of a legend.
pub(super) const LEGEND_ROW: f64 = 21.0;

/// A rectangle of the picture with a scale on each side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Left, top, width and height in points.
    pub(super) place: [f64; 4],
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Frame {
    /// Turns values into a place on the picture.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let [left, top, width, height] = self.place;
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        (left + width * share(x, self.x), top + height * (1.0 - share(y, self.y)))
    }

    /// Draws grid lines and numbers for the values of the horizontal scale, and its label.
    pub(super) fn x_axis(&self, canvas: &Canvas<'_>, ticks: &[f64], label: &str) -> Drawn<()> {
        let [left, top, width, height] = self.place;
        for &tick in ticks {
            let (x, _) = self.at(tick, self.y.0);
            canvas.path(&[(x, top), (x, top + height)], GRID, 1.0)?;
            canvas.text(&number(tick, ticks), (x, top + height + 13.0), 12.0, MUTED, Held::Middle)?;
        }
        self.axes(canvas)?;
        canvas.text(label, (left + width / 2.0, top + height + 34.0), 13.5, INK, Held::Middle)
    }

    /// Draws the two axes over the grid.
    pub(super) fn axes(&self, canvas: &Canvas<'_>) -> Drawn<()> {
        let [left, top, width, height] = self.place;
        let corner = (left, top + height);
        canvas.path(&[(left, top), corner, (left + width, corner.1)], MUTED, 1.0)
    }

    /// Draws grid lines and numbers for the values of the vertical scale, and its label.
    pub(super) fn y_axis(&self, canvas: &Canvas<'_>, ticks: &[f64], label: &str) -> Drawn<()> {
        let [left, top, width, height] = self.place;
        for &tick in ticks {
            let (_, y) = self.at(self.x.0, tick);
            canvas.path(&[(left, y), (left + width, y)], GRID, 1.0)?;
            canvas.text(&number(tick, ticks), (left - 7.0, y), 12.0, MUTED, Held::Right)?;
        }
        self.axes(canvas)?;
        canvas.text_upwards(label, (left - 46.0, top + height / 2.0), 13.5, INK)
    }
}

/// Writes a tick's value with the digits that its neighbours need.
fn number(tick: f64, ticks: &[f64]) -> String {
    let whole = |scale: f64| ticks.iter().all(|t| ((t * scale).round() - t * scale).abs() < 1e-6);
    let digits = (0..6).find(|&digits| whole(10_f64.powi(digits))).unwrap_or(6);
    let text = format!("{:.*}", digits as usize, tick + 0.0);
    text.replace('-', "−")
}

/// Gives five or six round values within a range.
pub(super) fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let rough = (high - low) / 6.5;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|f| f * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(power);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks((0.0, 1.0)).len(), 6);
        assert_eq!(ticks((2.3, 9.8)), [4.0, 6.0, 8.0]);
        assert_eq!(number(0.2, &[0.0, 0.2]), "0.2");
        assert_eq!(number(-2.0, &[-2.0, 0.0]), "−2");
    }

    #[test]
    fn the_picture_shows_its_size_in_points() {
        let svg = picture((100, 50), |canvas| canvas.title("T", "b")).unwrap();
        assert!(svg.contains("width=\"100\" height=\"50\" viewBox=\"0 0 400 200\""), "{svg}");
        assert!(svg.contains("sans-serif"));
    }
}
