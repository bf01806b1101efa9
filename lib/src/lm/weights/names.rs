//! Recognises a layout and translates its names.

use std::collections::BTreeMap;

use super::layout::{Layout, Table};

/// Where a canonical tensor stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file's name for it.
    pub(super) name: String,
    /// The block of its rows, where several tensors share one: block `.0` of `.1` equal ones.
    pub(super) block: Option<(usize, usize)>,
}

/// A file's names, sorted out.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// The canonical tensors.
    pub(super) known: BTreeMap<String, Origin>,
    /// All tensors of rotary frequencies.
    pub(super) frequencies: Vec<String>,
    /// What belongs to the encoder, but is in no table.
    pub(super) extra: Vec<String>,
    /// Canonical tensors that stand there under two names.
    pub(super) twice: Vec<String>,
    /// What belongs to heads, or is not needed.
    pub(super) spare: Vec<String>,
}

/// Finds the layout, and what precedes all its names, such as `esm.`.
pub(super) fn recognise<'n, I: Iterator<Item = &'n str>>(names: impl Fn() -> I) -> Option<(Layout, String)> {
    Layout::ALL.into_iter().find_map(|layout| {
        let table = layout.table();
        names().find_map(|name| {
            let (prefix, rest) = split_block(table, name)?;
            let (_, rest) = split_number(rest)?;
            let told = table.marks.contains(&rest) && (prefix.is_empty() || prefix.ends_with('.'));
            told.then(|| (layout, prefix.to_owned()))
        })
    })
}

fn split_block<'n>(table: &Table, name: &'n str) -> Option<(&'n str, &'n str)> {
    let at = name.find(table.blocks)?;
    Some((&name[..at], &name[at + table.blocks.len()..]))
}

fn split_number(text: &str) -> Option<(usize, &str)> {
    let (number, rest) = text.split_once('.')?;
    // Only the usual spelling: `01` would be a second name of `1`.
    let plain = number == "0" || !number.starts_with(['0', '+']);
    Some((number.parse().ok().filter(|_| plain)?, rest))
}

/// Translates every name.
pub(super) fn sort<'n>(layout: Layout, prefix: &str, names: impl Iterator<Item = &'n str>) -> Sorted {
    let table = layout.table();
    let mut sorted = Sorted::default();
    for name in names {
        let Some(rest) = name.strip_prefix(prefix) else {
            sorted.spare.push(name.to_owned());
            continue;
        };
        let block = rest.strip_prefix(table.blocks).and_then(split_number);
        let (found, spare) = match block {
            Some((layer, rest)) => (
                canonical(table.block, table.block_whole, rest).map(|name| match name.as_str() {
                    "inv_freq" => name,
                    _ => format!("layers.{layer}.{name}"),
                }),
                table.block_spare.iter().any(|part| rest.contains(part)),
            ),
            None => (
                canonical(table.outer, table.outer_whole, rest),
                table.spare.iter().any(|start| rest.starts_with(start)),
            ),
        };
        match found {
            Some(found) if found == "inv_freq" => sorted.frequencies.push(name.to_owned()),
            Some(found) => add(&mut sorted, &found, name),
            None if spare => sorted.spare.push(name.to_owned()),
            None => sorted.extra.push(name.to_owned()),
        }
    }
    sorted
}

fn add(sorted: &mut Sorted, found: &str, name: &str) {
    let mut insert = |found: String, block| {
        let origin = Origin { name: name.to_owned(), block };
        if sorted.known.insert(found, origin).is_some() {
            sorted.twice.push(name.to_owned());
        }
    };
    if let Some((block, leaf)) = found.split_once(".qkv.") {
        for (number, which) in ["query", "key", "value"].into_iter().enumerate() {
            insert(format!("{block}.{which}.{leaf}"), Some((number, 3)));
        }
    } else {
        insert(found.to_owned(), None);
    }
}

fn canonical(modules: &[(&str, &str)], whole: &[(&str, &str)], name: &str) -> Option<String> {
    if let Some((_, ours)) = whole.iter().find(|(theirs, _)| *theirs == name) {
        return Some((*ours).to_owned());
    }
    let (module, leaf) = name.rsplit_once('.')?;
    let leaf = match leaf {
        "weight" | "bias" => leaf,
        // How layer normalisation was named once, and is again in files that transformers 5 saves.
        "gamma" if module.ends_with("LayerNorm") => "weight",
        "beta" if module.ends_with("LayerNorm") => "bias",
        _ => return None,
    };
    let (_, ours) = modules.iter().find(|(theirs, _)| *theirs == module)?;
    Some(format!("{ours}.{leaf}"))
}

/// Gives the name that a file of this layout would use, for messages.
pub(super) fn theirs(layout: Layout, prefix: &str, ours: &str) -> String {
    let table = layout.table();
    let translate = |modules: &[(&str, &str)], whole: &[(&str, &str)], name: &str| {
        if let Some((theirs, _)) = whole.iter().find(|(_, ours)| *ours == name) {
            return Some((*theirs).to_owned());
        }
        let (module, leaf) = name.rsplit_once('.')?;
        let named = |ours: &str| modules.iter().find(|(_, name)| *name == ours);
        let (theirs, _) = match module {
            "query" | "key" | "value" => named("qkv").or_else(|| named(module)),
            _ => named(module),
        }?;
        Some(format!("{theirs}.{leaf}"))
    };
    let found = match ours.strip_prefix("layers.").and_then(split_number) {
        Some((layer, rest)) => translate(table.block, table.block_whole, rest)
            .map(|name| format!("{prefix}{}{layer}.{name}", table.blocks)),
        None => translate(table.outer, table.outer_whole, ours).map(|name| format!("{prefix}{name}")),
    };
    found.unwrap_or_else(|| ours.to_owned())
}
