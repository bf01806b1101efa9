//! Joins the rows of several stores so that each row stands for one stretch of the molecule.

use std::ops::Range;

use super::Tokens;
use crate::config::WindowConfig;
use crate::encoder::SEQUENCE;
use crate::nn::data::Widths;
use crate::nn::data::spans::row_spans;
use crate::pair::Side;
use crate::record::Digest;
use crate::store::{Embedding, Store, TokenRule, mean_rows};
use crate::{Error, Place, Result};

/// What happens to the rows of one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// They are tokens as they are.
    AsTheyAre,
    /// They are averaged over windows.
    Averaged,
    /// There is at most one, and it belongs to the global vector.
    Global,
    /// They are the sequence, which is no token.
    Sequence,
}

/// How the stores of one side become tokens.
#[derive(Debug)]
pub(super) struct Alignment {
    uses: Vec<Use>,
    /// What a joined row stands for.
    rule: TokenRule,
    /// The columns of each store in the joined vectors, which are standardised block by block.
    global: Vec<Range<usize>>,
    rows: Vec<Range<usize>>,
}

impl Alignment {
    pub(super) fn new(side: Side, stores: &[Store], window: Option<WindowConfig>) -> Result<Self> {
        let flag = format!("{}-store", side.name());
        let Some(first) = stores.first() else {
            return Err(Error::setting(
                flag,
                "no store is named",
                "name the folder that crossmamba-embed wrote",
            ));
        };
        if let Some(other) = stores.iter().find(|s| s.manifest().molecule != first.manifest().molecule) {
            let problem = format!(
                "holds {} embeddings where {} holds {}",
                other.manifest().molecule,
                first.path().display(),
                first.manifest().molecule
            );
            return Err(Place::file(other.path()).error(problem, "join stores of one kind of molecule only"));
        }
        let mut stored: Option<(usize, usize, &Store)> = None;
        for store in stores {
            if let TokenRule::Window { size, cap } = store.manifest().tokens {
                if let Some((s, c, first)) = stored
                    && (s, c) != (size, cap)
                {
                    let first = first.path().display();
                    return Err(Place::file(store.path()).error(
                        format!("holds windows of {size} (at most {cap}), and {first} of {s} (at most {c})"),
                        "embed both with the same windows",
                    ));
                }
                stored = Some((size, cap, store));
            }
        }
        let asked = window.map(|w| (w.size.get(), w.cap.get()));
        let window = stored.map(|(size, cap, _)| (size, cap)).or(asked);
        let rule = window.map_or(TokenRule::Residue, |(size, cap)| TokenRule::Window { size, cap });
        let (mut uses, mut global, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let next = |ranges: &[Range<usize>]| ranges.last().map_or(0, |range: &Range<usize>| range.end);
        for store in stores {
            let manifest = store.manifest();
            let usage = match manifest.tokens {
                _ if manifest.encoder == SEQUENCE => Use::Sequence,
                TokenRule::Residue if window.is_some() => Use::Averaged,
                TokenRule::Pooled => Use::Global,
                _ => Use::AsTheyAre,
            };
            let (g, w) = match usage {
                Use::Global => (manifest.global_width + manifest.width, 0),
                Use::Sequence => (0, 0),
                _ => (manifest.global_width, manifest.width),
            };
            global.push(next(&global)..next(&global) + g);
            rows.push(next(&rows)..next(&rows) + w);
            uses.push(usage);
        }
        if uses.iter().all(|usage| *usage == Use::Sequence) {
            let problem = "holds the sequences alone, and nothing that a model reads of them";
            let remedy = format!("add a --{flag} of another encoder, such as kmer2");
            return Err(Place::file(first.path()).error(problem, remedy));
        }
        Ok(Self { uses, rule, global, rows })
    }

    pub(super) fn widths(&self) -> Widths {
        let end = |ranges: &[Range<usize>]| ranges.last().map_or(0, |range| range.end);
        Widths { global: end(&self.global), rows: end(&self.rows) }
    }

    pub(super) fn global_blocks(&self) -> &[Range<usize>] {
        &self.global
    }

    pub(super) fn row_blocks(&self) -> &[Range<usize>] {
        &self.rows
    }

    /// Counts the values of a molecule's tokens without reading them.
    pub(super) fn values(&self, stores: &[Store], digest: &Digest) -> usize {
        let Widths { global, rows: width } = self.widths();
        global + self.count(stores, digest) * width
    }

    /// Gives the residues that each row of a molecule stands for.
    pub(super) fn spans(&self, stores: &[Store], digest: &Digest) -> Vec<Range<usize>> {
        row_spans(self.rule, length_of(stores, digest), self.count(stores, digest))
    }

    /// Counts the rows of a molecule.
    fn count(&self, stores: &[Store], digest: &Digest) -> usize {
        let rows = stores.iter().zip(&self.uses).map(|(store, usage)| {
            let (length, rows) = store.shape_of(digest).unwrap_or((0, 0));
            match usage {
                Use::Global | Use::Sequence => 0,
                Use::Averaged => self.rule.count(length as usize),
                Use::AsTheyAre => rows,
            }
        });
        rows.max().unwrap_or(0)
    }

    /// Joins the embeddings of one molecule, one from each store.
    pub(super) fn join(&self, stores: &[Store], parts: &[Embedding]) -> Result<Tokens> {
        let widths = self.widths();
        let mut tokens = Tokens { global: Vec::with_capacity(widths.global), rows: Vec::new() };
        let mut count: Option<(usize, usize)> = None;
        for (i, (part, store)) in parts.iter().zip(stores).enumerate() {
            let place = || Place::file(store.path());
            tokens.global.extend_from_slice(&part.global);
            let width = self.rows[i].len();
            let rows = match self.uses[i] {
                Use::Global => {
                    let missing = self.global[i].len() - part.global.len();
                    if part.values.len() != missing {
                        let problem =
                            format!("has {} pooled values where {missing} belong", part.values.len());
                        return Err(place().error(problem, "make the store again"));
                    }
                    tokens.global.extend_from_slice(&part.values);
                    continue;
                }
                Use::Sequence => continue,
                Use::AsTheyAre => std::borrow::Cow::Borrowed(&part.values[..]),
                Use::Averaged => {
                    if part.rows as u64 != part.length {
                        let problem = format!("has {} rows for {} residues", part.rows, part.length);
                        return Err(place().error(problem, "use a store with one row per residue"));
                    }
                    let spans = row_spans(self.rule, part.rows, self.rule.count(part.rows));
                    std::borrow::Cow::Owned(mean_rows(&part.values, width, &spans))
                }
            };
            if width == 0 {
                continue;
            }
            let found = rows.len() / width;
            match count {
                None => {
                    count = Some((found, i));
                    tokens.rows = vec![0.0; found * widths.rows];
                }
                Some((wanted, first)) if wanted != found => {
                    let first = stores[first].path().display();
                    let problem =
                        format!("has {found} rows where {first} has {wanted} for the same sequence");
                    return Err(place().error(problem, "embed both stores with the same windows"));
                }
                Some(_) => {}
            }
            for (out, row) in tokens.rows.chunks_exact_mut(widths.rows).zip(rows.chunks_exact(width)) {
                out[self.rows[i].clone()].copy_from_slice(row);
            }
        }
        Ok(tokens)
    }
}

/// Gives the length of a molecule, which is the same in every store.
pub(super) fn length_of(stores: &[Store], digest: &Digest) -> usize {
    stores.iter().find_map(|store| store.shape_of(digest)).map_or(0, |(length, _)| length as usize)
}
