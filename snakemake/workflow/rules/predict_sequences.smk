# Scores pairs straight from sequences, with a model that ships or a trained one: without a table of pairs every RNA with every
# partner, in as many jobs as the configuration asks for.


rule predict_sequences:
    input:
        rna=SEQUENCES["rna"],
        partner=SEQUENCES["partner"],
        model=model_folder(),
        pairs=pairs_to_score(),
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
        model=lambda wildcards, input: quote(str(input.model) if input.model else MODEL),
        pairs=lambda wildcards, input: option("--pairs", input.pairs) or "--all",
        shard=lambda wildcards: shard(wildcards.scatteritem),
        extra=config["predict"]["extra"],
        rejects=REJECTS,
    shell:
        PLACE
        + "crossmamba-predict --model {params.model} --rna {input.rna:q} --partner {input.partner:q} {params.pairs}"
        " {params.shard} {params.extra} --threads {threads} --mqc {output.mqc:q}"
        " --sample predict_{wildcards.scatteritem} --output {output.predictions:q} 2>> {log:q} {params.rejects}"
