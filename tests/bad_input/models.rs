//! Stores and models.

use super::{PNG, check, row};

#[test]
fn embed_refuses_bad_input_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "embed",
            "--kind rna --input x.fa --output out",
            &[("x.fa", b"")],
            2,
            "x.fa: holds no sequence; check how the file was made",
        ),
        row(
            "embed",
            "--kind rna --input x.fa --output out",
            &[("x.fa", b">a\nacgu\n")],
            2,
            "x.fa, line 1, record `a`: letter `a` at position 1 is not a rna letter; normalise the \
             file with crossmamba-parse",
        ),
        row(
            "embed",
            "--kind rna --input x.fa --output out",
            &[("x.fa", b">a\nACGU\n>a\nGGG\n")],
            2,
            "x.fa, line 3, record `a`: the identifier stands on line 1 already; normalise the file \
             with crossmamba-parse",
        ),
        row(
            "embed",
            "--kind rna --input protein.fa --output out",
            &[],
            2,
            "is not a rna letter; normalise the file with crossmamba-parse",
        ),
        row(
            "embed",
            "--kind rna --input rna.store --output out",
            &[],
            2,
            "rna.store: is a folder, not a file",
        ),
        row(
            "embed",
            "--kind rna --input no-such.fa --output out",
            &[],
            2,
            "no-such.fa: cannot read: No such file or directory",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output pairs.tsv",
            &[],
            2,
            "pairs.tsv: is a file, not a folder; name a folder for the store",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output -",
            &[],
            2,
            "a store cannot be written to standard output; name a folder",
        ),
        row("embed", "--kind rna --input rna.fa --output rna.store --encoder onehot", &[], 2, "rna.store"),
        row(
            "embed",
            "--kind rna --input rna.fa --output out --tokens residue --window 8",
            &[],
            2,
            "setting `window`: only `--tokens window` has windows",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output out --shard 9/8",
            &[],
            2,
            "invalid value '9/8' for '--shard <I/N>'",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output model",
            &[],
            2,
            "model: holds files but is not an embedding store",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output x",
            &[("x/manifest.json", b"{")],
            2,
            "x/manifest.json: is not the manifest of an embedding store",
        ),
        row(
            "embed",
            "--kind small-molecule --input x.smi --output out",
            &[("x.smi", b"CC(C)C\n")],
            2,
            "x.smi, line 1",
        ),
    ]);
}

