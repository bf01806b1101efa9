//! Finds the kernels of a module.

use std::sync::Arc;

use super::Kernel;
use super::body::{Body, Declared};
use super::declare::Variable;
use super::tables::tables;
use super::text::{closing, line_of, without_comments};
use crate::fault::Error;

/// What a PTX text holds.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Version of PTX, as in 8.0: it decides which drivers take it.
    pub version: (u32, u32),
    /// Least compute capability, as in 8.0.
    pub target: (u32, u32),
    /// Its kernels, in the order of the text.
    pub kernels: Vec<Kernel>,
}

/// Reads a module.
///
/// # Errors
/// [`Error::Ptx`] where the text is no PTX. An instruction that is not emulated is no error here, but a fault where it
/// is executed.
pub fn parse(text: &str) -> Result<Module, Error> {
    let text = without_comments(text);
    let at = |byte: usize, what: &str| Error::Ptx { line: line_of(&text, byte), what: what.into() };
    let word = |name: &str| text.lines().find_map(|l| l.trim().strip_prefix(name)).map(str::trim);
    let version = word(".version").and_then(|v| v.split_once('.'));
    let version = version.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let mut module =
        Module { version: version.ok_or_else(|| at(0, "there is no .version"))?, ..Module::default() };
    module.target = word(".target").and_then(capability).unwrap_or_default();
    let files = files(&text);
    let (tables, data) = tables(&text);
    let declared = Declared { dynamic: dynamic(&text), tables };
    let mut from = 0;
    while let Some(found) = text[from..].find(".entry ") {
        let start = from + found;
        let open = start + text[start..].find('{').ok_or_else(|| at(start, "an entry has no body"))?;
        let close = closing(&text, open).ok_or_else(|| at(open, "a brace is never closed"))?;
        let (kernel, params) = heading(&text[start..open]);
        let mut body =
            Body::new(Kernel { files: files.clone(), tables: Arc::clone(&data), ..kernel }, &declared);
        for param in params.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            body.parameter(param).map_err(|what| at(start, &what))?;
        }
        module.kernels.push(body.read(&text[open + 1..close], line_of(&text, open))?);
        from = close;
    }
    Ok(module)
}

/// Reads name and launch bounds of `.entry name(parameters) .maxntid 128, 1, 1`; returns the parameters as they are.
fn heading(text: &str) -> (Kernel, &str) {
    let text = text.trim_start_matches(".entry").trim();
    let end = text.find(|c: char| c == '(' || c.is_whitespace()).unwrap_or(text.len());
    let mut kernel = Kernel { name: text[..end].into(), ..Kernel::default() };
    let (params, bounds) = match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) => (&text[open + 1..close], &text[close + 1..]),
        _ => ("", &text[end..]),
    };
    let words: Vec<&str> =
        bounds.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()).collect();
    if let Some(i) = words.iter().position(|&w| w == ".maxntid" || w == ".reqntid") {
        kernel.max_threads = Some(words[i + 1..].iter().map_while(|w| w.parse::<u32>().ok()).product());
    }
    (kernel, params)
}

fn capability(target: &str) -> Option<(u32, u32)> {
    let digits: String = target.strip_prefix("sm_")?.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok()?;
    Some((number / 10, number % 10))
}

/// Names of dynamic shared memory: `.extern .shared .align 16 .b8 name[];`.
fn dynamic(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|l| l.trim().strip_prefix(".extern .shared"));
    lines.filter_map(|l| Variable::parse(l.trim_end_matches(';')).ok()).map(|v| v.name).collect()
}

/// Source files: `.file 1 "kernel.cu"`.
fn files(text: &str) -> Vec<(u32, String)> {
    let file = |line: &str| {
        let (number, name) = line.trim().strip_prefix(".file")?.trim().split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, name.split('"').nth(1)?.to_string()))
    };
    text.lines().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ptx::{GLOBAL, Operand, PARAM, SHARED};

    const TEXT: &str = "
.version 8.3
.target sm_80
.extern .shared .align 16 .b8 heap[];
.visible .entry k(
    .param .u32 n,
    .param .align 8 .b8 job[24]
) .maxntid 64, 2, 1
{
    .reg .pred %p<2>;
    .reg .b32 %r<3>;
    .reg .b64 %rd<3>;
    .shared .align 4 .b8 tile[20];
    .loc 1 7 3
    ld.param.u32 %r1, [n];
    ld.param.u64 %rd1, [job+16];
    mov.u32 %r2, heap;
$L__1:
    { .reg .b32 %r1; mov.u32 %r1, tile; }
    @!%p1 bra $L__1;
    @%p1 bfly.b32 %r1, %r2;
    ret;
}
.file 1 \"/src/kernels/scan.cu\"
";

    #[test]
    fn a_module_is_read_with_its_layout() {
        let module = parse(TEXT).unwrap();
        assert_eq!((module.version, module.target), ((8, 3), (8, 0)));
        let k = &module.kernels[0];
        assert_eq!((k.name.as_str(), k.max_threads, k.param_bytes), ("k", Some(128), 32));
        assert_eq!(k.params, [(0, 4), (8, 24)]);
        assert_eq!((k.static_shared, k.dynamic_start(), k.uses_dynamic), (20, 32, true));
        assert_eq!(k.code[1].args, [Operand::Wide(1), Operand::Number(PARAM + 8), Operand::Number(16)]);
        assert_eq!(k.code[2].args[1], Operand::Number(SHARED + 32));
        assert!(k.code[2].args.iter().all(|a| *a != Operand::Number(GLOBAL)));
    }

    #[test]
    fn an_inner_scope_hides_names_until_it_ends() {
        let k = &parse(TEXT).unwrap().kernels[0];
        assert_eq!((k.narrow, k.code[3].args[0]), (4, Operand::Narrow(3)));
    }

    #[test]
    fn lines_lead_to_the_source() {
        let k = &parse(TEXT).unwrap().kernels[0];
        assert_eq!(k.code[0].line, 15);
        assert_eq!(k.source(&k.code[0]), Some(("scan.cu".into(), 7)));
        assert_eq!((k.code[4].guard, k.code[4].target), (Some((1, true)), 3));
    }

    #[test]
    fn what_is_not_emulated_waits_until_it_is_executed() {
        let k = &parse(TEXT).unwrap().kernels[0];
        assert_eq!(k.code[5].unsupported(), Some("bfly.b32 is not emulated"));
        assert_eq!(k.code[5].guard, Some((1, false)));
    }

    #[test]
    fn a_missing_label_or_brace_is_an_error_with_its_line() {
        let broken = TEXT.replace("bra $L__1", "bra $L__2");
        assert_eq!(parse(&broken).unwrap_err().to_string(), "PTX line 20: there is no label $L__2");
        assert!(parse(".version 8.0\n.entry k() { ret;").is_err());
        assert!(parse("hello").is_err());
    }
}
