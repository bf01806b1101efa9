//! Language models: wrong checkpoints, wrong options, wrong sequences.

use super::{File, check, row};

const ESM2: File = ("esm2.pt", include_bytes!("../data/lm/esm2/esm2_tiny.pt"));
const RINALMO: File = ("r/rinalmo.pt", include_bytes!("../data/lm/rinalmo/rinalmo_tiny_pretrained.pt"));
const CONFIG: File = ("r/config.json", include_bytes!("../data/lm/rinalmo/config.json"));
const MOLFORMER: File = ("molformer.ckpt", include_bytes!("../data/lm/molformer_small/molformer_tiny.ckpt"));
const MOLECULE: File = ("x.smi", b"CCO\ta\n");

#[test]
fn checkpoints_that_are_none_are_refused_in_one_sentence() {
    check(&[
        row(
            "embed",
            "--kind protein --encoder esm2 --input protein.fa --output out",
            &[],
            2,
            "setting `checkpoint`: esm2 needs its weights; name the published file or folder with `--checkpoint`",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint no-such.pt --input protein.fa --output out",
            &[],
            2,
            "no-such.pt: cannot",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint r/rinalmo.pt --input protein.fa --output out",
            &[RINALMO, CONFIG],
            2,
            "r/rinalmo.pt: holds the weights of rinalmo, not of esm2; choose `--encoder rinalmo`, or another checkpoint",
        ),
        row(
            "embed",
            "--kind rna --encoder esm2 --checkpoint esm2.pt --input rna.fa --output out",
            &[ESM2],
            2,
            "setting `encoder`: esm2 reads protein sequences, not rna; choose `--encoder rinalmo`, or `--kind protein`",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint rna.fa --input protein.fa --output out",
            &[],
            2,
            "rna.fa: ",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint model --input protein.fa --output out",
            &[],
            2,
            "model",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint esm2.pt --input protein.fa --output out --verify \
             sha256:00000000000000000000000000000000000000000000000000000000000000ff",
            &[ESM2],
            2,
            "00ff; fetch the file again, or give the digest of the file that you mean",
        ),
        row(
            "embed",
            "--kind protein --encoder esm2 --checkpoint esm2.pt --input protein.fa --output out --verify sha256:12",
            &[ESM2],
            2,
            "a digest has 64 hexadecimal digits",
        ),
        row(
            "embed",
            "--kind small-molecule --encoder molformer --checkpoint molformer.ckpt --input x.smi --output out",
            &[MOLFORMER, MOLECULE],
            2,
            "molformer.ckpt: has no vocabulary of 64 tokens beside it; put vocab.json, tokenizer.json or \
             bert_vocab.txt of the published model there, or name the file with `--vocabulary`",
        ),
        row(
            "embed",
            "--kind small-molecule --encoder molformer --checkpoint molformer.ckpt --vocabulary v.txt \
             --input x.smi --output out",
            &[MOLFORMER, MOLECULE, ("v.txt", b"<bos>\n<eos>\n<pad>\n<unk>\nC\nO\n")],
            2,
            "v.txt: has 6 tokens, but the checkpoint has 64 embedding rows",
        ),
        row(
            "embed",
            "--kind small-molecule --encoder molformer --checkpoint molformer.ckpt --vocabulary v.txt \
             --input x.smi --output out",
            &[MOLFORMER, MOLECULE, ("v.txt", b"C\nO\nC\nN\n")],
            2,
            "v.txt: is no vocabulary (the token `C` has the ids 0 and 2)",
        ),
        row("embed", "self-check", &[], 2, "--checkpoint <PATH>"),
        row(
            "embed",
            "self-check --checkpoint rna.fa",
            &[],
            2,
            "rna.fa: is neither safetensors nor a torch file",
        ),
    ]);
}

#[test]
fn options_and_sequences_that_no_language_model_takes_are_refused_in_one_sentence() {
    const ASK: &str = "--kind protein --encoder esm2 --checkpoint esm2.pt --input protein.fa --output";
    let ask = |rest: &str| -> &'static str { format!("{ASK} {rest}").leak() };
    check(&[
        row(
            "embed",
            "--kind rna --input rna.fa --output out --checkpoint esm2.pt",
            &[ESM2],
            2,
            "setting `checkpoint`: only language models have it; leave it out, or choose `--encoder esm2`",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output out --long skip",
            &[],
            2,
            "setting `long`: only language",
        ),
        row(
            "embed",
            ask("out --layer 9"),
            &[ESM2],
            2,
            "setting `layer`: the model has 3 layers, not 9; give 0 to 3",
        ),
        row(
            "embed",
            ask("out --long skip --stride 4"),
            &[ESM2],
            2,
            "setting `stride`: only `--long window` has",
        ),
        row(
            "embed",
            ask("out --context 8 --stride 9"),
            &[ESM2],
            2,
            "setting `stride`: 9 is more than the context of 8: residues would be left out; give 1 to 8",
        ),
        row("embed", ask("out --context 0"), &[ESM2], 2, "invalid value '0' for '--context <N>'"),
        row("embed", ask("out --max-tokens 0"), &[ESM2], 2, "invalid value '0' for '--max-tokens <N>'"),
        row(
            "embed",
            ask("out --long error --context 10"),
            &[ESM2],
            2,
            "more than the 10 that the model reads at once, as ",
        ),
        row(
            "embed",
            ask("protein.store"),
            &[ESM2],
            2,
            "`encoder` is \"kmer\", not \"esm2\" as asked now; use the same",
        ),
    ]);
}
