//! What the tools are asked to do with the good set.

use super::Task;

/// The stores of the good set.
pub(crate) const STORES: &str = "--rna-store rna.store --partner-store protein.store";
/// What the models of the good set are trained on.
pub(crate) const TRAINED_ON: &str =
    "--pairs pairs.tsv --splits splits.tsv --rna-store rna.store --partner-store protein.store";

const RNA_STORE: &[&str] = &["rna.store"];
const BOTH_STORES: &[&str] = &["rna.store", "protein.store"];

/// A training that takes long enough to be stopped at its work.
pub(crate) const LONG: Task = Task {
    name: "train-long",
    tool: "fuse-train",
    arguments: "--pairs pairs.tsv --splits splits.tsv --rna-store rna.store --partner-store protein.store \
                --config long.yaml --output new/out",
    resume: "--resume",
    sealed: &[],
    open: &[],
    grows: &["out"],
    counts: &[],
    reader: None,
};

/// Lists them.
pub(crate) fn all() -> Vec<Task> {
    let mut tasks = parsing();
    tasks.extend(embedding());
    tasks.extend(learning());
    tasks
}

fn parsing() -> Vec<Task> {
    vec![
        Task {
            name: "simulate",
            tool: "simulate",
            arguments: "--classes 2 --families 10 --rna 20 --partners 20 --pairs 40 --output new/out \
                        --mqc new/mqc.json",
            ..Task::default()
        },
        Task {
            name: "parse-sequences",
            tool: "parse",
            arguments: "sequences --kind rna raw.fa.gz --output new/out.fa --rejects new/rejects.tsv \
                        --summary new/out.json --mqc new/mqc.json",
            open: &["raw.fa.gz"],
            ..Task::default()
        },
        Task {
            name: "parse-smiles",
            tool: "parse",
            arguments: "sequences --kind small-molecule raw.smi --output new/out.smi.gz",
            open: &["raw.smi"],
            ..Task::default()
        },
        Task {
            name: "parse-pairs",
            tool: "parse",
            arguments: "pairs --pairs raw.csv --rna rna.fa --partner protein.fa --output new/out.tsv \
                        --rejects new/rejects.tsv --summary new/out.json --mqc new/mqc.json",
            open: &["raw.csv", "rna.fa", "protein.fa"],
            ..Task::default()
        },
        Task {
            name: "parse-table",
            tool: "parse",
            arguments: "table --table raw.tsv --partner-kind protein --output new/out.tsv --rna-output \
                        new/rna.fa --partner-output new/protein.fa --rejects new/rejects.tsv --summary \
                        new/out.json",
            open: &["raw.tsv"],
            ..Task::default()
        },
        Task {
            name: "split-random",
            tool: "split",
            arguments: "random --folds 3 --pairs pairs.tsv --rna rna.fa --partner protein.fa --output \
                        new/out.tsv --audit new/audit.tsv --mqc new/mqc.json",
            open: &["pairs.tsv", "rna.fa", "protein.fa"],
            ..Task::default()
        },
        Task {
            name: "split-table",
            tool: "split",
            arguments: "table --table folds.tsv --column cold_both5 --rna-group-column rna_cluster --pairs \
                        pairs.tsv --output new/out.tsv",
            open: &["folds.tsv", "pairs.tsv"],
            ..Task::default()
        },
        Task {
            name: "split-audit",
            tool: "split",
            arguments: "audit --splits splits.tsv --pairs pairs.tsv --audit new/audit.tsv",
            open: &["splits.tsv", "pairs.tsv"],
            ..Task::default()
        },
    ]
}

fn embedding() -> Vec<Task> {
    vec![
        Task {
            name: "embed",
            tool: "embed",
            arguments: "--kind rna --input rna.fa --output new/store --mqc new/mqc.json",
            open: &["rna.fa"],
            grows: &["store"],
            counts: &["mqc.json"],
            reader: Some(("embed", "export --store new/store --output new/read.npz")),
            ..Task::default()
        },
        Task {
            name: "embed-part",
            tool: "embed",
            arguments: "--kind protein --input protein.fa --tokens residue --output new/store --shard 1/1",
            grows: &["store"],
            reader: Some(("embed", "export --store new/store --output new/read.npz")),
            ..Task::default()
        },
        Task {
            name: "embed-import",
            tool: "embed",
            arguments: "--kind rna --input rna.fa --encoder import --from rna.npz --name other --output \
                        new/store",
            open: &["rna.npz"],
            grows: &["store"],
            reader: Some(("embed", "export --store new/store --output new/read.npz")),
            ..Task::default()
        },
        Task {
            name: "embed-esm2",
            tool: "embed",
            arguments: "--kind protein --input some.fa --encoder esm2 --checkpoint esm2.pt --output new/store",
            open: &["esm2.pt", "some.fa"],
            grows: &["store"],
            reader: Some(("embed", "export --store new/store --output new/read.npz")),
            ..Task::default()
        },
        Task {
            name: "export-npz",
            tool: "embed",
            arguments: "export --store rna.store --output new/out.npz",
            sealed: RNA_STORE,
            ..Task::default()
        },
        Task {
            name: "export-hdf5",
            tool: "embed",
            arguments: "export --store rna.parts --output new/out.h5",
            sealed: &["rna.parts"],
            ..Task::default()
        },
        Task {
            name: "export-folder",
            tool: "embed",
            arguments: "export --store rna.nt --output new/out",
            ..Task::default()
        },
    ]
}

fn learning() -> Vec<Task> {
    vec![
        Task {
            name: "train",
            tool: "fuse-train",
            arguments: "--pairs pairs.tsv --splits splits.tsv --rna-store rna.store --partner-store \
                        protein.store --config small.yaml --output new/out --mqc new/mqc.json",
            resume: "--resume",
            sealed: BOTH_STORES,
            open: &["pairs.tsv", "splits.tsv", "small.yaml"],
            grows: &["out"],
            reader: Some((
                "predict",
                "--model new/out --pairs pairs.tsv --rna-store rna.store --partner-store protein.store \
                 --output new/read.tsv",
            )),
            ..Task::default()
        },
        Task {
            name: "train-ensemble",
            tool: "fuse-train",
            arguments: "--pairs pairs.tsv --rna-store rna.parts --partner-store protein.store --config \
                        small.yaml --ensemble 2 --output new/out",
            resume: "--resume",
            grows: &["out"],
            reader: Some((
                "predict",
                "--model new/out --pairs pairs.tsv --rna-store rna.parts --partner-store protein.store \
                 --output new/read.tsv",
            )),
            ..Task::default()
        },
        Task {
            name: "predict",
            tool: "predict",
            arguments: "--model model --pairs pairs.tsv --rna-store rna.store --partner-store protein.store \
                        --output new/out.tsv --mqc new/mqc.json",
            sealed: &["model", "rna.store", "protein.store"],
            open: &["pairs.tsv"],
            ..Task::default()
        },
        Task {
            name: "predict-all",
            tool: "predict",
            arguments: "--model model --all --top 3 --rna-store rna.parts --partner-store protein.store \
                        --output new/out.tsv.gz",
            sealed: &["model", "rna.parts"],
            ..Task::default()
        },
        Task {
            name: "evaluate",
            tool: "evaluate",
            arguments: "--predictions predictions.tsv --pairs pairs.tsv --splits splits.tsv --rna rna.fa \
                        --partner protein.fa --bootstrap 10 --output new/report --mqc new/mqc.json",
            open: &["predictions.tsv", "pairs.tsv", "splits.tsv"],
            ..Task::default()
        },
    ]
}
