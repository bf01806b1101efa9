//! Features of small molecules: tokens, counts, and hashed atom environments.

use serde_json::{Value, json};

use super::{Features, Layout, log_length};
use crate::encoder::smiles::{
    ATOM, CLASSES, COUNTS, Fingerprints, Molecule, Token, environments, hash, push_atom, push_counts, tokens,
};
use crate::store::mean_rows;

/// Buckets of a row's environments of radius 1.
const ROW_BUCKETS: usize = 64;
/// Buckets of hashed token 2-grams and 3-grams.
const GRAM_BUCKETS: [usize; 2] = [32, 64];
/// Buckets of the environments of radius 0, 1 and 2.
const BUCKETS: [usize; 3] = [64, 256, 512];
/// Buckets of the fingerprints: environments by exact atoms, by what atoms do, and pairs of atoms.
const FINGERPRINTS: [usize; 3] = [1024, 512, 1024];

/// Token class, atom, environment of radius 1: 36 + 12 + 64.
const WIDTH: usize = CLASSES.len() + ATOM.len() + ROW_BUCKETS;

pub(super) const LAYOUT: Layout = Layout {
    width: WIDTH,
    blocks: &[
        ("tokens", CLASSES.len()),
        ("token pairs", GRAM_BUCKETS[0]),
        ("token triples", GRAM_BUCKETS[1]),
        ("graph", 1),
        ("counts", COUNTS.len()),
        ("atoms", BUCKETS[0]),
        ("environments of radius 1", BUCKETS[1]),
        ("environments of radius 2", BUCKETS[2]),
        ("length", 1),
        ("circular", FINGERPRINTS[0]),
        ("functional", FINGERPRINTS[1]),
        ("atom pairs", FINGERPRINTS[2]),
    ],
    first: 9,
};

/// Names the columns of a block of the global vector.
pub(super) fn names(block: &str) -> Vec<String> {
    match block {
        "tokens" => CLASSES.map(str::to_owned).to_vec(),
        "counts" => COUNTS.map(str::to_owned).to_vec(),
        "graph" => vec!["read".into()],
        "length" => vec!["ln / 4".into()],
        _ => (1..=FINGERPRINTS[0]).map(|bucket| format!("bucket {bucket}")).collect(),
    }
}

pub(super) fn settings() -> Value {
    json!({
        "version": 1,
        "row": "token class, atom, environment of radius 1",
        "row_buckets": ROW_BUCKETS,
        "global": "ln(1 + n) of token 1-, 2- and 3-grams, counts and environments of radius 0, 1 and 2",
        "gram_buckets": GRAM_BUCKETS,
        "environment_buckets": BUCKETS,
        "global_also": "graph read, log length",
    })
}

/// One molecule, read once for all its rows.
pub(super) struct SmallMolecule {
    tokens: Vec<Token>,
    graph: Option<Molecule>,
    /// Environments by radius and atom, empty without a graph.
    environments: [Vec<Option<u64>>; 3],
    rows: Vec<f32>, // (l, w)
    /// Why there is no graph.
    pub(super) reason: Option<String>,
}

impl SmallMolecule {
    pub(super) fn new(smiles: &[u8]) -> Self {
        let tokens = tokens(smiles);
        let (graph, reason) = match Molecule::read(smiles, &tokens) {
            Ok(graph) => (Some(graph), None),
            Err(reason) => (None, Some(reason)),
        };
        let environments = graph.as_ref().map(environments).unwrap_or_default();
        let mut molecule = Self { tokens, graph, environments, rows: Vec::new(), reason };
        molecule.rows = molecule.token_rows();
        molecule
    }

    pub(super) fn length(&self) -> usize {
        self.tokens.len()
    }

    fn token_rows(&self) -> Vec<f32> {
        let mut rows = Vec::with_capacity(self.tokens.len() * WIDTH);
        let mut atom = 0;
        for token in &self.tokens {
            let start = rows.len();
            rows.resize(start + CLASSES.len(), 0.0);
            rows[start + usize::from(token.class)] = 1.0;
            if let Some(graph) = &self.graph
                && token.is_atom()
            {
                push_atom(graph, &graph.atoms[atom], &mut rows);
                rows.resize(start + WIDTH, 0.0);
                if let Some(environment) = self.environments[1][atom] {
                    let bucket = (environment % ROW_BUCKETS as u64) as usize;
                    rows[start + CLASSES.len() + ATOM.len() + bucket] = 1.0;
                }
                atom += 1;
            }
            rows.resize(start + WIDTH, 0.0);
        }
        rows
    }
}

/// Appends ln(1 + count) of the hashed numbers in each of some buckets.
fn push_buckets(hashes: impl Iterator<Item = u64>, buckets: usize, out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + buckets, 0.0);
    hashes.for_each(|hash| out[start + (hash % buckets as u64) as usize] += 1.0);
    out[start..].iter_mut().for_each(|count| *count = count.ln_1p());
}

impl Features for SmallMolecule {
    fn window(&self, from: usize, to: usize, out: &mut Vec<f32>) {
        out.extend(mean_rows(&self.rows, WIDTH, std::slice::from_ref(&(from..to))));
    }

    fn residue(&self, at: usize, out: &mut Vec<f32>) {
        out.extend(&self.rows[at * WIDTH..(at + 1) * WIDTH]);
    }

    fn global(&self, out: &mut Vec<f32>) {
        let classes: Vec<u64> = self.tokens.iter().map(|token| u64::from(token.class)).collect();
        push_buckets(classes.iter().copied(), CLASSES.len(), out);
        for (n, buckets) in (2..).zip(GRAM_BUCKETS) {
            push_buckets(classes.windows(n).map(hash), buckets, out);
        }
        out.push(f32::from(u8::from(self.graph.is_some())));
        match &self.graph {
            Some(graph) => push_counts(graph, out),
            None => out.resize(out.len() + COUNTS.len(), 0.0),
        }
        for (environments, buckets) in self.environments.iter().zip(BUCKETS) {
            push_buckets(environments.iter().flatten().copied(), buckets, out);
        }
        out.push(log_length(self.tokens.len()));
    }

    fn more(&self, out: &mut Vec<f32>) {
        let all = self.graph.as_ref().map(Fingerprints::of).unwrap_or_default();
        for (bag, buckets) in all.bags().into_iter().zip(FINGERPRINTS) {
            out.extend(bag.folded(buckets).into_iter().map(|count| (count as f32).ln_1p()));
        }
    }
}
