"""What the tests share: running the workflow on the set in `.test`, in a folder of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

TEST = Path(__file__).resolve().parent.parent
SNAKEFILE = TEST.parent / "workflow/Snakefile"


class Workflow:
    """The workflow in a folder that holds the data and the configuration of `.test`, changed as told."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(TEST / "data", folder / "data")
        (folder / "config").mkdir()
        self.config = yaml.safe_load((TEST / "config/config.yaml").read_text())

    def command(self, *arguments, cores=2):
        """Write the configuration, and give the command that runs the workflow."""
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(self.config))
        return ["snakemake", "--cores", str(cores), "--snakefile", str(SNAKEFILE), *arguments]

    def run(self, *arguments, fails=False, cores=2):
        """Run it, and give what Snakemake said; with the logs of the jobs if it ended otherwise than it should."""
        done = subprocess.run(
            self.command(*arguments, cores=cores), cwd=self.folder, capture_output=True, text=True
        )
        said = done.stdout + done.stderr
        logs = "".join(f"\n== {log}\n{log.read_text()}" for log in self.folder.glob("logs/*"))
        assert (done.returncode != 0) == fails, said + logs
        return said

    def read(self, path):
        """Read a file of the folder as bytes."""
        return (self.folder / path).read_bytes()


@pytest.fixture
def workflow(tmp_path):
    """A workflow that has not run."""
    return Workflow(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A workflow that has run to its end; tests must leave its results as they are."""
    workflow = Workflow(tmp_path_factory.mktemp("finished"))
    workflow.run()
    return workflow


@pytest.fixture(scope="session", autouse=True)
def tools():
    """Fail at once, and clearly, without the tools; keep Snakemake's cache out of the home folder."""
    for tool in ("crossmamba-parse", "crossmamba-fuse-train", "snakemake", "multiqc"):
        assert shutil.which(tool), f"{tool} must be on PATH"
    os.environ.setdefault("XDG_CACHE_HOME", str(TEST.parent.parent / "target/workflows/cache"))
