//! Makes text from inputs fit to be shown: no control characters, not too long.

use std::borrow::Cow;

/// Escapes everything in a text that cannot be seen or that steers a terminal; blanks stay.
///
/// ```
/// use crossmamba::text::escaped;
///
/// assert_eq!(escaped("Kd in µM"), "Kd in µM");
/// assert_eq!(escaped("a\x1b[31m\tb\u{202e}"), "a\\u{1b}[31m\\tb\\u{202e}");
/// ```
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return text.into();
    }
    text.chars()
        .fold(String::with_capacity(text.len() + 16), |mut shown, letter| {
            if letter == ' ' || matches!(letter, '\\' | '\'' | '"') || letter.escape_debug().len() == 1 {
                shown.push(letter);
            } else {
                shown.extend(letter.escape_debug());
            }
            shown
        })
        .into()
}

/// Cuts a text after some characters, and says so.
///
/// ```
/// assert_eq!(crossmamba::text::cut("ACGU", 3), "ACG…");
/// ```
pub fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Makes a message out of text that may hold anything: escaped, with what stands between backquotes and every word cut
/// when it is too long to be read.
///
/// ```
/// let message = format!("unknown field `{}`; see the help", "k".repeat(100_000));
/// assert_eq!(crossmamba::text::message(&message).chars().count(), 111);
/// ```
pub fn message(text: &str) -> String {
    /// What stands between backquotes is a key, a name or a cell.
    const QUOTED: usize = 80;
    /// Paths are words.
    const WORD: usize = 1000;
    let text = escaped(text);
    let quoted = text
        .split('`')
        .enumerate()
        .map(|(i, part)| if i % 2 == 1 && part.len() > WORD { cut(part, QUOTED) } else { part.into() });
    let joined = quoted.collect::<Vec<_>>().join("`");
    joined.split(' ').map(|word| cut(word, WORD)).collect::<Vec<_>>().join(" ")
}
