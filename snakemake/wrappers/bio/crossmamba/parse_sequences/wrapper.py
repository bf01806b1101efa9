__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
rejects = f"--rejects {snakemake.output.rejects}" if snakemake.output.get("rejects") else ""
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-parse sequences --kind {snakemake.params.kind} {extra} --threads {snakemake.threads}"
    " {mqc} {rejects} --output {snakemake.output.sequences} {snakemake.input.sequences} {log} {accept}"
)
