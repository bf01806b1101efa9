//! Simulated and parsed sequences.

use super::{PDF, PNG, check, row};

#[test]
fn simulate_refuses_bad_settings_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "simulate",
            "--output out --families 3",
            &[],
            2,
            "setting `families`: 3 families cannot put every class into each of 5 folds; choose a \
             multiple of 40",
        ),
        row(
            "simulate",
            "--output out --classes 9 --families 45",
            &[],
            2,
            "setting `classes`: 9 is outside 2 to 8; choose 2 to 8",
        ),
        row(
            "simulate",
            "--output out --rna 20",
            &[],
            2,
            "setting `rna`: 20 molecules are fewer than the 80 families",
        ),
        row(
            "simulate",
            "--output out --noise 0.9",
            &[],
            2,
            "setting `noise`: 0.9 is outside 0 to 0.5; give a share of pairs",
        ),
        row("simulate", "--output out --noise nan", &[], 2, "setting `noise`: NaN is outside 0 to 0.5"),
        row(
            "simulate",
            "--output out --decoys 2",
            &[],
            2,
            "setting `decoys`: 2 is not a share of molecules; choose 0 to 0.9",
        ),
        row(
            "simulate",
            "--output out --pairs 5",
            &[],
            2,
            "setting `pairs`: 5 pairs are too few to split; ask for at least 10",
        ),
        row(
            "simulate",
            "--output out --pairs 100000",
            &[],
            2,
            "setting `pairs`: 100000 pairs are more than these molecules can form; ask for at most",
        ),
        row(
            "simulate",
            "--output out --interaction-only --pairs 1000",
            &[],
            2,
            "cannot give every one of 400 molecules equally many; choose a multiple of 800",
        ),
        row(
            "simulate",
            "--output out --interaction-only --decoys 0.1",
            &[],
            2,
            "a decoy molecule never binds, which an interaction-only set must not tell; leave it out \
             or set it to 0",
        ),
        row(
            "simulate",
            "--output out --interaction-only --classes 3 --families 15",
            &[],
            2,
            "choose 2, 4, 6 or 8 for an interaction-only set",
        ),
        row(
            "simulate",
            "--output missing/out",
            &[],
            2,
            "missing/out: cannot create the folder: No such file or directory",
        ),
        row("simulate", "--output rna.fa", &[], 2, "rna.fa: cannot create the folder: File exists"),
        row("simulate", "--output out --rna many", &[], 2, "invalid value 'many' for '--rna <N>'"),
        row("simulate", "--output out --kind dna", &[], 2, "invalid value 'dna' for '--kind <KIND>'"),
        row("simulate", "--output out --threads 0", &[], 2, "invalid value '0' for '--threads <N>'"),
    ]);
}

#[test]
fn parse_refuses_bad_sequences_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "parse",
            "sequences --kind rna no-such.fa --output out.fa",
            &[],
            2,
            "no-such.fa: cannot read: No such file or directory",
        ),
        row(
            "parse",
            "sequences --kind rna rna.store --output out.fa",
            &[],
            2,
            "rna.store: is a folder, not a file; name the file inside it",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa",
            &[("x.fa", b"")],
            2,
            "x.fa: is empty; check how the file was made",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa",
            &[("x.fa", PDF)],
            2,
            "x.fa: is a PDF document, not plain text; export what it holds as plain text",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa",
            &[("x.fa", PNG)],
            2,
            "x.fa: is a PNG image, not plain text; export what it holds as plain text",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output rna.fa",
            &[],
            2,
            "rna.fa: is an input, too; name another output",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output missing/out.fa",
            &[],
            2,
            "missing/out.fa: cannot write: No such file or directory",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output pairs.tsv/out.fa",
            &[],
            2,
            "pairs.tsv/out.fa: cannot write: Not a directory",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output rna.store",
            &[],
            2,
            "rna.store: cannot write: a folder has this name",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output /dev/full",
            &[],
            2,
            "/dev/full: cannot write: No space left on device",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --rejects out.fa",
            &[],
            2,
            "out.fa: is another output, too; name another output",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nACGU\n>b\nACJU\n")],
            1,
            "x.fa\t3\tb\tbad-letter\t`J` at position 3",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nACGU\n>a\nGGGG\n")],
            1,
            "x.fa\t3\ta\tid-conflict",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nACGU\n>b\n>c\nACG\n")],
            1,
            "x.fa\t3\tb\tempty",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nACGU\n>\nACG\n")],
            1,
            "\tno-id\t",
        ),
        row(
            "parse",
            "sequences --kind rna x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nACGU\n>b\nAC-G\n")],
            1,
            "x.fa\t3\tb\tgap\t`-` at position 3",
        ),
        row(
            "parse",
            "sequences --kind protein x.fa --output out.fa --rejects rejects.tsv",
            &[("x.fa", b">a\nMKV\n>b\nMK*V\n")],
            1,
            "x.fa\t3\tb\tstop\tinside, at position 3",
        ),
        row(
            "parse",
            "sequences --kind rna x.fq --output out.fa --rejects rejects.tsv",
            &[("x.fq", b"@a\nACGU\n+\nIIII\n@b\nACGU\n+\nIII\n")],
            1,
            "\tb\tquality-length\t",
        ),
        row(
            "parse",
            "sequences --kind small-molecule x.smi --output out.smi --rejects rejects.tsv",
            &[("x.smi", b"CCO\ta\nCC(O\tb\n")],
            1,
            "x.smi\t2\tb\tbad-smiles",
        ),
        row(
            "parse",
            "sequences --kind small-molecule x.smi --output out.smi --rejects rejects.tsv",
            &[("x.smi", b"CCO\ta\nCCN\n")],
            1,
            "\tno-id\t",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --inner-stop mask",
            &[],
            2,
            "setting `--inner-stop`: means nothing for rna; leave it out",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --max-length 0",
            &[],
            2,
            "invalid value '0' for '--max-length <N>'",
        ),
    ]);
}
