# Embeds each distinct sequence once, in as many jobs as the configuration asks for.


rule embed:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.side],
        checkpoint=lambda wildcards: given_list(
            encoders(wildcards.side)[int(wildcards.store)]["checkpoint"] or []
        ),
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
        encoder=lambda wildcards: encoders(wildcards.side)[int(wildcards.store)][
            "encoder"
        ],
        checkpoint=lambda wildcards, input: (
            f"--checkpoint {input.checkpoint}" if input.checkpoint else ""
        ),
        extra=lambda wildcards: encoders(wildcards.side)[int(wildcards.store)]["extra"],
        shard=lambda wildcards: wildcards.scatteritem.replace("-of-", "/"),
        # An interrupted job leaves its work here, and the next attempt goes on with it.
        work=lambda wildcards, output: f"{output.part}.work",
    shell:
        PLACE
        + "mkdir -p {params.work} && crossmamba-embed --kind {params.kind} --encoder {params.encoder}"
        " {params.checkpoint} {params.extra} --shard {params.shard} --threads {threads}"
        " --mqc {output.mqc} --input {input.sequences} --output {params.work} 2>> {log}"
        " && mv {params.work}/part-{wildcards.scatteritem} {output.part}"
        " && mv {params.work}/part-{wildcards.scatteritem}.provenance.json {output.part}.provenance.json"
        " && rmdir {params.work}"
