"""The run: what it makes, what it makes again, what it goes on with."""

import hashlib
import os
import signal
import subprocess
import time

import pytest
from conftest import Workflow

FILES = {"rna": "rna.fa", "partner": "protein.fa", "pairs": "pairs.tsv"}
MODEL = ["results/train/model"]
PREDICTIONS = "results/predict/predictions.tsv"


def digest(workflow, paths):
    """Give one digest of the weights and tables under these paths."""
    found = hashlib.sha256()
    for path in paths:
        for file in sorted((workflow.folder / path).rglob("*")):
            if file.suffix == ".safetensors" or file.name in ("predictions.tsv", "training.tsv"):
                found.update(file.relative_to(workflow.folder).as_posix().encode() + file.read_bytes())
    return found.hexdigest()


def test_it_goes_from_sequences_to_a_report(finished):
    pairs = finished.read("data/pairs.tsv").splitlines()
    predictions = finished.read(PREDICTIONS).splitlines()
    assert len(predictions) == len(pairs)
    assert [line.split(b"\t")[:2] for line in predictions] == [line.split(b"\t")[:2] for line in pairs]
    assert b"counts-by-sequence" in finished.read("results/evaluate/metrics.tsv")
    page = finished.read("results/multiqc/multiqc_report.html")
    for tool in ("parse", "split", "embed", "fuse-train", "predict", "evaluate"):
        assert f"crossmamba-{tool}".encode() in page


def test_a_second_run_does_nothing(finished):
    assert "Nothing to be done" in finished.run()


def test_a_touched_setting_reruns_what_depends_on_it(finished):
    finished.config["evaluate"] = {"bootstrap": 7}
    said = finished.run("--dry-run")
    del finished.config["evaluate"]
    assert "rule evaluate" in said and "rule multiqc" in said
    assert "rule train:" not in said and "rule embed:" not in said


def test_a_job_has_the_threads_that_snakemake_gave_it(workflow):
    workflow.run("results/embed/rna-0.2/part-1-of-2", "--set-threads", "embed=2")
    assert b", 2 threads," in workflow.read("logs/embed_rna_0.2_1-of-2.log")
    workflow.run("results/embed/rna-0.2/part-2-of-2", cores=1)
    assert b", 1 threads," in workflow.read("logs/embed_rna_0.2_2-of-2.log")


def test_parts_give_the_same_bytes(finished, workflow):
    """Other numbers of jobs, and one thread in place of two, change nothing."""
    workflow.config["embed"] = {"rna": {"shards": 1}, "partner": {"shards": 3}}
    workflow.config["predict"] = {"shards": 3}
    workflow.run(PREDICTIONS, cores=1)
    assert workflow.read(PREDICTIONS) == finished.read(PREDICTIONS)
    assert digest(workflow, MODEL) == digest(finished, MODEL)


def test_whole_families_are_held_out_and_audited(workflow):
    workflow.config["split"] = {"rule": "unseen --regime partner --folds 2"}
    workflow.config["cluster"] = {"partner": "--identity 0.5"}
    workflow.config["audit"] = {"run": True}
    workflow.run()
    clusters = workflow.read("results/split/partner_clusters.tsv").decode().splitlines()
    assert len({line.split("\t")[1] for line in clusters[1:]}) < len(clusters) - 1
    figures = workflow.read("results/audit/audit.tsv").decode().splitlines()
    figures = {line.split("\t")[0]: line.split("\t")[1] for line in figures}
    assert figures["test_pairs_partner_cluster_known"] == "0"
    assert "predictions_mcc" in figures
    page = workflow.read("results/multiqc/multiqc_report.html")
    assert b"crossmamba-cluster" in page and b"crossmamba-audit" in page


def test_several_encoders_of_a_side_are_joined(workflow):
    workflow.config["embed"]["partner"] = [{"shards": 2}, {"encoder": "onehot", "extra": "--dtype f16"}]
    workflow.run(PREDICTIONS)
    log = workflow.read("results/train/model/fold-0/model.json")
    assert b"onehot" in log and b"kmer" in log


