"""The workflow as a module of another one, with an override."""

import shutil
import subprocess

from conftest import TEST


def test_a_consumer_runs_two_modules_and_overrides_a_rule(tmp_path):
    shutil.copytree(TEST / "data", tmp_path / "data")
    command = ["snakemake", "--cores", "2", "--snakefile", str(TEST / "module/Snakefile"), "--printshellcmds"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    logs = "".join(f"\n== {log}\n{log.read_text()}" for log in tmp_path.rglob("logs/*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    summary = (tmp_path / "summary.tsv").read_text()
    assert "random/results/evaluate/metrics.tsv crossmamba" in summary
    assert "held-out/results/evaluate/metrics.tsv crossmamba" in summary
    assert "Held-out pairs" in (tmp_path / "held-out/results/evaluate/report.html").read_text()
    assert (tmp_path / "random/results/embed/rna-0.2/part-2-of-2").is_dir()
    assert not (tmp_path / "results").exists()
