"""What `predict` and `list_models` promise."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import pytest

import crossmamba

MODEL = "rna-protein-1"


def test_the_models_that_ship_are_listed_and_the_first_predicts() -> None:
    models = {model.name: model for model in crossmamba.list_models()}
    assert {MODEL, "rna-rna-1"} <= set(models)
    assert models[MODEL].licence == "MIT" and models[MODEL].purpose


def test_files_dictionaries_and_lists_give_the_same_table(rnas, proteins, fasta) -> None:
    tables = [
        crossmamba.predict(model=MODEL, rna=rna, partner=partner, frame="rows")
        for rna, partner in [
            (fasta["rna"], str(fasta["protein"])),
            (rnas, proteins),
            (list(rnas.items()), iter(proteins.items())),
        ]
    ]
    assert tables[0] == tables[1] == tables[2]
    assert [(row["rna_id"], row["partner_id"]) for row in tables[0]] == [(r, p) for r in rnas for p in proteins]
    assert all(0.0 < row["probability"] < 1.0 for row in tables[0])


@pytest.mark.parametrize("frame", ["pandas", "polars"])
def test_a_data_frame_has_the_values_of_the_rows_and_a_molecule_may_be_called_na(frame, rnas, proteins) -> None:
    pytest.importorskip(frame)
    rows = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, frame="rows")
    table = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, frame=frame)
    assert type(table).__module__.startswith(frame)
    assert list(table.columns) == list(rows[0])
    assert list(table["partner_id"]) == [row["partner_id"] for row in rows]
    assert list(table["probability"]) == pytest.approx([row["probability"] for row in rows])


def test_pandas_is_taken_first_then_polars(monkeypatch, rnas, proteins) -> None:
    there = [name for name in ("pandas", "polars") if importlib.util.find_spec(name)]
    if there:
        table = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins)
        assert type(table).__module__.startswith(there[0])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match='neither pandas nor polars is installed.*frame="rows"'):
        crossmamba.predict(model=MODEL, rna=rnas, partner=proteins)


def test_pairs_are_scored_in_their_order_with_their_labels(rnas, proteins, tmp_path) -> None:
    wanted = [("r2", "NA", 1), ("r1", "p1", False), ("r1", "p2", None)]
    rows = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, pairs=wanted, frame="rows")
    assert [(row["rna_id"], row["partner_id"], row["label"]) for row in rows] == [
        ("r2", "NA", 1),
        ("r1", "p1", 0),
        ("r1", "p2", None),
    ]
    table = tmp_path / "pairs.tsv"
    table.write_text("rna_id\tpartner_id\nr2\tp1\n")
    rows = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, pairs=table, frame="rows")
    assert [(row["rna_id"], row["partner_id"]) for row in rows] == [("r2", "p1")]


def test_options_of_the_program_are_passed_on(rnas, proteins, tmp_path) -> None:
    page, store = tmp_path / "scores.html", tmp_path / "embedded"
    rows = crossmamba.predict(
        model=MODEL, rna=rnas, partner=proteins, top=1, html=page, store=store, threads=1, frame="rows"
    )
    assert len(rows) == len(rnas)
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert store.is_dir()
    strict = crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, threshold=0.99, frame="rows")
    assert strict == []


def test_two_rnas_are_judged_by_their_pairing(rnas) -> None:
    rows = crossmamba.predict(model="rna-rna-1", rna=rnas, partner={"t": "CCCUUUGGGAAAUUU"}, frame="rows")
    assert {"p_value", "energy", "structure"} <= set(rows[0])
    assert rows[0]["energy"] < 0 and "&" in rows[0]["structure"]


def test_small_molecules_are_handed_over_as_smiles(rnas) -> None:
    model = "rna-small-molecule-1"
    if model not in [one.name for one in crossmamba.list_models()]:
        pytest.skip("no model for small molecules is here")
    rows = crossmamba.predict(model=model, rna=rnas, partner={"aspirin": "CC(=O)Oc1ccccc1C(=O)O"}, frame="rows")
    assert [row["partner_id"] for row in rows] == ["aspirin"] * len(rnas)


def test_what_is_left_out_is_warned_of_with_its_reason(rnas, proteins) -> None:
    with pytest.warns(crossmamba.RejectedRecords, match=r"partner\.fa.*`bad`: bad-letter") as caught:
        rows = crossmamba.predict(model=MODEL, rna=rnas, partner={**proteins, "bad": "MK*1"}, frame="rows")
    assert [one.id for one in caught[0].message.rejects] == ["bad"]
    assert caught[0].filename == __file__
    assert len(rows) == len(rnas) * len(proteins)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, frame="rows")


def test_what_the_program_refuses_is_raised_in_its_words(rnas, proteins) -> None:
    with pytest.raises(crossmamba.CrossMambaError, match="no model has this name.*rna-protein-1") as caught:
        crossmamba.predict(model="no-such-model", rna=rnas, partner=proteins, frame="rows")
    assert caught.value.tool == "crossmamba-predict" and caught.value.code == 2
    assert not str(caught.value).startswith(("crossmamba", "error"))
    with pytest.raises(crossmamba.CrossMambaError, match="unexpected argument '--no-such-option'") as caught:
        crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, no_such_option=1, frame="rows")
    assert "Usage" not in str(caught.value)
    with pytest.raises(crossmamba.CrossMambaError, match="partner"):
        crossmamba.predict(model=MODEL, rna=rnas, frame="rows")


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("ACGU", FileNotFoundError, r"no file 'ACGU' here; sequences themselves"),
        ({}, ValueError, "no sequence"),
        ({"a b": "ACGU"}, ValueError, "no identifier"),
        ({"": "ACGU"}, ValueError, "no identifier"),
        ({"a": "ACGU\n>b\nGG"}, ValueError, "line break"),
        ({"a": 3}, TypeError, "no text"),
        (["ACGU"], TypeError, "dictionary or a list of pairs"),
    ],
)
def test_sequences_that_are_none_are_refused_before_any_work(given, error, words, proteins) -> None:
    with pytest.raises(error, match=words):
        crossmamba.predict(model=MODEL, rna=given, partner=proteins, frame="rows")


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ([], ValueError, "no pair"),
        ([("r1",)], TypeError, "neither"),
        (["r1"], TypeError, "neither"),
        ([("r1", "p1"), ("r1", "p1", 1)], ValueError, "row 2 has 3 values, the first 2"),
        ([("r 1", "p1")], ValueError, "no identifier"),
    ],
)
def test_pairs_that_are_none_are_refused(given, error, words, rnas, proteins) -> None:
    with pytest.raises(error, match=words):
        crossmamba.predict(model=MODEL, rna=rnas, partner=proteins, pairs=given, frame="rows")


@pytest.mark.parametrize("frame", ["pandas", "polars", "rows"])
def test_words_stay_words_and_what_is_unknown_is_missing(frame, tmp_path: Path) -> None:
    from crossmamba import _frame

    if frame != "rows":
        pytest.importorskip(frame)
    table = tmp_path / "table.tsv"
    table.write_text("rna_id\tnearest_rna\tscore\tnew\n007\t01\t0.5\t3\nNA\tNA\tNA\t4\n")
    read = _frame.read(table, frame)
    rows = read if frame == "rows" else read.to_dicts() if frame == "polars" else read.to_dict("records")
    assert [row["rna_id"] for row in rows] == ["007", "NA"]
    assert rows[0]["nearest_rna"] == "01" and rows[0]["score"] == 0.5 and [row["new"] for row in rows] == [3, 4]
    for column in ("nearest_rna", "score"):
        assert rows[1][column] is None or rows[1][column] != rows[1][column]


def test_the_programs_folder_can_be_named(monkeypatch, tmp_path: Path) -> None:
    assert crossmamba.tool_path("predict") == crossmamba.tool_path("crossmamba-predict")
    monkeypatch.setenv("CROSSMAMBA_BIN", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="CROSSMAMBA_BIN must name the folder"):
        crossmamba.tool_path("predict")


def test_the_package_imports_nothing_that_must_be_installed() -> None:
    import subprocess

    program = (
        "import sys\n"
        "for name in ('numpy', 'pandas', 'polars', 'torch'): sys.modules[name] = None\n"
        "import crossmamba\n"
        "assert [model.name for model in crossmamba.list_models()][0]\n"
        "rows = crossmamba.predict(model='rna-rna-1', rna={'a': 'GGGAAACCC'}, partner={'b': 'GGGUUUCCC'}, frame='rows')\n"
        "assert len(rows) == 1\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
