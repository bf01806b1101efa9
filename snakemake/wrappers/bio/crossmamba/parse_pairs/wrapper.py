__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
rejects = f"--rejects {snakemake.output.rejects}" if snakemake.output.get("rejects") else ""
rna = f"--rna {snakemake.input.rna}" if snakemake.input.get("rna") else ""
partner = f"--partner {snakemake.input.partner}" if snakemake.input.get("partner") else ""
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-parse pairs --pairs {snakemake.input.pairs} {rna} {partner} {extra}"
    " --threads {snakemake.threads} {mqc} {rejects} --output {snakemake.output.pairs} {log} {accept}"
)
