__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
rejects = f"--rejects {quote(snakemake.output.rejects)}" if snakemake.output.get("rejects") else ""
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-parse sequences --kind {snakemake.params.kind} {extra} --threads {snakemake.threads}"
    " {mqc} {rejects} --output {snakemake.output.sequences:q} {snakemake.input.sequences:q} {log} {accept}"
)
