__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
stores = " ".join(
    f"--{side}-store {store}" for side in ("rna", "partner") for store in str(snakemake.input[side]).split()
)
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-predict --model {snakemake.input.model} --pairs {snakemake.input.pairs} {stores} {extra}"
    " --threads {snakemake.threads} {mqc} --output {snakemake.output.predictions} {log} {accept}"
)
