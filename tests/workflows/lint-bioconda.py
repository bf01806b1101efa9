"""Checks the bioconda recipe by the rules of bioconda-utils that need no package index, and against this checkout.

usage: lint-bioconda.py RECIPE_FOLDER CHECKOUT

bioconda-utils and conda-build come from conda channels only, which not every machine reaches; this holds the recipe to
the same rules everywhere. Prints one line per fault to standard error, and ends with 1 if there is any; to standard
output the commands of the recipe's test section, for the caller to run. Needs Python 3.11, jinja2 and PyYAML.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import jinja2
import yaml

folder, checkout = Path(sys.argv[1]), Path(sys.argv[2])
faults = []


class Strict(yaml.SafeLoader):
    """Refuses a key that occurs twice."""


def mapping(loader, node):
    keys = [key.value for key, _ in node.value]
    for key in {key for key in keys if keys.count(key) > 1}:
        faults.append(f"duplicate_key_in_meta_yaml: `{key}'")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)

text = (folder / "meta.yaml").read_text()
functions = {
    "compiler": lambda language: f"compiler_{language}",
    "stdlib": lambda language: f"stdlib_{language}",
    "pin_subpackage": lambda name, **pins: f"{name} pinned",
}
rendered = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render(**functions)
recipe = yaml.load(rendered, Strict)


def get(path, default=None):
    value = recipe
    for key in path.split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return default if value is None else value


def rule(name, holds):
    if not holds:
        faults.append(name)


build = [str(entry) for entry in get("requirements/build", [])]
elsewhere = [str(entry) for part in ("host", "run") for entry in get(f"requirements/{part}", [])]
source = get("source", {})
commands = get("test/commands", [])

# The rules of bioconda-utils, by its names.
rule("missing_version_or_name", get("package/name") and get("package/version"))
rule("folder_and_package_name_must_match", folder.name == get("package/name"))
rule("version_starts_with_v", not str(get("package/version")).startswith("v"))
rule("missing_build_number", isinstance(get("build/number"), int))
rule("missing_run_exports", get("build/run_exports"))
rule("missing_home", get("about/home"))
rule("missing_license", get("about/license"))
rule("missing_summary", get("about/summary"))
rule("long_summary", len(get("about/summary", "")) <= 120)
rule("missing_tests", commands)
rule("missing_hash", re.fullmatch(r"[0-9a-f]{64}", str(source.get("sha256", ""))))
rule("uses_vcs_url", not any(f"{system}_url" in source for system in ("git", "svn", "hg")))
rule("should_not_use_fn", "fn" not in source)
rule("should_use_compilers", not {"gcc", "rust", "llvm", "toolchain"} & {entry.split()[0] for entry in build + elsewhere})
rule("compilers_must_be_in_build", not any(entry.startswith("compiler_") for entry in elsewhere))
rule("compiler_needs_stdlib_c", "stdlib_c" in build)
rule("should_not_be_noarch_compiler", "noarch" not in get("build", {}))
rule("version_constraints_missing_whitespace", not any(re.search(r"^\S+[<>=]", entry) for entry in build + elsewhere))
rule("has_windows_bat_file", not list(folder.glob("*.bat")))
rule("a platform of bioconda is left out", {"linux-aarch64", "osx-arm64"} == set(get("extra/additional-platforms", [])))
rule("unknown_selector", not re.search(r"#\s*\[", text))

# What only this checkout can tell.
manifest = tomllib.loads((checkout / "Cargo.toml").read_text())
tools = [entry["name"] for entry in tomllib.loads((checkout / "tools" / "Cargo.toml").read_text())["bin"]]
rule("version differs from Cargo.toml", get("package/version") == manifest["workspace"]["package"]["version"])
rule("licence differs from Cargo.toml", get("about/license") == manifest["workspace"]["package"]["license"])
for tool in tools:
    rule(f"the test section does not call {tool}", f"{tool} --version" in commands)
for name in get("about/license_file", []):
    # The build makes this one.
    rule(f"licence file {name} does not exist", name == "THIRDPARTY.yml" or (checkout / name).is_file())

# The other descriptions of the project say the same as the manifest.
version, licences = manifest["workspace"]["package"]["version"], manifest["workspace"]["package"]["license"].split(" OR ")
citation = yaml.safe_load((checkout / "CITATION.cff").read_text())
meta = json.loads((checkout / "codemeta.json").read_text())
rule("version of CITATION.cff differs from Cargo.toml", citation["version"] == version)
rule("version of codemeta.json differs from Cargo.toml", meta["version"] == version)
rule("licence of CITATION.cff differs from Cargo.toml", citation["license"] == licences)
rule("licence of codemeta.json differs from Cargo.toml", [url.rsplit("/", 1)[1] for url in meta["license"]] == licences)
rule("CITATION.cff or codemeta.json names another repository", citation["repository-code"] == meta["codeRepository"] == get("about/home"))

for fault in faults:
    print(f"meta.yaml: {fault}", file=sys.stderr)
print("\n".join(commands))
sys.exit(1 if faults else 0)
