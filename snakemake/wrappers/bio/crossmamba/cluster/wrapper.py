__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
sequences = snakemake.input.sequences
sequences = [sequences] if isinstance(sequences, str) else sequences
inputs = " ".join(f"--input {quote(path)}" for path in sequences)

shell(
    "crossmamba-cluster --kind {snakemake.params.kind} {inputs} {extra} --threads {snakemake.threads} {mqc}"
    " --output {snakemake.output.clusters:q} {log}"
)
