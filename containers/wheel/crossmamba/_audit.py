"""Tells what a set of pairs, its split and anyone's predictions owe to leaks."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Union

from . import _embed, _inputs, _rejects, _tools
from ._inputs import Pairs, Sequences
from ._tools import Option

#: Predictions: the path of a table, or a list of (RNA, partner, score).
Predictions = Union[str, "os.PathLike[str]", Iterable[Sequence[object]]]


class Figure(NamedTuple):
    """A figure of an audit."""

    #: What it is, in words.
    label: str
    value: float | None
    #: The ends of its 95 % interval, where there is one.
    low: float | None
    high: float | None


class Audit(NamedTuple):
    """What an audit has found."""

    #: Sentences in plain words.
    verdict: list[str]
    #: Those of them that warn.
    warnings: list[str]
    #: Every figure by its name, as in `audit.tsv`.
    figures: dict[str, Figure]
    #: The folder with the page `audit.html` and its tables; none where no `output` was given.
    folder: Path | None


def audit(
    pairs: Pairs,
    *,
    rna: Sequences,
    partner: Sequences,
    partner_kind: str = "protein",
    splits: str | os.PathLike[str] | None = None,
    predictions: Predictions | None = None,
    output: str | os.PathLike[str] | None = None,
    normalise: bool = True,
    threads: int | None = None,
    **options: Option,
) -> Audit:
    """Audits labelled pairs, a split of them, and anyone's predictions.

    Args:
        pairs: The path of a table, or a list of (RNA, partner, label).
        rna: The RNAs: the path of a file, a dictionary of identifiers and sequences, or a list of such pairs.
        partner: The partners, likewise.
        partner_kind: "protein", "rna" or "small-molecule".
        splits: A split, as `crossmamba-split` writes it; without it the folds of the predictions, or five random ones.
        predictions: The path of a table, or a list of (RNA, partner, score).
        output: The folder to write, with a page for people.
        normalise: Normalise sequences and pairs first; what cannot be used is left out with a warning.
        threads: Number of threads; the result does not depend on it.
        **options: Any other option of `crossmamba-audit`, with `_` for `-`: `bootstrap=0`, `score_column="y_pred"`.

    Raises:
        CrossMambaError: in the program's words, what it refuses and what to do.

    Examples:
        >>> found = audit("pairs.tsv", rna="rna.fa", partner="protein.fa", output="audit")
        >>> found.warnings
    """
    with tempfile.TemporaryDirectory(prefix="crossmamba-") as place:
        folder = Path(place)
        sides = {
            "rna": (_inputs.sequence_file(rna, folder, "rna", "rna"), "rna"),
            "partner": (_inputs.sequence_file(partner, folder, "partner", partner_kind), partner_kind),
        }
        table = _inputs.pair_file(pairs, folder)
        rejects: list[_rejects.Reject] = []
        named: dict[str, Option] = {side: file for side, (file, _) in sides.items()}
        if normalise:
            for side, (file, kind) in sides.items():
                named[side], left_out = _embed.normalised(file, kind, folder, side, threads)
                rejects += left_out
            parsed, left = folder / "pairs.normalised.tsv", folder / "pairs.rejects.tsv"
            arguments = _tools.options({"pairs": table, **named, "output": parsed, "rejects": left, "threads": threads})
            _tools.run("parse", "pairs", "--quiet", *arguments, hide=folder)
            rejects += _rejects.read(left)
            table = parsed
        if predictions is not None and not isinstance(predictions, (str, os.PathLike)):
            predictions = _inputs.table_file(predictions, folder, "predictions", "score")
        elif predictions is not None:
            predictions = _inputs.existing(predictions, "predictions")
        result = Path(output) if output is not None else folder / "audit"
        given: dict[str, Option] = {"splits": splits, "predictions": predictions, "threads": threads, **options}
        arguments = _tools.options({"pairs": table, **named, **given, "output": result})
        _tools.run("audit", "--quiet", *arguments, hide=folder)
        found = json.loads((result / "audit.json").read_text(encoding="utf-8"))
    _rejects.warn(rejects)
    return Audit(
        verdict=[one["text"] for one in found["verdict"]],
        warnings=[one["text"] for one in found["verdict"] if one["warning"]],
        figures={
            name: Figure(one["label"], one["value"], one["low"], one["high"]) for name, one in found["figures"].items()
        },
        folder=result if output is not None else None,
    )
