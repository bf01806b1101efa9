__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
stores = " ".join(
    f"--{side}-store {quote(store)}"
    for side in ("rna", "partner")
    for store in (
        [snakemake.input[side]] if isinstance(snakemake.input[side], str) else snakemake.input[side]
    )
)
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-predict --model {snakemake.input.model:q} --pairs {snakemake.input.pairs:q} {stores} {extra}"
    " --threads {snakemake.threads} {mqc} --output {snakemake.output.predictions:q} {log} {accept}"
)