#[test]
fn fuse_train_refuses_bad_input_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"training:\n  epoch: 3\n")],
            2,
            "unknown field `epoch`",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"model: { dropout: 2 }\n")],
            2,
            "x.yaml: setting `model.dropout`: 2 is no share; give 0 or more and less than 1",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"model: { width: 65536, inner: 65536, state: 65536 }\n")],
            2,
            "setting `model.inner`: with 65536, the training needs about ",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"model: { duplex: energy }\n")],
            2,
            "setting `model.duplex`: the rna stores hold no nucleotides; add a --rna-store made with \
             `crossmamba-embed --kind rna --encoder onehot --tokens residue`, or set `model.duplex: none`",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"model: { duplex: maybe }\n")],
            2,
            "x.yaml, line 1: model.duplex: unknown variant `maybe`",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", b"model: [\n")],
            2,
            "x.yaml, line",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --config x.yaml",
            &[("x.yaml", PNG)],
            2,
            "x.yaml",
        ),
        row(
            "fuse-train",
            "--pairs x.tsv STORES --output out",
            &[("x.tsv", b"rna_id\tpartner_id\nrna01\tprotein01\n")],
            2,
            "x.tsv",
        ),
        row(
            "fuse-train",
            "--pairs x.tsv STORES --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nrna01\tprotein01\tnan\n")],
            2,
            "x.tsv, line 2: label `nan` is not a finite number",
        ),
        row(
            "fuse-train",
            "--pairs x.tsv STORES --output out",
            &[(
                "x.tsv",
                b"rna_id\tpartner_id\tlabel\nrna01\tprotein01\t1\nrna02\tprotein02\t1\nrna03\tprotein03\t1\n",
            )],
            2,
            "training pairs of one class only",
        ),
        row(
            "fuse-train",
            "--pairs x.tsv STORES --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nr\tp\t1\nq\tp\t0\n")],
            2,
            "rna.store, record `r`: is not in this embedding store; run crossmamba-embed on the \
             sequences that hold it",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits x.tsv STORES --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tfold\nr\tp\t0\n")],
            2,
            "x.tsv",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv --rna-store rna.fa --partner-store protein.store \
             --output out",
            &[],
            2,
            "rna.fa: is a file, not an embedding store; name the folder that crossmamba-embed wrote",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv --rna-store no-such --partner-store protein.store \
             --output out",
            &[],
            2,
            "no-such: does not exist; make the store with crossmamba-embed",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv --rna-store model --partner-store protein.store \
             --output out",
            &[],
            2,
            "model: is not an embedding store (it has no manifest.json)",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv --rna-store protein.store --partner-store \
             protein.store --output out",
            &[],
            2,
            "protein.store",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output model",
            &[],
            2,
            "model: is not empty; add --resume to go on with it, or choose another --output",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output missing/out",
            &[],
            2,
            "missing: is not a folder; make it before training into it",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output rna.fa",
            &[],
            2,
            "rna.fa: is a file, not a folder; choose another --output",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out --fold fold-9",
            &[],
            2,
            "the split has no fold `fold-9`; name one of",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out --ensemble 0",
            &[],
            2,
            "invalid value '0' for '--ensemble <K>'",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out --device gpu",
            &[],
            2,
            "invalid value 'gpu' for '--device <DEVICE>'",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out --device cpu --precision bf16",
            &[],
            2,
            "setting `--precision`: bf16 is for training on a GPU, and this computes on the CPU; leave it out",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out",
            &[("rna.store/shard-00000.bin", b"torn")],
            2,
            "is shorter than the index says",
        ),
    ]);
}

#[test]
fn predict_refuses_bad_input_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "predict",
            "--model no-such --pairs pairs.tsv STORES --output out.tsv",
            &[],
            2,
            "no-such: is no folder here, and no model has this name (there are rna-protein-1, rna-small-molecule-1, rna-rna-1)",
        ),
        row(
            "predict",
            "--model rna.fa --pairs pairs.tsv STORES --output out.tsv",
            &[],
            2,
            "rna.fa: is a file, not a model; name the folder that crossmamba-fuse-train wrote",
        ),
        row(
            "predict",
            "--model rna.store --pairs pairs.tsv STORES --output out.tsv",
            &[],
            2,
            "rna.store: holds no trained model",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output out.tsv",
            &[("model/model.json", b"{")],
            2,
            "model/model.json: is not a model",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output out.tsv",
            &[("model/weights-0.safetensors", b"torn")],
            2,
            "is damaged or was changed",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv --rna-store protein.store --partner-store rna.store \
             --output out.tsv",
            &[],
            2,
            "was trained on rna embeddings of `kmer`",
        ),
        row(
            "predict",
            "--model model --pairs x.tsv STORES --output out.tsv",
            &[("x.tsv", b"rna_id\nrna01\n")],
            2,
            "x.tsv, line 1: has no column `partner_id`",
        ),
        row(
            "predict",
            "--model model --pairs x.tsv STORES --output out.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\nrna01\tprotein01\nrna02\tnobody\n")],
            1,
            "nobody",
        ),
        row(
            "predict",
            "--model model --pairs x.tsv STORES --output out.tsv",
            &[("x.tsv", b"")],
            2,
            "x.tsv: is empty",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output missing/out.tsv",
            &[],
            2,
            "missing/out.tsv: cannot write: No such file or directory",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output pairs.tsv/x",
            &[],
            2,
            "pairs.tsv/x: cannot write: Not a directory",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output pairs.tsv",
            &[],
            2,
            "pairs.tsv: is an input, too; name another output",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output /dev/full",
            &[],
            2,
            "/dev/full: cannot write: No space left on device",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output out.tsv",
            &[("protein.store/index.tsv", b"nonsense\n")],
            2,
            "protein.store/index.tsv, line 1: is not the index of an embedding store",
        ),
    ]);
}
