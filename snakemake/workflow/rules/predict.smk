# Scores pairs with embeddings that are there, in as many jobs as the configuration asks for.


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
        shard=lambda wildcards: shard(wildcards.scatteritem),
        extra=config["predict"]["extra"],
        rejects=REJECTS,
    shell:
        PLACE
        + "crossmamba-predict --model {input.model:q} --pairs {input.pairs:q} {params.rna} {params.partner}"
        " {params.shard} {params.extra} --threads {threads} --mqc {output.mqc:q}"
        " --sample predict_{wildcards.scatteritem} --output {output.predictions:q} 2>> {log:q} {params.rejects}"
