//! Clusters and folds of published sets against an aligner that knows no shortcut: whole matrices, in plain numbers, and
//! scores that were written down anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use rayon::prelude::*;

use super::support::Place;

const AMINO_ACIDS: &str = "ARNDCQEGHILKMFPSTWYV";
/// BLOSUM62 as NCBI writes it, below the diagonal and on it, in the order of [`AMINO_ACIDS`].
const BLOSUM62: &str = "
 4
-1  5
-2  0  6
-2 -2  1  6
 0 -3 -3 -3  9
-1  1  0  0 -3  5
-1  0  0  2 -4  2  5
 0 -2  0 -1 -3 -2 -2  6
-2  0  1 -1 -3  0  0 -2  8
-1 -3 -3 -3 -1 -3 -3 -4 -3  4
-1 -2 -3 -4 -1 -2 -3 -4 -3  2  4
-1  2  0 -1 -3  1  1 -2 -1 -3 -2  5
-1 -1 -2 -3 -1  0 -2 -3 -2  1  2 -1  5
-2 -3 -3 -3 -2 -3 -3 -3 -1  0  0 -3  0  6
-1 -2 -2 -1 -3 -1 -1 -2 -2 -3 -3 -1 -2 -4  7
 1 -1  1  0 -1  0  0  0 -1 -2 -2  0 -1 -2 -1  4
 0 -1  0 -1 -1 -1 -1 -2 -2 -1 -1 -1 -1 -2 -1  1  5
-3 -3 -4 -4 -2 -2 -3 -2 -2 -3 -2 -3 -1  1 -4 -3 -2 11
-2 -2 -2 -3 -2 -1 -2 -3  2 -1 -1 -2 -1  3 -3 -2 -2  2  7
 0 -3 -3 -3 -1 -2 -2 -3 -3  3  1 -2  1 -1 -2 -2  0 -3 -1  4
";

/// What pairs of letters score, by their codes, and what the first and each further letter of a gap cost.
struct Rules {
    letters: &'static str,
    pair: Vec<Vec<i64>>,
    open: i64,
    extend: i64,
}

impl Rules {
    fn of(kind: &str) -> Self {
        if kind == "rna" {
            let row = |a: usize| {
                (0..5)
                    .map(|b| {
                        if a.max(b) == 4 {
                            -1
                        } else if a == b {
                            5
                        } else {
                            -4
                        }
                    })
                    .collect()
            };
            return Self { letters: "ACGU", pair: (0..5).map(row).collect(), open: 12, extend: 4 };
        }
        let mut pair = vec![vec![-1; 21]; 21];
        for (a, row) in BLOSUM62.trim_matches('\n').lines().enumerate() {
            for (b, score) in row.split_whitespace().enumerate() {
                let score = score.parse().expect("a number");
                (pair[a][b], pair[b][a]) = (score, score);
            }
        }
        Self { letters: AMINO_ACIDS, pair, open: 11, extend: 1 }
    }

    fn codes(&self, letters: &str) -> Vec<usize> {
        letters.chars().map(|letter| self.letters.find(letter).unwrap_or(self.letters.len())).collect()
    }

    /// Gives the identical letters of the best local alignment; among equally good ones, of the one with most.
    fn identical(&self, a: &[usize], b: &[usize]) -> usize {
        // A score and the identical letters behind it, as one number.
        let worth = |score: i64, identical: i64| score * 1_000_000 + identical;
        let never = worth(-1_000_000, 0);
        let (open, extend) = (worth(self.open, 0), worth(self.extend, 0));
        // `best` ends anywhere, `down` in a gap of `b`, `right` in a gap of `a`.
        let (mut best, mut down) = (vec![0; b.len() + 1], vec![never; b.len() + 1]);
        let mut most = 0;
        for &x in a {
            let (mut corner, mut right) = (best[0], never);
            for (j, &y) in b.iter().enumerate() {
                let same = i64::from(x == y && x < self.letters.len());
                let paired = corner + worth(self.pair[x][y], same);
                corner = best[j + 1];
                down[j + 1] = (down[j + 1] - extend).max(corner - open);
                right = (right - extend).max(best[j] - open);
                best[j + 1] = paired.max(down[j + 1]).max(right).max(0);
                most = most.max(best[j + 1]);
            }
        }
        (most % 1_000_000) as usize
    }
}

