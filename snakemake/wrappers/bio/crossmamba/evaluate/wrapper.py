__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

import os
from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
predictions = snakemake.input.predictions
source = "--trained" if os.path.isdir(predictions) else "--predictions"
given = " ".join(
    f"--{k} {quote(snakemake.input.get(k))}"
    for k in ("pairs", "splits", "rna", "partner")
    if snakemake.input.get(k)
)
folder = os.path.dirname(snakemake.output.html) or "."

shell(
    "crossmamba-evaluate {source} {predictions:q} {given} {extra} --threads {snakemake.threads} {mqc}"
    " --output {folder:q} {log}"
)
