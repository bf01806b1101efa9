//! Times the alignment of all sequences of a FASTA file with all, on one thread: `homology KIND FILE`. Prints the seconds of the
//! fastest of three rounds, the cells of all matrices, and how many pairs are homologous.

use std::time::Instant;

use crossmamba::homology::Sequences;
use crossmamba::record::Molecule;

const ROUNDS: usize = 3;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let [kind, path] = &given[..] else { panic!("give rna or protein, and a FASTA file") };
    let kind = if kind == "rna" { Molecule::Rna } else { Molecule::Protein };
    let text = std::fs::read_to_string(path).expect("a FASTA file");
    let letters = text.lines().filter(|line| !line.starts_with('>')).map(str::as_bytes);
    let sequences = Sequences::read(kind, letters);
    let lengths: Vec<usize> = sequences.coded().iter().map(Vec::len).collect();
    let mut before = 0;
    let rows = lengths.iter().map(|length| {
        before += length;
        length * before
    });
    let cells: usize = rows.sum();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let round = |_| {
        let start = Instant::now();
        let found = one.install(|| sequences.homologs());
        (start.elapsed().as_secs_f64(), found.iter().map(Vec::len).sum::<usize>())
    };
    let rounds: Vec<(f64, usize)> = (0..ROUNDS).map(round).collect();
    let least = rounds.iter().map(|round| round.0).fold(f64::INFINITY, f64::min);
    println!("{least:.3}\t{cells}\t{}", (rounds[0].1 - lengths.len()) / 2);
}
