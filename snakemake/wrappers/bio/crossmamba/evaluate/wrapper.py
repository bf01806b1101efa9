__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

import os

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
given = " ".join(
    f"--{k} {snakemake.input.get(k)}" for k in ("pairs", "splits", "rna", "partner") if snakemake.input.get(k)
)
predictions = snakemake.input.predictions
if os.path.isdir(predictions):
    predictions = os.path.join(predictions, "predictions.tsv")
folder = os.path.dirname(snakemake.output.html) or "."

shell(
    "crossmamba-evaluate --predictions {predictions} {given} {extra} --threads {snakemake.threads} {mqc}"
    " --output {folder} {log}"
)
