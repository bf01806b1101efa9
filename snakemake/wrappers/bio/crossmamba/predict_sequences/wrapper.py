__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from shlex import quote

from snakemake.shell import shell

model = snakemake.input.get("model") or snakemake.params.get("model")
if not model:
    raise ValueError('name a model: `params: model="rna-protein-1"`, or a folder as `input: model=…`')
extra = snakemake.params.get("extra", "")
pairs = f"--pairs {quote(snakemake.input.pairs)}" if snakemake.input.get("pairs") else ""
html = f"--html {quote(snakemake.output.html)}" if snakemake.output.get("html") else ""
mqc = f"--mqc {quote(snakemake.output.mqc)}" if snakemake.output.get("mqc") else ""
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
accept = "|| [ $? -eq 1 ]" if snakemake.params.get("rejects") == "accept" else ""

shell(
    "crossmamba-predict --model {model:q} --rna {snakemake.input.rna:q} --partner {snakemake.input.partner:q} {pairs}"
    " {extra} --threads {snakemake.threads} {html} {mqc} --output {snakemake.output.predictions:q} {log} {accept}"
)
