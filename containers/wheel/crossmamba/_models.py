"""Names the models of this machine, and tells what they take."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from . import _tools


class Model(NamedTuple):
    """A model that can be named."""

    name: str
    version: str
    #: The licence of the model, as an SPDX expression.
    licence: str
    #: One line for people: what it is for.
    purpose: str


def list_models() -> list[Model]:
    """Lists the models of this machine: those that travel in the package, and folders that are found by their names.

    Folders of models are those that the variable `CROSSMAMBA_MODELS` lists, and `~/.local/share/crossmamba/models`.

    Examples:
        >>> [model.name for model in list_models()]
        ['rna-protein-1', 'rna-small-molecule-1', 'rna-rna-1']
    """
    _, said = _tools.run("predict", "--list-models")
    header, *lines = [line.split("\t") for line in said.splitlines()]
    tables = [dict(zip(header, line)) for line in lines]
    return [Model(row["name"], row["version"], row["licence"], row["purpose"]) for row in tables]


def partner_kind(model: str | os.PathLike[str]) -> str | None:
    """Tells what a model takes as partner, by its folder or its name; nothing where neither says so."""
    folder = Path(model)
    if not folder.exists() and "small-molecule" in folder.name:
        return "small-molecule"
    for file in [folder / "model.json", *sorted(folder.glob("fold-*/model.json"))]:
        try:
            stores = json.loads(file.read_text(encoding="utf-8"))["inputs"]["partner"]["stores"]
            return str(stores[0]["molecule"])
        except (OSError, ValueError, LookupError, TypeError):
            continue
    return None
