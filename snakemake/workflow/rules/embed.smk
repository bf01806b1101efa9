# Embeds each distinct sequence once, in as many jobs as the configuration asks for.


rule embed:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.side],
        checkpoint=lambda wildcards: given_list(encoder(wildcards)["checkpoint"] or []),
    output:
        part=directory("results/embed/{side}-{store}.{shards}/part-{scatteritem}"),
        mqc="results/mqc/embed_{side}_{store}.{shards}_{scatteritem}_mqc.json",
    log:
        "logs/embed_{side}_{store}.{shards}_{scatteritem}.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    threads: 4
    resources:
        mem_mb=memory("embed"),
        runtime=runtime("embed"),
    params:
        kind=lambda wildcards: KINDS[wildcards.side],
        encoder=lambda wildcards: encoder(wildcards)["encoder"],
        # `import` reads embeddings that another program has computed.
        checkpoint=lambda wildcards, input: option(
            "--from" if encoder(wildcards)["encoder"] == "import" else "--checkpoint",
            input.checkpoint,
        ),
        extra=lambda wildcards: encoder(wildcards)["extra"],
        shard=lambda wildcards: wildcards.scatteritem.replace("-of-", "/"),
        # An interrupted job leaves its work here, and the next attempt goes on with it.
        work=lambda wildcards, output: f"{output.part}.work",
    shell:
        PLACE
        + "mkdir -p {params.work:q} && crossmamba-embed --kind {params.kind} --encoder {params.encoder}"
        " {params.checkpoint} {params.extra} --shard {params.shard} --threads {threads}"
        " --mqc {output.mqc:q} --sample embed_{wildcards.side}_{wildcards.store}_{wildcards.scatteritem}"
        " --input {input.sequences:q} --output {params.work:q} 2>> {log:q}"
        " && mv {params.work:q}/part-{wildcards.scatteritem} {output.part:q}"
        " && mv {params.work:q}/part-{wildcards.scatteritem}.provenance.json {output.part:q}.provenance.json"
        " && rmdir {params.work:q}"
