"""Reads a table that a program wrote into what the caller works with."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, overload

if TYPE_CHECKING:
    import pandas
    import polars

#: What a table becomes: `auto` takes pandas, or polars where pandas is not installed; `rows` is a list of dictionaries.
Frame = Literal["auto", "pandas", "polars", "rows"]
#: A value of a row.
Value = Union[None, int, float, str]

#: Columns of identifiers, of which none is unknown: one may well be `NA`.
IDENTIFIERS = ("rna_id", "partner_id")
#: Columns of words, though all of them may be digits; any other holds numbers where all of its values are numbers.
WORDS = (*IDENTIFIERS, "fold", "structure", "unit", "trust", "nearest_rna", "nearest_partner")
UNKNOWN = ("", "NA")


@overload
def read(path: Path, frame: Literal["pandas"]) -> pandas.DataFrame: ...
@overload
def read(path: Path, frame: Literal["polars"]) -> polars.DataFrame: ...
@overload
def read(path: Path, frame: Literal["rows"]) -> list[dict[str, Value]]: ...
@overload
def read(path: Path, frame: Literal["auto"]) -> Any: ...
def read(path: Path, frame: Frame) -> Any:
    """Reads columns divided by tabs, without quotes, `NA` for what is unknown."""
    chosen = choose(frame)
    if chosen == "pandas":
        return _pandas(path)
    if chosen == "polars":
        return _polars(path)
    return _rows(path)


def choose(frame: Frame) -> Literal["pandas", "polars", "rows"]:
    """Says which kind of table there will be, before any work is done.

    Raises:
        ImportError: neither pandas nor polars is installed, or the one asked for is not.
    """
    if frame == "rows":
        return "rows"
    if frame == "auto":
        if importlib.util.find_spec("pandas") is not None:
            return "pandas"
        if importlib.util.find_spec("polars") is not None:
            return "polars"
        raise ImportError('neither pandas nor polars is installed; install one of them, or ask for frame="rows"')
    if frame not in ("pandas", "polars"):
        raise ValueError(f'frame={frame!r} is not known; take "auto", "pandas", "polars" or "rows"')
    if importlib.util.find_spec(frame) is None:
        raise ImportError(f'{frame} is not installed; install it, or ask for frame="rows"')
    return frame


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return lines.readline().rstrip("\r\n").split("\t")


def _pandas(path: Path) -> pandas.DataFrame:
    import pandas

    names = _header(path)
    unknown: dict[Any, list[str]] = {name: list(UNKNOWN) for name in names if name not in IDENTIFIERS}
    words: dict[Any, Any] = {name: "str" for name in names if name in WORDS}
    return pandas.read_csv(
        path, sep="\t", quoting=csv.QUOTE_NONE, dtype=words, keep_default_na=False, na_values=unknown, encoding="utf-8"
    )


def _polars(path: Path) -> polars.DataFrame:
    import polars

    names = _header(path)
    return polars.read_csv(
        path,
        separator="\t",
        quote_char=None,
        schema_overrides={name: polars.String for name in names if name in WORDS},
        null_values={name: "NA" for name in names if name not in IDENTIFIERS},
        infer_schema_length=None,
    )


def _rows(path: Path) -> list[dict[str, Value]]:
    with path.open(encoding="utf-8", newline="") as lines:
        table = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    names, cells = table[0], table[1:]
    columns = [[row[place] for row in cells] for place in range(len(names))]
    typed = [list(column) if name in IDENTIFIERS else _typed(name, column) for name, column in zip(names, columns)]
    return [dict(zip(names, row)) for row in zip(*typed)]


def _typed(name: str, column: list[str]) -> list[Value]:
    for kind in () if name in WORDS else (int, float):
        try:
            return [None if cell in UNKNOWN else kind(cell) for cell in column]
        except ValueError:
            continue
    return [None if cell in UNKNOWN else cell for cell in column]
