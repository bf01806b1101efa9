"""Computes embeddings."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from . import _inputs, _rejects, _store, _tools
from ._inputs import Sequences
from ._store import Store
from ._tools import Option


def embed(
    sequences: Sequences,
    *,
    kind: str,
    output: str | os.PathLike[str] | None = None,
    encoder: str = "kmer",
    normalise: bool = True,
    threads: int | None = None,
    **options: Option,
) -> Store:
    """Embeds each distinct sequence once, and opens the store.

    Args:
        sequences: The path of a FASTA, FASTQ or SMILES file; a dictionary of identifiers and sequences; or a list of such
            pairs.
        kind: "rna", "protein" or "small-molecule".
        output: The folder of the store, made or completed; without it the store lasts as long as the object returned.
        encoder: "kmer", "kmer2", "onehot", "sequence", or a language model with `checkpoint=`.
        normalise: Normalise the sequences first; those that cannot be used are left out with a warning. Without it the
            program takes normalised sequences only.
        threads: Number of threads; the result does not depend on it.
        **options: Any other option of `crossmamba-embed`, with `_` for `-`: `tokens="pooled"`, `dtype="f16"`.

    Raises:
        CrossMambaError: in the program's words, what it refuses and what to do.
        ImportError: NumPy is not installed.

    Examples:
        >>> store = embed({"r1": "ACGUACGUACGU"}, kind="rna")
        >>> store.vector("r1").shape
        (85,)
    """
    _store._need_numpy()
    for refused in ("input", "shard", "dry_run"):
        if options.get(refused) is not None:
            raise TypeError(f"embed() takes no `{refused}'; use the program crossmamba-embed")
    keep = tempfile.TemporaryDirectory(prefix="crossmamba-") if output is None else None
    store = Path(keep.name, "store") if keep is not None else Path(output if output is not None else "")
    with tempfile.TemporaryDirectory(prefix="crossmamba-") as place:
        folder = Path(place)
        source = _inputs.sequence_file(sequences, folder, "sequences", kind)
        rejects: list[_rejects.Reject] = []
        if normalise:
            source, rejects = normalised(source, kind, folder, "sequences", threads)
        settings: dict[str, Option] = {"threads": threads, "encoder": encoder, **options}
        arguments = _tools.options({"kind": kind, "input": source, "output": store, **settings})
        code, _ = _tools.run("embed", "--quiet", *arguments, hide=folder)
        if code == _tools.REJECTED:
            rejects += _rejects.read(store.with_name(store.name + ".rejects.tsv"))
    _rejects.warn(rejects)
    return Store(store, keep)


def normalised(
    source: Path, kind: str, folder: Path, name: str, threads: int | None
) -> tuple[Path, list[_rejects.Reject]]:
    """Normalises a file of sequences into the folder; gives the new file and what was left out."""
    path = folder / f"{name}.normalised.{'smi' if kind == 'small-molecule' else 'fa'}"
    rejects = folder / f"{name}.rejects.tsv"
    arguments = _tools.options({"kind": kind, "output": path, "rejects": rejects, "threads": threads})
    _tools.run("parse", "sequences", "--quiet", *arguments, source, hide=folder)
    return path, _rejects.read(rejects)
