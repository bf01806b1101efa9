__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
rejects = f"--rejects {quote(snakemake.output.rejects)}" if snakemake.output.get("rejects") else ""
given = " ".join(
    f"--{k} {quote(snakemake.input.get(k))}" for k in ("rna", "partner") if snakemake.input.get(k)
)
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-parse pairs --pairs {snakemake.input.pairs:q} {given} {extra}"
    " --threads {snakemake.threads} {mqc} {rejects} --output {snakemake.output.pairs:q} {log} {accept}"
)
