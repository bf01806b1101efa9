__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from os.path import dirname
import re
from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
encoder = snakemake.params.get("encoder", "kmer")
weights = "--from" if encoder == "import" else "--checkpoint"
checkpoint = f"{weights} {quote(snakemake.input.checkpoint)}" if snakemake.input.get("checkpoint") else ""
store, part = snakemake.output.store, re.search(r"/part-(\d+)-of-(\d+)/?$", snakemake.output.store)
folder = dirname(store.rstrip("/")) if part else store
shard = f"--shard {part[1]}/{part[2]}" if part else ""

shell(
    "crossmamba-embed --kind {snakemake.params.kind} --encoder {encoder} {checkpoint} {extra}"
    " --threads {snakemake.threads} {mqc} --input {snakemake.input.sequences:q} {shard} --output {folder:q} {log}"
)
