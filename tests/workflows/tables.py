"""Holds the tables that the tools wrote to their schemas.

usage: tables.py SCHEMAS FOLDER     Each `.tsv` below FOLDER must be described by a schema whose `files` name it: its columns in
their order, those that are not optional all there, and every cell of its type. Each schema must describe one at least.
"""

import fnmatch
import json
import re
import sys
from pathlib import Path


def fault(schema, path):
    """Say how a table differs from a schema; nothing where it does not."""
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    fields = {field["name"]: field for field in schema["fields"]}
    columns = header.split("\t")
    for name in columns:
        if name not in fields:
            return f"column `{name}` is not described"
    if columns != [name for name in fields if name in columns]:
        return "the columns are in another order"
    for name, field in fields.items():
        if name not in columns and not field.get("optional"):
            return f"column `{name}` is missing"
    for number, line in enumerate(lines, 2):
        if number == len(lines) + 1 and line == "":
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            return f"line {number} has {len(cells)} cells, the header {len(columns)}"
        for name, cell in zip(columns, cells):
            reason = wrong(fields[name], cell, schema["missingValues"])
            if reason:
                return f"line {number}, column `{name}`: `{cell}` {reason}"
    return None


def wrong(field, cell, missing):
    """Say what is wrong with a cell."""
    constraints = field.get("constraints", {})
    if cell in field.get("missingValues", missing):
        return "is required" if constraints.get("required") else None
    if field["type"] in ("integer", "number"):
        try:
            value = int(cell) if field["type"] == "integer" else float(cell)
        except ValueError:
            return f"is no {field['type']}"
        if not constraints.get("minimum", value) <= value <= constraints.get("maximum", value):
            return "is out of range"
    if cell not in constraints.get("enum", [cell]):
        return f"is none of {', '.join(constraints['enum'])}"
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], cell):
        return f"does not match {constraints['pattern']}"
    return None


schemas = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(sys.argv[1]).glob("*.json"))}
folder = Path(sys.argv[2])
used, faults, tables = set(), [], 0
for path in sorted(folder.rglob("*.tsv")):
    tables += 1
    names = (path.name, "/".join(path.parts[-2:]))
    candidates = [key for key, schema in schemas.items() if any(fnmatch.fnmatch(n, g) for g in schema["files"] for n in names)]
    found = {key: fault(schemas[key], path) for key in candidates}
    fitting = [key for key in candidates if found[key] is None]
    used.update(fitting)
    if not fitting:
        reason = "; ".join(f"{key}: {said}" for key, said in found.items()) or "no schema names it"
        faults.append(f"{path.relative_to(folder)}: {reason}")
faults += [f"no table shows the schema {key}" for key in schemas if key not in used]
sys.exit("\n".join(faults) if faults else print(f"{tables} tables, {len(used)} schemas"))
