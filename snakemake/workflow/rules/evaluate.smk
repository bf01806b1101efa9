# Measures the out-of-fold predictions beside the baselines that any claim must beat.


rule evaluate:
    input:
        model="results/train/model",
        pairs="results/parse/pairs.tsv",
        splits="results/split/splits.tsv",
        rna=SEQUENCES["rna"],
        partner=SEQUENCES["partner"],
    output:
        html=report(
            "results/evaluate/report.html",
            caption="../report/evaluation.rst",
            category="Evaluation",
        ),
        metrics=report(
            "results/evaluate/metrics.tsv",
            caption="../report/metrics.rst",
            category="Evaluation",
        ),
        mqc="results/mqc/evaluate_mqc.json",
    log:
        "logs/evaluate.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    threads: 2
    resources:
        mem_mb=memory("evaluate"),
        runtime=runtime("evaluate"),
    params:
        folder=lambda wildcards, output: os.path.dirname(output.html),
        bootstrap=config["evaluate"]["bootstrap"],
        extra=config["evaluate"]["extra"],
    shell:
        "crossmamba-evaluate --trained {input.model:q} --pairs {input.pairs:q}"
        " --splits {input.splits:q} --rna {input.rna:q} --partner {input.partner:q}"
        " --bootstrap {params.bootstrap} {params.extra} --threads {threads} --mqc {output.mqc:q}"
        " --sample evaluate --output {params.folder:q} 2> {log:q}"
