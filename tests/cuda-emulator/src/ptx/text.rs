//! Cuts PTX text into statements, labels, scopes and line information.

/// Number of a file and line in it, and the line that it was inlined at, if it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The line itself.
    pub at: (u32, u32),
    /// The call.
    pub caller: Option<(u32, u32)>,
}

/// A piece of a kernel's body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// `{`: names declared from here on end with it.
    Open,
    /// `}`.
    Close,
    /// `name:`.
    Label(String),
    /// `.loc file line …`.
    Location(Location),
    /// Anything that ends in a semicolon.
    Statement(String),
}

/// Blanks out comments, keeping every line where it is.
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        if tail.starts_with("//") {
            rest = tail.find('\n').map_or("", |end| &tail[end..]);
        } else if tail.starts_with("/*") {
            let end = tail.find("*/").map_or(tail.len(), |end| end + 2);
            out.extend(tail[..end].chars().filter(|&c| c == '\n'));
            rest = &tail[end..];
        } else {
            out.push('/');
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Finds the brace that closes the one at byte `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (i, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + i);
                }
            }
            _ => {}
        }
    }
    None
}

/// Counts the line of byte `at`, from one.
pub(super) fn line_of(text: &str, at: usize) -> u32 {
    1 + text[..at].bytes().filter(|&b| b == b'\n').count() as u32
}

/// Cuts the body of a kernel, whose first line is `line`, into pieces with their lines.
pub(super) fn pieces(body: &str, mut line: u32) -> Vec<(u32, Piece)> {
    let mut out = Vec::new();
    let (mut now, mut began, mut depth) = (String::new(), line, 0);
    for c in body.chars() {
        let blank = now.trim().is_empty();
        if blank {
            began = line;
        }
        match c {
            '{' if blank => {
                out.push((line, Piece::Open));
                now.clear();
            }
            '}' if blank => {
                out.push((line, Piece::Close));
                now.clear();
            }
            ':' if depth == 0 => out.push((began, Piece::Label(take(&mut now)))),
            ';' => out.push((began, Piece::Statement(take(&mut now)))),
            '\n' if now.trim_start().starts_with(".loc") => {
                if let Some(location) = location(&now) {
                    out.push((began, Piece::Location(location)));
                }
                now.clear();
            }
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                now.push(c);
            }
        }
        line += u32::from(c == '\n');
    }
    if !now.trim().is_empty() {
        out.push((began, Piece::Statement(take(&mut now))));
    }
    out
}

fn take(now: &mut String) -> String {
    std::mem::take(now).trim().to_string()
}

/// `.loc 2 110 5, function_name name, inlined_at 1 44 9`.
fn location(text: &str) -> Option<Location> {
    let pair = |text: &str| {
        let mut words = text.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    let caller = text.split_once("inlined_at").and_then(|(_, caller)| pair(caller));
    Some(Location { at: pair(text.trim_start().trim_start_matches(".loc"))?, caller })
}

/// Cuts operands at the commas outside of braces and brackets.
pub(super) fn operands(text: &str) -> Vec<&str> {
    let (mut out, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                out.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        out.push(last);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_vanish_and_lines_stay() {
        assert_eq!(without_comments("a // b\nc /* d\n e */ f / g"), "a \nc \n f / g");
    }

    #[test]
    fn pieces_carry_the_line_on_which_they_begin() {
        let body = "\n.loc 1 45 3, function_name f, inlined_at 2 7 1\n$L1:\n{ add.s32 %r1,\n  %r2, %r3; }\nmov.b64 {%r1, %r2}, %rd1;";
        assert_eq!(
            pieces(body, 10),
            vec![
                (11, Piece::Location(Location { at: (1, 45), caller: Some((2, 7)) })),
                (12, Piece::Label("$L1".into())),
                (13, Piece::Open),
                (13, Piece::Statement("add.s32 %r1,\n  %r2, %r3".into())),
                (14, Piece::Close),
                (15, Piece::Statement("mov.b64 {%r1, %r2}, %rd1".into())),
            ]
        );
    }

    #[test]
    fn vectors_and_addresses_are_one_operand_each() {
        assert_eq!(operands("{%r1, %r2}, [%rd1+4], 7"), ["{%r1, %r2}", "[%rd1+4]", "7"]);
    }
}
