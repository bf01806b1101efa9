"""How a typed program uses the package; mypy reads it under --strict, against the installed wheel. It is not run."""

from __future__ import annotations

from pathlib import Path

import crossmamba


def best(rna: Path, partners: dict[str, str]) -> list[str]:
    scores = crossmamba.predict(model="rna-protein-1", rna=rna, partner=partners, top=1, frame="pandas")
    names: list[str] = scores["partner_id"].to_list()
    likeliest = crossmamba.predict(model="rna-protein-1", rna=rna, partner=partners, top=1, frame="polars")
    names += likeliest["partner_id"].to_list()
    rows = crossmamba.predict(model="rna-rna-1", rna=rna, partner=[("a", "ACGU")], frame="rows")
    return names + [str(row["partner_id"]) for row in rows]


def widths(folder: Path) -> dict[str, int]:
    store: crossmamba.Store = crossmamba.load_store(folder)
    return {identifier: store[identifier].shape[0] + len(store.vector(identifier)) for identifier in store}


def warned(pairs: list[tuple[str, str, int]], rna: Path, partner: Path) -> tuple[str, ...]:
    found = crossmamba.audit(pairs, rna=rna, partner=partner, bootstrap=0)
    pooled = crossmamba.embed({"r1": "ACGU"}, kind="rna", tokens="pooled")
    return (*found.warnings, pooled.dtype, *(model.licence for model in crossmamba.list_models()))
