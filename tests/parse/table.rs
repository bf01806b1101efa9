//! Tables that hold the sequences themselves.

use super::support::Place;

const TABLE: &str =
    "table --table in --output pairs.tsv --rna-output rna.fa --partner-output partner --rejects rejects";

#[test]
fn sequences_in_a_table_become_sequences_and_pairs() {
    let place = Place::new();
    place.write(
        "in",
        "rna_seq,protein_seq,interaction\nacgt,MKV,yes\nGGCC,MKV,no\nACGU,mlk,no\nACGU,MKV,yes\nAC1,MKV,no\n",
    );
    let columns =
        "--partner-kind protein --rna-sequence-column rna_seq --partner-sequence-column protein_seq";
    place.run("parse", &format!("{TABLE} {columns} --label-column interaction")).ended(1);
    assert_eq!(place.read("rna.fa"), ">rna1\nACGU\n>rna2\nGGCC\n");
    assert_eq!(place.read("partner"), ">protein1\nMKV\n>protein2\nMLK\n");
    let pairs = "rna_id\tpartner_id\tlabel\nrna1\tprotein1\t1\nrna2\tprotein1\t0\nrna1\tprotein2\t0\n";
    assert_eq!(place.read("pairs.tsv"), pairs);
    assert!(
        place.read("rejects").contains("in\t6\tAC1 MKV\tbad-letter\tRNA: `1` at position 3"),
        "{}",
        place.read("rejects")
    );
    for output in ["rna.fa", "partner", "pairs.tsv"] {
        assert!(place.read(&format!("{output}.provenance.json")).contains("crossmamba-parse table"));
    }
    // What was written is normalised: the other tools take it.
    place.run("parse", "pairs --pairs pairs.tsv --rna rna.fa --partner partner --output again").done();
    assert_eq!(place.read("again"), pairs);
}

#[test]
fn molecules_keep_the_names_that_a_table_gives_them() {
    let place = Place::new();
    place.write("in", "target\tsequence\tSMILES\tligand\tKd\nTAR\tGGCA\tCCO\tethanol\t10\nTAR\tGGCA\tCCN\tL 2\t100\nTAR\tGGCC\tCCO\tethanol\t1\n");
    let columns = "--partner-kind small-molecule --rna-sequence-column sequence --rna-column target --partner-column ligand";
    place.run("parse", &format!("{TABLE} {columns} --id-rule whole --label-column Kd --unit uM")).ended(1);
    assert_eq!(place.read("rna.fa"), ">TAR\nGGCA\n");
    assert_eq!(place.read("partner"), "CCO\tethanol\nCCN\tL_2\n");
    assert_eq!(
        place.read("pairs.tsv"),
        "rna_id\tpartner_id\tlabel\tunit\nTAR\tethanol\t5\t-log10 M\nTAR\tL_2\t4\t-log10 M\n"
    );
    assert!(place.read("rejects").contains("id-conflict\tRNA: `TAR` has another sequence in an earlier row"));
}

#[test]
fn a_table_without_the_columns_leaves_nothing() {
    let place = Place::new();
    place.write("in", "a,b\nACGU,MKV\n");
    place.run("parse", &format!("{TABLE} --partner-kind protein")).ended(2).says(
        "in, line 1: has no column `rna_sequence`; its columns are a, b; name it with --rna-sequence-column",
    );
    assert_eq!(place.files().len(), 1);
}
