//! The duplexes found here beside those of `RNAduplex` (package `ViennaRNA`), which has tables for loops by their
//! sequence, longer loops, and mismatches at the ends: most of its energies are lower by one or two kcal/mol.

use crossmamba::duplex::{Strand, hybridise};
use crossmamba::metrics::pearson;

/// RNA, target, and energy in kcal/mol; `golden/duplex/make_golden.py` wrote them.
const GOLDEN: &str = include_str!("golden/duplex/vienna.tsv");

#[test]
fn energies_follow_those_of_rnaduplex() {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for line in GOLDEN.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [rna, target] = [0, 1].map(|i| Strand::of(fields[i].as_bytes()));
        ours.push(f64::from(hybridise(&rna, &target).energy) / 100.0);
        theirs.push(fields[2].parse::<f64>().expect("a number"));
    }
    let errors: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let r = pearson(&ours, &theirs);
    println!("{} duplexes: Pearson {r:.4}, mean error {mean:.2} kcal/mol", errors.len());
    assert!(errors.len() == 120 && r > 0.99 && mean < 2.0, "Pearson {r}, mean error {mean} kcal/mol");
}