/// Gives sequences by identifier.
fn fasta(text: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut id = String::new();
    for line in text.lines() {
        match line.strip_prefix('>') {
            Some(name) => name.split_whitespace().next().expect("an identifier").clone_into(&mut id),
            None => found.entry(id.clone()).or_default().push_str(line),
        }
    }
    found
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|row| row.split('\t').collect())
}

/// A side of a set, and how it is divided.
struct Case {
    set: &'static str,
    file: &'static str,
    kind: &'static str,
    identity: f64,
    /// The regime in which its molecules are new, and their column.
    regime: &'static str,
    column: usize,
    /// Of so many pairs one is aligned, where whole matrices of all would take minutes.
    every: usize,
}

#[test]
fn no_pair_across_clusters_or_folds_is_alike_as_whole_matrices_see_it() {
    let Some(data) = std::env::var_os("CROSSMAMBA_DATA").filter(|name| !name.is_empty()).map(PathBuf::from)
    else {
        eprintln!("NOT RUN: the published sets; see CONTRIBUTING.md, or set CROSSMAMBA_DATA");
        return;
    };
    let case = |set, file, kind, identity, regime, every| {
        let column = usize::from(regime == "partner");
        Case { set, file, kind, identity, regime, column, every }
    };
    for case in [
        case("RPI369", "protein.fa", "protein", 0.4, "partner", 1),
        case("RPI369", "rna.fa", "rna", 0.8, "rna", 1),
        case("RPI1460", "protein.fa", "protein", 0.4, "partner", 1),
        case("RPI1460", "rna.fa", "rna", 0.8, "rna", 16),
        case("RSIM_all", "rna.fa", "rna", 0.8, "rna", 1),
    ] {
        hold(&case, &data);
    }
}

fn hold(case: &Case, data: &std::path::Path) {
    let Case { set, file, kind, identity, regime, column, every } = *case;
    let name = format!("{set}, {file}");
    let place = Place::new();
    let partners = if data.join(set).join("protein.fa").exists() { "protein.fa" } else { "molecules.smi" };
    for wanted in ["pairs.tsv", "rna.fa", partners] {
        place.copy(&data.join(set).join(wanted), wanted);
    }
    place
        .run("cluster", &format!("--kind {kind} --identity {identity} --input {file} --output c.tsv"))
        .done();
    // With the sequences, as an identifier of these sets may stand in both columns.
    let split = format!(
        "unseen --regime {regime} --folds 3 --{regime}-clusters c.tsv --pairs pairs.tsv --rna rna.fa --partner {partners} \
         --output s.tsv"
    );
    place.run("split", &split).done();
    let (clusters, splits) = (place.read("c.tsv"), place.read("s.tsv"));
    let cluster: HashMap<&str, &str> = rows(&clusters).map(|row| (row[0], row[1])).collect();
    let mut folds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows(&splits) {
        folds.entry(cluster[row[column]]).or_default().insert(row[2]);
    }
    assert!(folds.values().all(|folds| folds.len() == 1), "{name}: a cluster is in two folds");
    assert!(folds.values().collect::<BTreeSet<_>>().len() == 3, "{name}: not three folds");

    let rules = Rules::of(kind);
    let sequences = fasta(&place.read(file));
    let distinct: BTreeMap<&str, &str> =
        sequences.iter().map(|(id, letters)| (letters.as_str(), cluster[id.as_str()])).collect();
    assert!(
        sequences.iter().all(|(id, letters)| distinct[letters.as_str()] == cluster[id.as_str()]),
        "{name}"
    );
    let coded: Vec<(Vec<usize>, &str)> =
        distinct.iter().map(|(letters, cluster)| (rules.codes(letters), *cluster)).collect();
    let pairs: Vec<(usize, usize)> =
        (0..coded.len()).flat_map(|a| (0..a).map(move |b| (a, b))).step_by(every).collect();
    let [apart, together] = [false, true].map(|same| {
        let of = pairs.par_iter().filter(|(a, b)| (coded[*a].1 == coded[*b].1) == same);
        of.filter(|&&(a, b)| {
            let ([a, b], [shorter, _]) = ([&coded[a].0, &coded[b].0], {
                let mut lengths = [coded[a].0.len(), coded[b].0.len()];
                lengths.sort_unstable();
                lengths
            });
            rules.identical(a, b) as f64 >= identity * shorter as f64 - 1e-9
        })
        .count()
    });
    assert_eq!(apart, 0, "{name}: pairs at or above {identity} in two clusters, of {}", pairs.len());
    // An aligner that found nothing alike would have proved nothing.
    assert!(together > 20, "{name}: {together} pairs alike");
}
