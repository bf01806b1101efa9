# Joins the summaries of all steps in one page.


rule multiqc:
    input:
        mqc_files(),
    output:
        report(
            "results/multiqc/multiqc_report.html",
            caption="../report/multiqc.rst",
            category="Quality control",
        ),
    log:
        "logs/multiqc.log",
    conda:
        "../envs/multiqc.yaml"
    container:
        config["containers"]["multiqc"] or None
    resources:
        mem_mb=memory("multiqc"),
        runtime=runtime("multiqc"),
    params:
        folder=lambda wildcards, output: os.path.dirname(output[0]),
        extra=config["multiqc"]["extra"],
    shell:
        "multiqc --strict --force {params.extra} --outdir {params.folder:q} {input:q} 2> {log:q}"