def test_a_given_model_is_used_and_nothing_is_trained(finished, workflow):
    workflow.config["model"] = str(finished.folder / "results/train/model")
    workflow.config["predict"] = {"pairs": "data/pairs.tsv"}
    said = workflow.run()
    assert "rule train:" not in said and "rule evaluate:" not in said
    assert workflow.read(PREDICTIONS) == finished.read(PREDICTIONS)


def test_without_pairs_a_model_that_ships_predicts_from_the_sequences(workflow):
    """Every RNA with every partner, in two jobs: the bytes of the plain command."""
    del workflow.config["pairs"], workflow.config["train"]
    workflow.config["predict"] = {"shards": 2}
    said = workflow.run()
    assert "rule predict_sequences:" in said and "rule embed:" not in said and "rule train:" not in said
    plain = ["crossmamba-predict", "--quiet", "--model", "rna-protein-1", "--output", "plain.tsv"]
    plain += ["--rna", "data/rna.fa", "--partner", "data/protein.fa"]
    subprocess.run(plain, cwd=workflow.folder, check=True)
    assert workflow.read(PREDICTIONS) == workflow.read("plain.tsv")
    assert b"crossmamba-predict" in workflow.read("results/multiqc/multiqc_report.html")


def test_a_given_model_without_pairs_predicts_what_it_predicts_from_stores(finished, workflow):
    workflow.config |= {"model": str(finished.folder / "results/train/model"), "pairs": None}
    workflow.config["predict"] = {"pairs": "data/pairs.tsv"}
    said = workflow.run(PREDICTIONS)
    assert "rule embed:" not in said
    assert workflow.read(PREDICTIONS) == finished.read(PREDICTIONS)


def test_paths_may_hold_blanks_and_quotes(finished, tmp_path):
    """The folder, the data, the table of folds and a given model: the same predictions as without blanks."""
    folder = tmp_path / "my 'own' study"
    folder.mkdir()
    workflow = Workflow(folder)
    (folder / "data").rename(folder / "the data")
    workflow.config |= {side: f"the data/{file}" for side, file in FILES.items()}
    workflow.config["train"] = {"config": "the data/train.yaml"}
    workflow.config["evaluate"] = {"bootstrap": 0}
    workflow.run()
    assert workflow.read(PREDICTIONS) == finished.read(PREDICTIONS)
    assert workflow.read("results/multiqc/multiqc_report.html")
    (folder / "results/split/splits.tsv").rename(folder / "the data/folds of mine.tsv")
    (folder / "results/train/model").rename(folder / "a model")
    workflow.config["split"] = {"rule": "table --column fold", "table": "the data/folds of mine.tsv"}
    workflow.run("results/split/splits.tsv")
    workflow.config["model"] = "a model"
    workflow.run(PREDICTIONS, "--forceall")
    assert workflow.read(PREDICTIONS) == finished.read(PREDICTIONS)


def test_embeddings_of_another_program_are_imported(workflow):
    """`import` takes a file of embeddings where a language model takes its weights."""
    workflow.run(
        "results/parse/rna.fa", "results/embed/rna-0.2/part-1-of-2", "results/embed/rna-0.2/part-2-of-2"
    )
    export = [
        "crossmamba-embed",
        "export",
        "--store",
        "results/embed/rna-0.2",
        "-o",
        "foreign embeddings.npz",
    ]
    subprocess.run(export, cwd=workflow.folder, check=True)
    workflow.config["embed"]["rna"] = {
        "encoder": "import",
        "checkpoint": "foreign embeddings.npz",
        "extra": "--name foreign",
    }
    workflow.run("results/embed/rna-0.1/part-1-of-1")
    assert b"foreign" in workflow.read("results/embed/rna-0.1/part-1-of-1/manifest.json")


def test_rejects_stop_the_workflow_only_if_asked(workflow):
    with open(workflow.folder / "data/pairs.tsv", "a") as table:
        table.write("nobody\tprotein1\t1\n")
    workflow.config["rejects"] = "fail"
    workflow.run("results/parse/pairs.tsv", fails=True)
    workflow.config["rejects"] = "accept"
    workflow.run("results/parse/pairs.tsv")
    assert b"nobody" in workflow.read("results/parse/pairs.rejects.tsv")


