__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
seed = snakemake.params.get("seed", 1)
given = " ".join(f"--{k} {snakemake.input.get(k)}" for k in ("splits", "config") if snakemake.input.get(k))
stores = " ".join(
    f"--{side}-store {store}" for side in ("rna", "partner") for store in str(snakemake.input[side]).split()
)
work = f"{snakemake.output.model}.work"

shell(
    "crossmamba-fuse-train --pairs {snakemake.input.pairs} {given} {stores} --seed {seed} {extra} --resume"
    " --threads {snakemake.threads} {mqc} --output {work} {log} && mv {work} {snakemake.output.model}"
)
