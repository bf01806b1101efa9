"""What `embed` and `load_store` promise."""

from __future__ import annotations

import gc
import json
import shutil
from pathlib import Path

import pytest

import crossmamba

numpy = pytest.importorskip("numpy")


def exported(store: Path, folder: Path) -> dict[str, object]:
    """What the program itself says the store holds."""
    target = folder / f"{store.name}.npz"
    crossmamba.run("embed", "export", "--store", store, "--output", target, "--quiet")
    with numpy.load(target) as arrays:
        return dict(arrays)


@pytest.mark.parametrize(
    "options", [{}, {"tokens": "residue", "encoder": "onehot"}, {"dtype": "f16"}, {"dtype": "bf16"}]
)
def test_every_array_is_the_one_that_the_program_exports(options, rnas, tmp_path) -> None:
    folder = tmp_path / "rna.store"
    store = crossmamba.embed(rnas, kind="rna", output=folder, **options)
    assert list(store) == list(rnas) and len(store) == len(rnas)
    arrays = exported(folder, tmp_path)
    for identifier, letters in rnas.items():
        assert store.length(identifier) == len(letters)
        numpy.testing.assert_array_equal(store[identifier], arrays[identifier])
        assert store[identifier].shape[1] == store.width
        if store.global_width:
            numpy.testing.assert_array_equal(store.vector(identifier), arrays[f"{identifier} global"])
    assert store.vectors().shape == (len(rnas), store.global_width)
    store.verify()


def test_a_vector_without_rows_is_the_whole_embedding(rnas, tmp_path) -> None:
    store = crossmamba.embed(rnas, kind="rna", output=tmp_path / "s", tokens="pooled")
    assert store["r1"].shape == (0, 0)
    numpy.testing.assert_array_equal(store.vector("r1"), exported(tmp_path / "s", tmp_path)["r1"])


def test_arrays_are_views_of_the_file_and_cannot_be_written_to(rnas, tmp_path) -> None:
    store = crossmamba.embed(rnas, kind="rna", output=tmp_path / "s")
    rows = store["r1"]
    assert rows.base is not None and not rows.flags.writeable
    with pytest.raises(ValueError):
        rows[0, 0] = 1.0


def test_a_store_without_a_folder_lives_as_long_as_the_object(rnas) -> None:
    store = crossmamba.embed(rnas, kind="rna")
    folder = store.folder
    rows = store["r2"]
    assert folder.is_dir()
    before = rows.copy()
    del store
    gc.collect()
    assert not folder.exists()
    numpy.testing.assert_array_equal(rows, before)


def test_sequences_are_normalised_and_what_cannot_be_is_warned_of(tmp_path) -> None:
    with pytest.warns(crossmamba.RejectedRecords, match="`bad`"):
        store = crossmamba.embed({"a": "acgt", "b": "ACGU", "bad": "AC1"}, kind="rna", output=tmp_path / "s")
    assert list(store) == ["a", "b"]
    numpy.testing.assert_array_equal(store["a"], store["b"])
    with pytest.raises(crossmamba.CrossMambaError, match="crossmamba-parse"):
        crossmamba.embed({"a": "acg1"}, kind="rna", normalise=False)


def test_small_molecules_are_written_as_smiles() -> None:
    store = crossmamba.embed([("aspirin", "CC(=O)Oc1ccccc1C(=O)O")], kind="small-molecule")
    assert list(store) == ["aspirin"] and store.manifest["molecule"] == "small-molecule"


def test_the_parts_of_a_divided_store_are_one(rnas, fasta, tmp_path) -> None:
    whole = crossmamba.embed(fasta["rna"], kind="rna", output=tmp_path / "whole")
    normalised = tmp_path / "normalised.fa"
    normalised.write_text("".join(f">{key}\n{value}\n" for key, value in rnas.items()))
    for part in ("1/2", "2/2"):
        crossmamba.run(
            "embed", "--quiet", "--kind", "rna", "--input", normalised, "--output", tmp_path / "parts", "--shard", part
        )
    parts = crossmamba.load_store(tmp_path / "parts")
    assert set(parts) == set(whole)
    for identifier in whole:
        numpy.testing.assert_array_equal(parts[identifier], whole[identifier])
    shutil.rmtree(tmp_path / "parts" / "part-2-of-2")
    with pytest.raises(ValueError, match="lacks parts of 2"):
        crossmamba.load_store(tmp_path / "parts")


def test_a_store_that_is_damaged_or_unfinished_is_refused(rnas, tmp_path) -> None:
    def fresh(name: str) -> Path:
        folder = tmp_path / name
        crossmamba.embed(rnas, kind="rna", output=folder)
        return folder

    with pytest.raises(FileNotFoundError, match="is no store"):
        crossmamba.load_store(tmp_path / "none")
    folder = fresh("unfinished")
    (folder / "complete.json").unlink()
    with pytest.raises(ValueError, match="is not finished"):
        crossmamba.load_store(folder)
    folder = fresh("index")
    (folder / "index.tsv").write_text((folder / "index.tsv").read_text().replace("r1", "r7"))
    with pytest.raises(ValueError, match="is damaged"):
        crossmamba.load_store(folder)
    folder = fresh("newer")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(ValueError, match="format 99"):
        crossmamba.load_store(folder)
    folder = fresh("values")
    values = bytearray((folder / "shard-00000.bin").read_bytes())
    values[5] ^= 1
    (folder / "shard-00000.bin").write_bytes(values)
    with pytest.raises(ValueError, match="record `r1`: the values are damaged"):
        crossmamba.load_store(folder).verify()
    folder = fresh("short")
    (folder / "shard-00000.bin").write_bytes(bytes(values[: len(values) - 4]))
    with pytest.raises(ValueError, match="shorter than its index says"):
        crossmamba.load_store(folder)["r2"]
