__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from os.path import dirname
from shlex import quote

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
log = f"2> {quote(snakemake.log[0])}" if snakemake.log else ""
folder = dirname(snakemake.output.rna)

shell("crossmamba-simulate {extra} --threads {snakemake.threads} --output {folder:q} {log}")
