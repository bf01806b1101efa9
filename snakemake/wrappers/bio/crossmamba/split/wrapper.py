__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
given = " ".join(
    f"--{k.replace('_', '-')} {quote(snakemake.input.get(k))}"
    for k in ("rna", "partner", "table", "rna_clusters", "partner_clusters")
    if snakemake.input.get(k)
)
audit = f"--audit {quote(snakemake.output.audit)}" if snakemake.output.get("audit") else ""

shell(
    "crossmamba-split {snakemake.params.rule} --pairs {snakemake.input.pairs:q} {given} {extra}"
    " --threads {snakemake.threads} {mqc} {audit} --output {snakemake.output.splits:q} {log}"
)
