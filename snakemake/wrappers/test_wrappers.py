"""Runs the example of every wrapper, `test/Snakefile`, by Snakemake: `pytest snakemake/wrappers`.

The tools must be on PATH. The examples name the wrappers as those of the public repository are named, `master/bio/…`;
a `--wrapper-prefix` makes Snakemake take them from this folder.
"""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
WRAPPERS = sorted(path.parent for path in HERE.glob("bio/*/*/wrapper.py"))
NAMES = [wrapper.name for wrapper in WRAPPERS]


def run(wrapper, folder, *options):
    """Run an example in a folder, and give what Snakemake said; fail with the logs if it failed."""
    shutil.copytree(wrapper / "test", folder, dirs_exist_ok=True)
    (folder / "wrappers").mkdir()
    (folder / "wrappers/master").symlink_to(HERE)
    command = ["snakemake", "--cores", "2", "--wrapper-prefix", f"file://{folder}/wrappers/", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    logs = "".join(f"\n== {log}\n{log.read_text()}" for log in folder.glob("logs/*"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    return done.stdout + done.stderr


def test_there_is_a_wrapper_for_every_step():
    assert set(NAMES) >= {
        "simulate",
        "cluster",
        "split",
        "embed",
        "fuse_train",
        "predict",
        "predict_sequences",
        "evaluate",
        "audit",
    }


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=NAMES)
def test_the_example_runs(wrapper, tmp_path):
    run(wrapper, tmp_path)
    log = next(path for path in tmp_path.glob("logs/*") if path.stem.startswith(wrapper.name))
    assert "error" not in log.read_text()


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=NAMES)
def test_the_description_fits_the_code(wrapper):
    """Every named input, output and parameter that the code reads is described, and none besides."""
    meta = yaml.safe_load((wrapper / "meta.yaml").read_text())
    assert meta["name"] and meta["description"] and meta["authors"]
    described = {
        kind: {name for row in meta.get(kind, []) for name in row} for kind in ("input", "output", "params")
    }
    code = (wrapper / "wrapper.py").read_text()
    ast.parse(code)
    used = {kind: set() for kind in described}
    for kind, name in re.findall(r"snakemake\.(input|output|params)\.(?!get\b)(\w+)", code):
        used[kind].add(name)
    for kind, name in re.findall(r'snakemake\.(input|output|params)\.get\("(\w+)"', code):
        used[kind].add(name)
    for names, kind in re.findall(r"for k in \(([^)]*)\)\s+if snakemake\.(input)", code):
        used[kind] |= set(re.findall(r'"(\w+)"', names))
    for names in re.findall(r"for side in \(([^)]*)\)\s+for store in", code):
        used["input"] |= set(re.findall(r'"(\w+)"', names))
    for kind, names in used.items():
        # Outputs that the tool names itself are listed for the user, and not read by the code.
        assert names <= described[kind], f"{wrapper.name}: {kind} {names - described[kind]} is not described"
        if kind != "output":
            assert names == described[kind], f"{wrapper.name}: {kind} {described[kind] - names} is not used"


BLANKS = ["evaluate", "predict", "predict_sequences", "parse_pairs", "parse_sequences", "embed", "audit"]


@pytest.mark.parametrize("name", BLANKS)
def test_paths_may_hold_blanks_and_quotes(name, tmp_path):
    """The example with a blank and a quote in the path of every file that it names, logs included."""
    wrapper = HERE / "bio/crossmamba" / name
    example = tmp_path / "example"
    (example / "test").mkdir(parents=True)
    text = (wrapper / "test/Snakefile").read_text()
    # Paths are the quoted words with a dot or a slash, and the folder of the model; not the names of wrappers.
    path = re.compile(r'"(?!master/)([\w{}-]+[./][\w{}./-]*|model)"')
    text = path.sub(lambda found: "\"its 'odd' files/" + found[1] + '"', text)
    (example / "test/Snakefile").write_text(text)
    run(example, tmp_path / "run")
    assert any((tmp_path / "run/its 'odd' files").iterdir())


def test_parts_are_the_whole(tmp_path):
    """Two jobs of one store make two parts."""
    run(HERE / "bio/crossmamba/embed", tmp_path)
    assert sorted(path.name for path in (tmp_path / "rna.store").glob("part-*") if path.is_dir()) == [
        "part-1-of-2",
        "part-2-of-2",
    ]


def test_a_failure_is_a_failure(tmp_path):
    """A tool that ends with an error fails the job, and what it said is in the log."""
    wrapper = HERE / "bio/crossmamba/split"
    with pytest.raises(AssertionError, match="random6"):
        shutil.copytree(wrapper / "test", tmp_path, dirs_exist_ok=True)
        snakefile = tmp_path / "Snakefile"
        changed = snakefile.read_text().replace("random5", "random6")
        other = tmp_path / "other"
        (other / "test").mkdir(parents=True)
        (other / "test/Snakefile").write_text(changed)
        run(other, tmp_path / "run")
