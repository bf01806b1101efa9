# Scores pairs in as many jobs as the configuration asks for, and joins the tables in order.


rule predict:
    input:
        model=model(),
        pairs=pairs_to_predict(),
        rna=parts("rna"),
        partner=parts("partner"),
    output:
        predictions="results/predict/parts/{scatteritem}.tsv",
        mqc="results/mqc/predict_{scatteritem}_mqc.json",
    log:
        "logs/predict_{scatteritem}.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    threads: 4
    resources:
        mem_mb=memory("predict"),
        runtime=runtime("predict"),
    params:
        rna=lambda wildcards, input: stores("rna", input.rna),
        partner=lambda wildcards, input: stores("partner", input.partner),
        shard=lambda wildcards: (
            ""
            if wildcards.scatteritem == "1-of-1"
            else f"--shard {wildcards.scatteritem.replace('-of-', '/')}"
        ),
        extra=config["predict"]["extra"],
        rejects=REJECTS,
    shell:
        PLACE
        + "crossmamba-predict --model {input.model:q} --pairs {input.pairs:q} {params.rna} {params.partner}"
        " {params.shard} {params.extra} --threads {threads} --mqc {output.mqc:q}"
        " --sample predict_{wildcards.scatteritem} --output {output.predictions:q} 2>> {log:q} {params.rejects}"


rule gather:
    input:
        [
            f"results/predict/parts/{item}.tsv"
            for item in items(config["predict"]["shards"])
        ],
    output:
        report(
            "results/predict/predictions.tsv",
            caption="../report/predictions.rst",
            category="Predictions",
        ),
    log:
        "logs/gather.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    shell:
        "awk 'FNR > 1 || NR == 1' {input:q} > {output:q} 2> {log:q}"
