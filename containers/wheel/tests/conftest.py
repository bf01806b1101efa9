"""Small molecules for the tests of the package; the programs are those of the installed wheel, or of `CROSSMAMBA_BIN`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

RNAS = {"r1": "ACGUACGUACGUAAAGGGCCCUUU", "r2": "GGGAAAUUUCCCGGGAAAUUUACGUACG"}
PROTEINS = {"p1": "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ", "p2": "MKRKRRKGGRRSSRKKRRGGYYRGG", "NA": "MGGSSRRLLKK"}


@pytest.fixture
def rnas() -> dict[str, str]:
    return dict(RNAS)


@pytest.fixture
def proteins() -> dict[str, str]:
    """One of them is called `NA`, as identifiers may be."""
    return dict(PROTEINS)


@pytest.fixture
def fasta(tmp_path: Path) -> dict[str, Path]:
    """The same molecules in files."""
    paths = {}
    for name, sequences in (("rna", RNAS), ("protein", PROTEINS)):
        paths[name] = tmp_path / f"{name}.fa"
        paths[name].write_text("".join(f">{key} a description\n{value}\n" for key, value in sequences.items()))
    return paths


@pytest.fixture
def labelled() -> tuple[dict[str, str], dict[str, str], list[tuple[str, str, int]]]:
    """Pairs enough for five folds, with their molecules."""
    draw = random.Random(1)
    rnas = {f"rna{i}": "".join(draw.choices("ACGU", k=40)) for i in range(12)}
    proteins = {f"protein{i}": "".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=60)) for i in range(12)}
    pairs = [(rna, protein, (i + j) % 2) for i, rna in enumerate(rnas) for j, protein in enumerate(proteins)]
    return rnas, proteins, pairs
