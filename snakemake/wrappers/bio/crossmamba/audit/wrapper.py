__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

import os
from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
given = " ".join(
    f"--{k.replace('_', '-')} {quote(snakemake.input.get(k))}"
    for k in ("rna", "partner", "splits", "rna_clusters", "partner_clusters", "predictions")
    if snakemake.input.get(k)
)
folder = os.path.dirname(snakemake.output.html) or "."

shell(
    "crossmamba-audit --pairs {snakemake.input.pairs:q} {given} {extra} --threads {snakemake.threads} {mqc}"
    " --output {folder:q} {log}"
)
