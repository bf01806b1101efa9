//! Black-box tests of `crossmamba-cluster`.

#[path = "cluster/exact.rs"]
mod exact;
mod support;

use support::Place;

/// Two families of three, and one RNA by itself: `a1` is `a0` with one letter changed, `a2` a piece of it.
const RNA: &str = "\
>a0\nGGCAUCGGAUUACGCAUGCCAAGCUUAGGCUA\n>b0\nCCUUAAGAGAGUCUCUCCGAUAAACGUGGACC\n\
>a1\nGGCAUCGGAUUACGCAUGCCAAGCUUAGGCUC\n>c0\nUUUUGGGGAAAACCCCUGACUGACAGUCAGUC\n\
>b1\nCCUUAAGAGAGUCUCUCCGAUAAACGAGGACC\n>a2\nGGAUUACGCAUGCCAAGCUU\n";

#[test]
fn families_are_found_whichever_pairs_are_compared() {
    let place = Place::new();
    place.write("rna.fa", RNA);
    let run = |how: &str, name: &str| {
        place
            .run("cluster", &format!("--kind rna --input rna.fa --identity 0.9 --output {name} {how}"))
            .done()
    };
    run("--threads 1", "all")
        .says("all pairs of 6 distinct sequences were compared")
        .says("6 molecules in 3 clusters");
    run("--compare words --threads 3 --missed missed", "words")
        .says("6 sequences were compared with all others: of 8 pairs at or above identity 0.9 0 were in two clusters");
    assert_eq!(place.read("missed"), "id\tother\tidentity\n");
    assert_eq!(place.read("all"), "id\tcluster\na0\t0\nb0\t1\na1\t0\nc0\t2\nb1\t1\na2\t0\n");
    assert_eq!(place.read("all"), place.read("words"));
    assert!(place.read("all.provenance.json").contains("\"identity\": 0.9"));
    place.run("cluster", "--kind rna --input rna.fa --identity 0.9 --coverage 0.8 --output c").done();
    assert!(place.read("c").ends_with("a2\t3\n"), "{}", place.read("c"));
}

#[test]
fn what_words_miss_in_the_sample_is_joined_and_listed() {
    let place = Place::new();
    // `a` and `b` are alike, but no eight letters in a row are the same: no word joins them.
    let a = "GGCAUCGCAUUACGCAUGCCAAGCUUAGGCUAUCCGAUAUCGGACUUACG";
    let b: String = a
        .char_indices()
        .map(|(i, letter)| if i % 7 == 6 { if letter == 'A' { 'C' } else { 'A' } } else { letter })
        .collect();
    place.write("rna.fa", format!(">b\n{b}\n>c\n{}\n>a\n{a}\n", "U".repeat(50)));
    let command = "--kind rna --input rna.fa --identity 0.8 --compare words --missed missed --output";
    place
        .run("cluster", &format!("{command} c"))
        .done()
        .says("1 were in two clusters (`b` and `a` for one; --missed lists them), and are joined now");
    assert_eq!(place.read("missed"), "id\tother\tidentity\nb\ta\t0.86\n");
    assert_eq!(place.read("c"), "id\tcluster\nb\t0\nc\t1\na\t0\n");
}

#[test]
fn other_programs_clusters_and_similarities_are_taken_over() {
    let place = Place::new();
    place.write("mmseqs.tsv", "a\ta\na\tb\nc\tc\n");
    place.write("sim.tsv", "\ta\tb\tc\na\t1\t0.7\t0\nb\t0.7\t1\t0.1\nc\t0\t0.1\t1\n");
    place.run("cluster", "--import mmseqs.tsv --output one").done();
    place.run("cluster", "--import sim.tsv --threshold 0.6 --output two").done();
    assert_eq!(place.read("one"), "id\tcluster\na\t0\nb\t0\nc\t1\n");
    assert_eq!(place.read("one"), place.read("two"));
}

#[test]
fn small_molecules_are_joined_by_what_their_atoms_stand_in() {
    let place = Place::new();
    // Aspirin as two programs write it, its methyl ester, glucose, and a ring that is not closed.
    place.write(
        "m.smi",
        "CC(=O)Oc1ccccc1C(=O)O\ta\nOC(=O)C1=CC=CC=C1OC(C)=O\tb\nCOC(=O)c1ccccc1OC(C)=O\tc\n\
         OCC1OC(O)C(O)C(O)C1O\td\nC1CC\te\n",
    );
    place
        .run("cluster", "--kind small-molecule --input m.smi --output one --threads 1")
        .done()
        .says("no two clusters hold a pair at or above Tanimoto 0.5")
        .says("1 molecules could not be read, and are alone");
    assert_eq!(place.read("one"), "id\tcluster\na\t0\nb\t0\nc\t0\nd\t1\ne\t2\n");
    place.run("cluster", "--kind small-molecule --identity 1 --input m.smi --output two --threads 3").done();
    assert_eq!(place.read("two"), "id\tcluster\na\t0\nb\t0\nc\t1\nd\t2\ne\t3\n");
}

#[test]
fn files_of_both_columns_are_clustered_together() {
    let place = Place::new();
    let other = RNA.replace(">a1", ">x1").replace(">c0", ">x2");
    place.write("one.fa", RNA).write("other.fa", other);
    place.run("cluster", "--kind rna --identity 0.9 --input one.fa --input other.fa --output c").done();
    assert!(place.read("c").ends_with("a2\t0\nx1\t0\nx2\t2\n"), "{}", place.read("c"));
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let place = Place::new();
    place.write("m.smi", "CCO\tm1\n").write("rna.fa", RNA).write("b.fa", ">x\nACGUACGU\n>a0\nACGU\n");
    place
        .run("cluster", "--kind small-molecule --coverage 0.5 --input m.smi --output c")
        .ended(2)
        .says("is about alignments, of which small molecules have none");
    place.run("cluster", "--kind rna --input rna.fa --input b.fa --output c").ended(2).says(
        "b.fa, record `a0`: has another sequence in a file before; give the two molecules two identifiers",
    );
    place
        .run("cluster", "--kind rna --input rna.fa --identity 80 --output c")
        .ended(2)
        .says("80 is not between 0.3 and 1");
    assert!(!place.path("c").exists());
}
