"""Tells what a program left out."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import NamedTuple


class Reject(NamedTuple):
    """A record or a pair that could not be used."""

    #: The file; its name alone where the sequences were handed over in memory.
    file: str
    #: The line, or the number of the record, counted from 1.
    line: int
    #: The identifier.
    id: str
    #: The reason, one of a fixed list of words, such as `bad-letter`.
    reason: str
    #: What exactly, and what to do.
    detail: str


class RejectedRecords(UserWarning):
    """Warns that records were left out; `rejects` holds them all, the message the first ones."""

    def __init__(self, rejects: list[Reject]) -> None:
        shown = "; ".join(
            f"{one.file}, line {one.line}, `{one.id}`: {one.reason} {one.detail}".strip() for one in rejects[:3]
        )
        more = f"; and {len(rejects) - 3} more" if len(rejects) > 3 else ""
        super().__init__(f"left out {len(rejects)} record(s): {shown}{more}")
        #: Everything that was left out.
        self.rejects = rejects


def read(path: Path) -> list[Reject]:
    """Reads a table of rejects; none where it was not written."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Reject(Path(row["file"]).name, int(row["line"] or 0), row["id"], row["reason"], row["detail"] or "")
            for row in rows
        ]


def warn(rejects: list[Reject]) -> None:
    """Warns the caller of the public function that called."""
    if rejects:
        warnings.warn(RejectedRecords(rejects), stacklevel=3)
