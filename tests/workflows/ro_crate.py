"""Writes the Workflow RO-Crate of both workflows, from what the checkout says of itself.

usage: ro_crate.py CHECKOUT     writes nextflow/ro-crate-metadata.json and snakemake/ro-crate-metadata.json
"""

import json
import sys
from pathlib import Path

root = Path(sys.argv[1])
about = json.loads((root / "codemeta.json").read_text(encoding="utf-8"))
REPOSITORY = about["codeRepository"]
LICENCE = {
    "@id": "https://spdx.org/licenses/MIT",
    "@type": "CreativeWork",
    "name": "MIT License",
    "description": "Or, at your choice, the Apache License 2.0",
}
AUTHORS = {"@id": REPOSITORY, "@type": "Organization", "name": about["author"][0]["name"], "url": REPOSITORY}
# Until a version is published, the day on which the description of the workflows was last changed.
DATE = "2026-11-26"
ENGINES = {
    "nextflow": {
        "main": "main.nf",
        "name": "CrossMamba RNA by Nextflow",
        "language": {
            "@id": "https://w3id.org/workflowhub/workflow-ro-crate#nextflow",
            "@type": "ComputerLanguage",
            "name": "Nextflow",
            "identifier": {"@id": "https://www.nextflow.io/"},
            "url": {"@id": "https://www.nextflow.io/"},
        },
        "parts": {
            "README.md": "What the pipeline takes and gives",
            "nextflow.config": "Parameters and profiles",
            "nextflow_schema.json": "Every parameter, with its type",
            "assets/schema_input.json": "Columns of the sample sheet",
        },
    },
    "snakemake": {
        "main": "workflow/Snakefile",
        "name": "CrossMamba RNA by Snakemake",
        "language": {
            "@id": "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
            "url": {"@id": "https://snakemake.readthedocs.io"},
        },
        "parts": {
            "README.md": "What the workflow takes and gives",
            "config/README.md": "Every key of the configuration",
            "config/config.yaml": "The configuration with its defaults",
            "workflow/schemas/config.schema.yaml": "What checks the configuration",
        },
    },
}
DESCRIPTION = (
    "From sequences and labelled pairs to a trained, evaluated model of RNA interactions and its predictions; from sequences "
    "alone to the predictions of a model that ships."
)

for engine, facts in ENGINES.items():
    folder = root / engine
    parts = [
        {"@id": path, "@type": "File", "name": path, "description": words, "encodingFormat": format_of}
        for path, words in facts["parts"].items()
        for format_of in [{"md": "text/markdown", "json": "application/json", "yaml": "application/yaml"}.get(path.split(".")[-1], "text/plain")]
    ]
    for part in [*parts, {"@id": facts["main"]}]:
        assert (folder / part["@id"]).is_file(), part["@id"]
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [
                {"@id": "https://w3id.org/ro/crate/1.1"},
                {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
            ],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": facts["name"],
            "description": DESCRIPTION,
            "datePublished": DATE,
            "license": {"@id": LICENCE["@id"]},
            "author": {"@id": REPOSITORY},
            "keywords": about["keywords"],
            "mainEntity": {"@id": facts["main"]},
            "hasPart": [{"@id": facts["main"]}, *({"@id": part["@id"]} for part in parts)],
        },
        {
            "@id": facts["main"],
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": facts["name"],
            "description": DESCRIPTION,
            "version": about["version"],
            "license": {"@id": LICENCE["@id"]},
            "creator": {"@id": REPOSITORY},
            "programmingLanguage": {"@id": facts["language"]["@id"]},
            "url": f"{REPOSITORY}/tree/main/{engine}",
        },
        facts["language"],
        LICENCE,
        AUTHORS,
        *parts,
    ]
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    (folder / "ro-crate-metadata.json").write_text(json.dumps(crate, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
