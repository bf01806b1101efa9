__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from os.path import dirname
import re

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {snakemake.output.mqc}" if snakemake.output.get("mqc") else ""
log = snakemake.log_fmt_shell(stdout=False)
checkpoint = f"--checkpoint {snakemake.input.checkpoint}" if snakemake.input.get("checkpoint") else ""
encoder = snakemake.params.get("encoder", "kmer")
store, part = snakemake.output.store, re.search(r"/part-(\d+)-of-(\d+)/?$", snakemake.output.store)
target = f"--shard {part[1]}/{part[2]} --output {dirname(store.rstrip('/'))}" if part else f"--output {store}"

shell(
    "crossmamba-embed --kind {snakemake.params.kind} --encoder {encoder} {checkpoint} {extra}"
    " --threads {snakemake.threads} {mqc} --input {snakemake.input.sequences} {target} {log}"
)