@pytest.mark.parametrize("kind", ["rna-small-molecule", "rna-rna"])
def test_other_partners(workflow, kind):
    partner, file = {
        "rna-rna": ("rna", "rna2.fa"),
        "rna-small-molecule": ("small-molecule", "molecules.smi"),
    }[kind]
    simulate = ["crossmamba-simulate", "--quiet", "--kind", kind, "--classes", "2", "--families", "20"]
    simulate += ["--rna", "40", "--partners", "40", "--pairs", "120", "--output", "simulated"]
    subprocess.run(simulate, cwd=workflow.folder, check=True)
    workflow.config |= {
        "rna": "simulated/rna.fa",
        "partner": [f"simulated/{file}"],
        "partner_kind": partner,
        "pairs": "simulated/pairs.tsv",
    }
    workflow.run(PREDICTIONS, "results/evaluate/report.html")
    assert len(workflow.read(PREDICTIONS).splitlines()) == 121
    seen = b"duplex: energy" in workflow.read("results/train/model/fold-0/config.yaml")
    assert seen == (partner == "rna")


def test_a_training_that_was_killed_goes_on(workflow):
    """Kill Snakemake and all its jobs while it trains; the next run ends with the bytes of an undisturbed one."""
    settings = workflow.folder / "data/train.yaml"
    settings.write_text("training: { epochs: 200 }\n")
    workflow.config["train"]["extra"] = "-v"
    target = "results/train/model"
    running = subprocess.Popen(
        workflow.command(target),
        cwd=workflow.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    work = workflow.folder / "results/train/model.work"
    log = workflow.folder / "logs/train.log"
    until = time.monotonic() + 120
    # A training writes its checkpoint when it is asked to end: a fast machine is through before the first one is due.
    while not (log.exists() and b" epoch 1:" in log.read_bytes()):
        assert running.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < until, "no epoch"
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGTERM)
    running.wait(timeout=60)
    assert not (workflow.folder / target).exists()
    assert list(work.rglob("*.safetensors"))
    workflow.run("--unlock")
    workflow.run(target, "--rerun-incomplete")
    assert workflow.read("logs/train.log").count(b" epoch 1:") < 3, "a fold started afresh"
    resumed = digest(workflow, MODEL)
    assert not work.exists()
    workflow.run(target, "--forcerun", "train")
    assert workflow.read("logs/train.log").count(b" epoch 1:") == 3
    assert digest(workflow, MODEL) == resumed


def test_an_embedding_that_was_interrupted_goes_on(finished, workflow):
    """Put the beginning of the work where an interrupted job leaves it."""
    part = "results/embed/rna-0.2/part-1-of-2"
    workflow.run("results/parse/rna.fa")
    begun = workflow.folder / "begun.fa"
    begun.write_bytes(
        b"".join(line + b"\n" for line in workflow.read("results/parse/rna.fa").splitlines()[:16])
    )
    work = workflow.folder / f"{part}.work"
    work.mkdir(parents=True)
    embed = [
        "crossmamba-embed",
        "--quiet",
        "--kind",
        "rna",
        "--shard",
        "1/2",
        "--input",
        begun,
        "--output",
        work,
    ]
    subprocess.run(embed, check=True)
    workflow.run(part)
    assert b" in the store already" in workflow.read("logs/embed_rna_0.2_1-of-2.log")
    assert b" 0 in the store already" not in workflow.read("logs/embed_rna_0.2_1-of-2.log")
    assert not work.exists()
    for file in ("index.tsv", "shard-00000.bin"):
        assert workflow.read(f"{part}/{file}") == finished.read(f"{part}/{file}")


def test_the_report_holds_the_figures_and_their_captions(finished):
    finished.run("--report", "report.html")
    page = finished.read("report.html")
    for words in (
        b"metrics.tsv",
        b"predictions.tsv",
        b"audit.tsv",
        b"multiqc_report.html",
        b"bootstrap resamples",
    ):
        assert words in page
