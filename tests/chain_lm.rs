//! The whole chain with language models in place of the built-in encoders: simulated pairs through `parse`, `split`,
//! `embed`, `fuse-train`, `evaluate` and `predict`. The models are tiny and random, so that only the chain is tested.

mod published;
mod support;

use published::golden;
use support::Place;

const CONFIG: &str = "\
model: {width: 8, inner: 8, state: 4, hidden: 8}
training: {epochs: 3, batch: 32}
";

/// One kind of pair: what simulate, parse and embed call its partner, and the partner's encoder and checkpoint.
struct Chain {
    pairs: &'static str,
    kind: &'static str,
    file: &'static str,
    encoder: &'static str,
    checkpoint: &'static str,
    /// A metric of its report, and the column of its predictions that is compared.
    metric: &'static str,
}

fn run(chain: &Chain) {
    let Chain { pairs, kind, file, encoder, checkpoint, metric } = chain;
    let place = Place::new();
    place
        .copy(&golden("rinalmo"), "rinalmo")
        .copy(&golden(checkpoint), checkpoint)
        .write("config.yaml", CONFIG);
    let size = "--classes 2 --families 10 --rna 40 --partners 40 --pairs 160 --noise 0";
    place.run("simulate", &format!("--kind {pairs} {size} --output set")).done();
    place.run("parse", "sequences --kind rna set/rna.fa --output rna.fa").done();
    place.run("parse", &format!("sequences --kind {kind} set/{file} --output {file}")).done();
    let table = "pairs --pairs set/pairs.tsv --rna rna.fa --output pairs.tsv";
    place.run("parse", &format!("{table} --partner {file}")).done();
    place.run("split", "random --pairs pairs.tsv --folds 3 --seed 1 --output splits.tsv").done();
    // The context is short enough for some molecules to be read in windows.
    let options = "--context 100";
    let rna = "--kind rna --encoder rinalmo --checkpoint rinalmo --input rna.fa --output rna.store";
    place.run("embed", &format!("{rna} {options}")).done();
    let partner = format!("--kind {kind} --encoder {encoder} --checkpoint {checkpoint}");
    place.run("embed", &format!("{partner} --input {file} --output partner.store {options}")).done();
    let stores = "--rna-store rna.store --partner-store partner.store";
    let train = format!("--pairs pairs.tsv --splits splits.tsv {stores} --config config.yaml --output model");
    place.run("fuse-train", &train).done();
    let report =
        format!("--pairs pairs.tsv --splits splits.tsv --rna rna.fa --partner {file} --bootstrap 20");
    place.run("evaluate", &format!("--predictions model/predictions.tsv {report} --output report")).done();
    assert!(place.read("report/metrics.tsv").contains(metric));
    assert_eq!(place.read("model/predictions.tsv").lines().count(), 161);
    place
        .run("predict", &format!("--model model --pairs pairs.tsv {stores} --output predictions.tsv"))
        .done();
    let predictions = place.read("predictions.tsv");
    assert_eq!(predictions.lines().count(), 161);
    let scored = predictions.lines().next().unwrap().split('\t');
    let column = scored.clone().position(|name| matches!(name, "probability" | "affinity")).unwrap();
    let values: Vec<f64> = predictions
        .lines()
        .skip(1)
        .map(|line| line.split('\t').nth(column).unwrap().parse().unwrap())
        .collect();
    assert!(values.iter().all(|value| value.is_finite()));
    assert!(values.iter().any(|value| (value - values[0]).abs() > 1e-4), "all pairs are alike");
    // A model trained on these embeddings refuses those of another layer.
    place.run("embed", &format!("{rna}2 {options} --layer 1")).done();
    let other = "--rna-store rna.store2 --partner-store partner.store";
    place
        .run("predict", &format!("--model model --pairs pairs.tsv {other} --output other.tsv"))
        .ended(2)
        .says("was trained on rna embeddings of `rinalmo`");
}

#[test]
fn rnas_and_proteins_by_rinalmo_and_esm2() {
    run(&Chain {
        pairs: "rna-protein",
        kind: "protein",
        file: "protein.fa",
        encoder: "esm2",
        checkpoint: "esm2",
        metric: "auroc",
    });
}

#[test]
fn rnas_and_small_molecules_by_rinalmo_and_molformer() {
    run(&Chain {
        pairs: "rna-small-molecule",
        kind: "small-molecule",
        file: "molecules.smi",
        encoder: "molformer",
        checkpoint: "molformer_small",
        metric: "spearman",
    });
}
