"""Holds the EDAM terms of the description for bio.tools to EDAM, and the version to the project's.

usage: edam.py BIOTOOLS_JSON VERSION     needs the package edam-ontology
"""

import csv
import json
import sys
from importlib import resources

csv.field_size_limit(10**9)
table = (resources.files("edam_ontology") / "EDAM.tsv").read_text(encoding="utf-8").splitlines()
known = {row["Class ID"]: row for row in csv.DictReader(table, delimiter="\t")}
entry = json.load(open(sys.argv[1], encoding="utf-8"))


def terms(value):
    """Give every term below a value."""
    if isinstance(value, dict):
        if "uri" in value:
            yield value["uri"], value["term"]
        for inner in value.values():
            yield from terms(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from terms(inner)


found = list(terms(entry))
faults = [f"{uri} is no term of EDAM" for uri, _ in found if uri not in known]
for uri, term in found:
    if uri in known and known[uri]["Preferred Label"] != term:
        faults.append(f"{uri} is called {known[uri]['Preferred Label']}, not {term}")
    if uri in known and known[uri]["Obsolete"].upper() == "TRUE":
        faults.append(f"{uri} is obsolete")
if entry["version"] != [sys.argv[2]]:
    faults.append(f"it is of version {entry['version']}")
sys.exit("; ".join(faults) if faults else print(len(found)))
