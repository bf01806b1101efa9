# Trains the model, fold by fold, and predicts each pair by models that have not seen it.


rule train:
    input:
        pairs="results/parse/pairs.tsv",
        splits="results/split/splits.tsv",
        rna=parts("rna"),
        partner=parts("partner"),
        config=given_list(config["train"]["config"] or []),
    output:
        model=directory("results/train/model"),
        mqc="results/mqc/train_mqc.json",
    log:
        "logs/train.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    threads: 8
    resources:
        mem_mb=memory("train"),
        runtime=runtime("train"),
    params:
        rna=lambda wildcards, input: stores("rna", input.rna),
        partner=lambda wildcards, input: stores("partner", input.partner),
        config=lambda wildcards, input: option("--config", input.config),
        seed=config["train"]["seed"],
        extra=config["train"]["extra"],
        # An interrupted job leaves its checkpoints here, and the next attempt goes on with them.
        work=lambda wildcards, output: f"{output.model}.work",
    shell:
        PLACE
        + "crossmamba-fuse-train --pairs {input.pairs:q} --splits {input.splits:q} {params.rna}"
        " {params.partner} {params.config} --seed {params.seed} {params.extra} --resume"
        " --threads {threads} --mqc {output.mqc:q} --sample train --output {params.work:q} 2>> {log:q}"
        " && mv {params.work:q} {output.model:q}"
