"""The configuration: what it must say, what it may say, and what the user hears when it is wrong."""

import pytest
import yaml
from conftest import TEST
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

CONFIG = TEST.parent / "config"


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"rna": None}, "rna"),
        ({"rna": []}, "rna"),
        ({"partner_kind": "dna"}, "dna"),
        ({"epochs": 3}, "epochs"),
        ({"train": {"epochs": 3}}, "epochs"),
        ({"train": None}, "train"),
        ({"embed": {"rna": {"shards": 0}}}, "shards"),
        ({"embed": {"rna": [{"encoder": 7}]}}, "encoder"),
        ({"split": {"rule": "audit --splits x"}}, "rule"),
        ({"resources": {"train": {"mem_mb": "4G"}}}, "mem_mb"),
    ],
)
def test_a_wrong_value_is_named(workflow, change, hint):
    """The two calls of rules/common.smk."""
    schema = str(TEST.parent / "workflow/schemas/config.schema.yaml")
    validate(workflow.config, schema, set_default=False)
    with pytest.raises(WorkflowError, match=hint):
        validate(workflow.config | change, schema, set_default=False)
    validate(workflow.config, schema)
    assert workflow.config["predict"] == {"pairs": None, "shards": 1, "extra": ""}


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"train": {"epochs": 3}}, "epochs"),
        ({"pairs": "data/absent.tsv"}, "data/absent.tsv"),
        ({"embed": {"rna": {"checkpoint": "absent"}}}, "absent"),
    ],
)
def test_the_workflow_says_so_before_anything_runs(workflow, change, hint):
    workflow.config |= change
    said = workflow.run(fails=True)
    assert hint in said
    assert "Traceback" not in said
    assert not (workflow.folder / "results").exists()


def test_a_missing_key_is_named(workflow):
    del workflow.config["partner"]
    assert "'partner' is a required property" in workflow.run(fails=True)


def test_molecules_for_which_no_model_is_taken_unasked_need_pairs_or_a_model(workflow):
    workflow.config |= {"pairs": None, "partner_kind": "small-molecule"}
    said = workflow.run("--dry-run", fails=True)
    assert (
        "no model for small-molecule is taken unasked: name labelled pairs to train on, or a `model`" in said
    )


def test_the_defaults_of_the_file_and_of_the_schema_are_the_same():
    """Leaving a key out is the same as the documented file."""

    def defaults(schema):
        found = {}
        for key, value in schema["properties"].items():
            value = definitions.get(value.get("$ref", "").rsplit("/", 1)[-1], {}) | value
            if key == "encoders":
                continue
            if "if" in value:
                value = definitions["encoder"] | {"default": {}}
            if "properties" in value:
                found[key] = defaults(value)
            elif "default" in value:
                found[key] = value["default"]
        return found

    schema = yaml.safe_load((CONFIG.parent / "workflow/schemas/config.schema.yaml").read_text())
    definitions = schema["$defs"]
    written = yaml.safe_load((CONFIG / "config.yaml").read_text())
    for key in ("rna", "partner", "pairs"):
        del written[key]
    assert schema["properties"]["pairs"]["default"] is None
    # Steps differ in what they need; the schema has one value for all.
    resources = written.pop("resources")
    known = defaults(schema)
    del known["pairs"]
    assert set(known.pop("resources")) == set(resources)
    assert written == known


def test_every_key_is_explained():
    text = (CONFIG / "README.md").read_text()
    written = yaml.safe_load((CONFIG / "config.yaml").read_text())
    for key, value in written.items():
        assert f"`{key}`" in text
        for inner in value if isinstance(value, dict) and key not in ("resources", "embed") else ():
            assert f"`{key}.{inner}`" in text
