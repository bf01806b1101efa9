__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
seed = snakemake.params.get("seed", 1)
given = " ".join(
    f"--{k} {quote(snakemake.input.get(k))}" for k in ("splits", "config") if snakemake.input.get(k)
)
stores = " ".join(
    f"--{side}-store {quote(store)}"
    for side in ("rna", "partner")
    for store in (
        [snakemake.input[side]] if isinstance(snakemake.input[side], str) else snakemake.input[side]
    )
)
work = f"{snakemake.output.model}.work"

shell(
    "crossmamba-fuse-train --pairs {snakemake.input.pairs:q} {given} {stores} --seed {seed} {extra} --resume"
    " --threads {snakemake.threads} {mqc} --output {work:q} {log} && mv {work:q} {snakemake.output.model:q}"
)
