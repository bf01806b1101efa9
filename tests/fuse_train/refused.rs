//! What cannot be trained is refused with a sentence.

use super::support::Place;
use super::train;
use super::trained::{CONFIG, STORES, prepare};

#[test]
fn what_cannot_be_trained_is_refused_with_a_sentence_and_leaves_nothing() {
    let place = Place::new();
    prepare(&place);
    let refuse = |arguments: &str, words: &str| {
        train(&place, &format!("{arguments} --output model")).ended(2).says(words);
        assert!(!place.path("model").exists(), "{arguments}");
    };
    place.write("config.yaml", "training: {speed: 3}\n");
    refuse("", "config.yaml, line 1: training: unknown field `speed`");
    place.write("config.yaml", "model: {width: 0}\n");
    refuse("", "config.yaml: setting `model.width`: it is 0");
    place.write("config.yaml", "training: {negatives: balanced}\n");
    refuse("--batches blocks", "every step draws its own negative pairs; leave out one of the two");
    place.write("config.yaml", "task: affinity\n");
    refuse("--negatives-per-positive 3", "the labels are affinities, of which none is negative");
    place.write("config.yaml", CONFIG);
    refuse("--fold fold-9", "the split has no fold `fold-9`; name one of fold-0, fold-1, fold-2");
    refuse("--device cuda:1", "--device");
    let pairs = place.read("pairs.tsv");
    place.write("pairs.tsv", format!("{pairs}r99\tp1\t1\n"));
    let splits = place.read("splits.tsv");
    place.write("splits.tsv", format!("{splits}r99\tp1\t1\n"));
    refuse("", "r99");
    place.write("pairs.tsv", pairs.replace("\t1\n", "\t0\n")).write("splits.tsv", splits);
    refuse("", "training pairs of one class only");
    place.write("pairs.tsv", pairs);
    place.write("model", "x");
    train(&place, "--output model").ended(2).says("is a file, not a folder");
    train(&place, "--output missing/model").ended(2).says("missing: is not a folder");
    train(&place, "--output full").done();
    train(&place, "--output full").ended(2).says("is not empty; add --resume to go on with it");
    train(&place, "--output full --resume --seed 9").ended(2).says("holds the model of another run");
    // A run with folds and one without have their models in other places of the folder.
    let without = format!("--pairs pairs.tsv --config config.yaml {STORES}");
    place
        .run("fuse-train", &format!("{without} --output full --resume"))
        .ended(2)
        .says("full/fold-0: holds the model of another run");
    place.run("fuse-train", &format!("{without} --output plain")).done();
    train(&place, "--output plain --resume").ended(2).says("plain: holds the model of another run");
    place.run("fuse-train", &format!("--pairs pairs.tsv {STORES}")).ended(2).says("--output");
    let swapped = "--pairs pairs.tsv --rna-store partner.store --rna-store rna.store \
                   --partner-store partner.store --output model2";
    place.run("fuse-train", swapped).ended(2).says("join stores of one kind of molecule only");
}
