"""Scores pairs of molecules."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _frame, _inputs, _models, _rejects, _tools
from ._frame import Frame, Value
from ._inputs import Pairs, Sequences
from ._tools import Option

if TYPE_CHECKING:
    import pandas
    import polars


@overload
def predict(
    *,
    model: str | os.PathLike[str],
    rna: Sequences | None = None,
    partner: Sequences | None = None,
    pairs: Pairs | None = None,
    frame: Literal["auto"] = "auto",
    partner_kind: str | None = None,
    **options: Option,
) -> Any: ...
@overload
def predict(
    *,
    model: str | os.PathLike[str],
    rna: Sequences | None = None,
    partner: Sequences | None = None,
    pairs: Pairs | None = None,
    frame: Literal["pandas"],
    partner_kind: str | None = None,
    **options: Option,
) -> pandas.DataFrame: ...
@overload
def predict(
    *,
    model: str | os.PathLike[str],
    rna: Sequences | None = None,
    partner: Sequences | None = None,
    pairs: Pairs | None = None,
    frame: Literal["polars"],
    partner_kind: str | None = None,
    **options: Option,
) -> polars.DataFrame: ...
@overload
def predict(
    *,
    model: str | os.PathLike[str],
    rna: Sequences | None = None,
    partner: Sequences | None = None,
    pairs: Pairs | None = None,
    frame: Literal["rows"],
    partner_kind: str | None = None,
    **options: Option,
) -> list[dict[str, Value]]: ...
def predict(
    *,
    model: str | os.PathLike[str],
    rna: Sequences | None = None,
    partner: Sequences | None = None,
    pairs: Pairs | None = None,
    frame: Frame = "auto",
    partner_kind: str | None = None,
    **options: Option,
) -> Any:
    """Scores every RNA with every partner, or the pairs that are given.

    Sequences are normalised, and embedded as the model's were; those that cannot be used are left out with a warning
    (`RejectedRecords`), together with the pairs that need them.

    Args:
        model: A name that `list_models` gives, or the folder of a trained model.
        rna: The RNAs: the path of a FASTA or FASTQ file, plain or compressed; a dictionary of identifiers and sequences;
            or a list of such pairs.
        partner: The partners, likewise; small molecules as SMILES.
        pairs: The path of a table, divided by tabs, with the columns `rna_id` and `partner_id`, or a list of (RNA, partner) or
            (RNA, partner, label). Without it all are scored with all.
        frame: "pandas", "polars", "rows" (a list of dictionaries), or "auto": pandas or polars, by what is installed.
        partner_kind: "protein", "rna" or "small-molecule", where the partners are in memory and neither the model's name
            nor its folder tells that they are SMILES.
        **options: Any option of `crossmamba-predict`, with `_` for `-`: `top=10` keeps the ten highest predictions of each
            RNA, `threshold=0.9` what is at least so probable, `html="scores.html"` also writes a page to look at,
            `store="embedded"` keeps the embeddings, `rna_store="rna.store"` takes those that are there, and
            `threads=2` bounds the threads.

    Returns:
        A row per pair: `rna_id`, `partner_id`, `label` where the pairs have it, `score` and the calibrated `probability`;
        or `affinity`, or what else the model gives. The columns are those of the program's table.

    Raises:
        CrossMambaError: in the program's words, what it refuses and what to do.
        ImportError: neither pandas nor polars is installed, or not the one asked for.

    Examples:
        >>> predict(model="rna-protein-1", rna="rna.fa", partner="protein.fa", top=10)
        >>> predict(model="rna-rna-1", rna={"mir": "UGAGGUAGUAGGUUGUAUAGUU"}, partner="utr.fa.gz")
    """
    chosen = _frame.choose(frame)
    named: dict[str, Option] = dict(options)
    for refused in ("output", "format", "rejects", "list_models"):
        if named.pop(refused, None) is not None:
            raise TypeError(f"predict() takes no `{refused}': it returns the table, and warns of rejects")
    with tempfile.TemporaryDirectory(prefix="crossmamba-") as place:
        folder = Path(place)
        kind = partner_kind or _models.partner_kind(model)
        if rna is not None:
            named["rna"] = _inputs.sequence_file(rna, folder, "rna", None)
        if partner is not None:
            named["partner"] = _inputs.sequence_file(partner, folder, "partner", kind)
        if pairs is not None:
            named["pairs"] = _inputs.pair_file(pairs, folder)
        table, rejects = folder / "predictions.tsv", folder / "rejects.tsv"
        _tools.run(
            "predict",
            "--quiet",
            *_tools.options({"model": model, **named, "output": table, "rejects": rejects}),
            hide=folder,
        )
        _rejects.warn(_rejects.read(rejects))
        return _frame.read(table, chosen)
