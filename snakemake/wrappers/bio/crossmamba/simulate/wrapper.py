__author__ = "The CrossMamba authors"
__license__ = "MIT OR Apache-2.0"

from os.path import dirname

from snakemake.shell import shell

extra = snakemake.params.get("extra", "")
log = snakemake.log_fmt_shell(stdout=False)
folder = dirname(snakemake.output.rna)

shell("crossmamba-simulate {extra} --threads {snakemake.threads} --output {folder} {log}")
