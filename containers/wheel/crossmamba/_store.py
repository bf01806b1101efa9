"""Gives the embeddings of a store as NumPy arrays, which read the file only where they are looked at."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

#: The newest form of a store that this package reads.
FORMAT = 2


class _Entry(NamedTuple):
    part: int
    length: int
    rows: int
    shard: int
    offset: int
    checksum: str


class Store(Mapping[str, "NDArray[Any]"]):
    """Embeddings by identifier: `store["r1"]` has the shape (rows, `width`), `store.vector("r1")` (`global_width`,).

    The arrays are views of memory-mapped files, and cannot be written to; values of the format bf16, which NumPy lacks,
    are copied into float32. A store may be larger than the memory.
    """

    def __init__(self, folder: Path, keep: tempfile.TemporaryDirectory[str] | None = None) -> None:
        #: The folder of the store.
        self.folder = folder
        self._keep = keep
        self._parts = _parts(folder)
        #: What made the embeddings: encoder, settings, rows, digest.
        self.manifest: dict[str, Any] = _manifest(self._parts[0])
        for part in self._parts[1:]:
            if _manifest(part) != self.manifest:
                raise ValueError(
                    f"{part} was made with other settings than {self._parts[0]}; make both parts with one command"
                )
        #: Values of a row.
        self.width: int = self.manifest["width"]
        #: Values of the vector that stands for the whole molecule; 0 where there is none.
        self.global_width: int = self.manifest["global_width"]
        #: Number format of the stored values: f32, f16 or bf16.
        self.dtype: str = self.manifest["dtype"]
        if self.dtype not in ("f32", "f16", "bf16"):
            raise ValueError(f"{folder}: the number format {self.dtype} is not known; install a newer crossmamba")
        self._entries: dict[str, _Entry] = {}
        for number, part in enumerate(self._parts):
            for identifier, entry in _index(part, number):
                self._entries.setdefault(identifier, entry)
        self._maps: dict[tuple[int, int], Any] = {}

    def __getitem__(self, identifier: str) -> NDArray[Any]:
        """Gives the rows of a molecule, one per window or residue: (rows, width)."""
        entry = self._entries[identifier]
        values = self._values(entry)[self.global_width :]
        return values.reshape(entry.rows, self.width)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        made = f"{self.manifest['encoder']}, {self.manifest['molecule']}"
        return f"<crossmamba.Store {str(self.folder)!r}: {len(self)} records, {made}>"

    def vector(self, identifier: str) -> NDArray[Any]:
        """Gives the vector that stands for the whole molecule: (global_width,)."""
        return self._values(self._entries[identifier])[: self.global_width]

    def vectors(self) -> NDArray[Any]:
        """Copies the vectors of all molecules, in the order of the store: (records, global_width)."""
        import numpy

        if not self._entries or self.global_width == 0:
            return numpy.zeros((len(self), self.global_width), dtype="<f2" if self.dtype == "f16" else "<f4")
        return numpy.stack([self.vector(identifier) for identifier in self])

    def length(self, identifier: str) -> int:
        """Gives the length of the sequence: residues, or tokens of a SMILES string."""
        return self._entries[identifier].length

    def verify(self) -> None:
        """Reads every value, and compares it with the checksum that was written with it.

        Raises:
            ValueError: a file is not what was written; the message names the record.
        """
        for identifier, entry in self._entries.items():
            if zlib.crc32(self._raw(entry).tobytes()) != int(entry.checksum, 16):
                raise ValueError(f"{self._file(entry)}, record `{identifier}`: the values are damaged; embed again")

    def _file(self, entry: _Entry) -> Path:
        return self._parts[entry.part] / f"shard-{entry.shard:05}.bin"

    def _raw(self, entry: _Entry) -> NDArray[Any]:
        import numpy

        stored = {"f32": "<f4", "f16": "<f2", "bf16": "<u2"}[self.dtype]
        key = (entry.part, entry.shard)
        if key not in self._maps:
            self._maps[key] = numpy.memmap(self._file(entry), dtype=stored, mode="r")
        mapped = self._maps[key]
        start = entry.offset // mapped.itemsize
        values: numpy.ndarray[Any, Any] = mapped[start : start + self.global_width + entry.rows * self.width]
        if len(values) != self.global_width + entry.rows * self.width:
            raise ValueError(f"{self._file(entry)} is shorter than its index says; embed again")
        return values

    def _values(self, entry: _Entry) -> NDArray[Any]:
        import numpy

        raw = self._raw(entry)
        if self.dtype != "bf16":
            return raw
        # A bf16 number is the upper half of a float32.
        return (raw.astype("<u4") << numpy.uint32(16)).view("<f4")


def load_store(folder: str | os.PathLike[str]) -> Store:
    """Opens a store that `embed` or the program `crossmamba-embed` has finished; all parts of a divided one.

    Raises:
        FileNotFoundError: there is no store.
        ValueError: it is not finished, damaged, or of a form that this package does not know.
        ImportError: NumPy is not installed.

    Examples:
        >>> store = load_store("rna.store")
        >>> store["r1"].shape, store.vector("r1").shape
        ((1, 84), (85,))
    """
    _need_numpy()
    return Store(Path(folder))


def _need_numpy() -> None:
    try:
        import numpy  # noqa: F401
    except ImportError as error:
        raise ImportError("NumPy is not installed, and embeddings are given as its arrays; install numpy") from error


def _parts(folder: Path) -> list[Path]:
    """Lists the folders that hold values: the store, or the parts of one that several runs have made."""
    if (folder / "manifest.json").exists():
        return [folder]
    found = sorted(
        folder.glob("part-*-of-*"),
        key=lambda part: [int(word) for word in part.name.split("-")[1::2] if word.isdigit()],
    )
    found = [part for part in found if part.is_dir()]
    if not found:
        raise FileNotFoundError(f"{folder} is no store; make one with embed()")
    count = found[0].name.rpartition("-")[2]
    if [part.name for part in found] != [f"part-{number}-of-{count}" for number in range(1, int(count) + 1)]:
        raise ValueError(f"{folder} lacks parts of {count}; run crossmamba-embed for those that are missing")
    return found


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read ({error}); embed again") from error
    if manifest.get("format") not in range(1, FORMAT + 1):
        raise ValueError(
            f"{path} has format {manifest.get('format')}, and this package reads {FORMAT}; install a newer one"
        )
    return manifest


def _index(folder: Path, part: int) -> Iterator[tuple[str, _Entry]]:
    path = folder / "index.tsv"
    content = path.read_bytes()
    if _manifest(folder)["format"] >= 2:
        try:
            complete = json.loads((folder / "complete.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise ValueError(f"{folder} is not finished; run crossmamba-embed on it again") from None
        if complete["bytes"] != len(content) or complete["sha256"] != hashlib.sha256(content).hexdigest():
            raise ValueError(f"{path} is damaged: it is not what was finished; embed again")
    header, *lines = content.decode("utf-8").split("\n")
    places = {name: place for place, name in enumerate(header.split("\t"))}
    for line in lines:
        if line:
            cells = line.split("\t")
            length, rows, shard, offset = (int(cells[places[name]]) for name in ("length", "rows", "shard", "offset"))
            yield cells[places["id"]], _Entry(part, length, rows, shard, offset, cells[places["checksum"]])
