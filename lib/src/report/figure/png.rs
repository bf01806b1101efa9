//! Turns SVG into PNG with a font that travels in the program.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::{Error, Result};

/// Pixels per point: sharp on paper and on fine screens.
const SCALE: f32 = 2.0;

/// Draws an SVG picture as PNG, twice as many pixels as points wide and high; no font of the system is used.
///
/// ```
/// let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"></svg>"#;
/// assert!(crossmamba::report::png(svg)?.starts_with(b"\x89PNG"));
/// # Ok::<(), crossmamba::Error>(())
/// ```
///
/// # Errors
/// Text that is no SVG, or a picture without a size.
pub fn png(svg: &str) -> Result<Vec<u8>> {
    let failed = |reason: String| Error::io("draw", "the figures")(std::io::Error::other(reason));
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    // The font lacks the Greek letters and signs that the other has.
    fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
    let family = fonts.faces().next().and_then(|face| face.families.first().map(|(name, _)| name.clone()));
    if let Some(family) = family {
        fonts.set_sans_serif_family(family);
    }
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let size = tree.size().to_int_size();
    let (width, height) = ((size.width() as f32 * SCALE) as u32, (size.height() as f32 * SCALE) as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| failed("the picture has no size".into()))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_drawn_without_a_font_of_the_system() {
        let empty = r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"></svg>"#;
        let text = r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15" font-family="sans-serif" font-size="12">AUC ρ −</text></svg>"#;
        let (empty, text) = (png(empty).unwrap(), png(text).unwrap());
        assert!(text.len() > empty.len() + 300, "{} {}", text.len(), empty.len());
        assert!(png("<svg").is_err());
    }
}
