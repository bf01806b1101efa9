"""Hands sequences and pairs to the programs: as they lie in files, or from memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Union

#: Sequences: the path of a file, a dictionary of identifiers and sequences, or a list of such pairs.
Sequences = Union[str, "os.PathLike[str]", Mapping[str, str], Iterable["tuple[str, str]"]]

#: Pairs: the path of a table, or a list of (RNA, partner) or (RNA, partner, label).
Pairs = Union[str, "os.PathLike[str]", Iterable[Sequence[object]]]


def sequence_file(given: Sequences, folder: Path, name: str, kind: str | None) -> Path:
    """Gives the file of the sequences; what is in memory is written into the folder."""
    if isinstance(given, (str, os.PathLike)):
        return existing(given, name)
    path = folder / (f"{name}.smi" if kind == "small-molecule" else f"{name}.fa")
    items = given.items() if isinstance(given, Mapping) else given
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for item in items:
            if isinstance(item, str) or len(item) != 2:
                raise TypeError(
                    f"{name}: {item!r} is no pair of an identifier and a sequence; give a dictionary or a list of pairs"
                )
            identifier, sequence = _identifier(item[0], name), _one_line(item[1], name, item[0])
            file.write(f"{sequence}\t{identifier}\n" if kind == "small-molecule" else f">{identifier}\n{sequence}\n")
            count += 1
    if count == 0:
        raise ValueError(f"{name}: there is no sequence; give at least one")
    return path


def pair_file(given: Pairs, folder: Path, name: str = "pairs") -> Path:
    """Gives the file of the pairs; what is in memory is written into the folder."""
    if isinstance(given, (str, os.PathLike)):
        return existing(given, name)
    return table_file(given, folder, name, "label")


def table_file(rows: Iterable[Sequence[object]], folder: Path, name: str, third: str) -> Path:
    """Writes rows of two identifiers and perhaps a third value."""
    path = folder / f"{name}.tsv"
    width = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, row in enumerate(rows, 1):
            if isinstance(row, str) or len(row) not in (2, 3):
                raise TypeError(f"{name}, row {number}: {row!r} is neither (rna, partner) nor (rna, partner, {third})")
            if width == 0:
                width = len(row)
                file.write("\t".join(("rna_id", "partner_id", third)[:width]) + "\n")
            if len(row) != width:
                raise ValueError(f"{name}, row {number} has {len(row)} values, the first {width}; give all rows alike")
            cells = [_identifier(row[0], name), _identifier(row[1], name)]
            if width == 3:
                cells.append(_cell(row[2], name, row[0]))
            file.write("\t".join(cells) + "\n")
    if width == 0:
        raise ValueError(f"{name}: there is no pair; give at least one")
    return path


def existing(path: str | os.PathLike[str], name: str) -> Path:
    """Gives the path of a file that is there."""
    found = Path(path).expanduser()
    if not found.exists():
        hint = (
            ""
            if isinstance(path, os.PathLike)
            else "; sequences themselves are given as a dictionary {identifier: sequence}"
        )
        raise FileNotFoundError(f"{name}: no file {os.fspath(path)[:200]!r} here{hint}")
    return found.absolute()


def _cell(value: object, name: str, identifier: object) -> str:
    if value is None:
        return ""
    # The truth of Python and of NumPy is a label, too.
    text = str(value)
    return {"True": "1", "False": "0"}.get(text) or _one_line(text, name, identifier)


def _identifier(value: object, name: str) -> str:
    text = str(value)
    if not text or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise ValueError(f"{name}: {text!r} is no identifier; take one without blanks, with a letter at least")
    return text


def _one_line(value: object, name: str, identifier: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}, {identifier!r}: {value!r} is no text; give the sequence as a string")
    text = value.strip()
    if "\n" in text or "\r" in text or "\t" in text or text.startswith(">"):
        raise ValueError(
            f"{name}, {identifier!r}: it holds a line break or a tab, or begins with `>`; give the letters alone"
        )
    return text
