__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
given = " ".join(
    f"--{k} {snakemake.input.get(k)}" for k in ("rna", "partner", "table") if snakemake.input.get(k)
)
audit = f"--audit {snakemake.output.audit}" if snakemake.output.get("audit") else ""

shell(
    "crossmamba-split {snakemake.params.rule} --pairs {snakemake.input.pairs} {given} {extra}"
    " --threads {snakemake.threads} {mqc} {audit} --output {snakemake.output.splits} {log}"
)
