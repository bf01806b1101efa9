# Finds families where whole families are held out, and divides the pairs into folds.


rule cluster_rna:
    input:
        to_cluster("rna"),
    output:
        clusters="results/split/rna_clusters.tsv",
        mqc="results/mqc/cluster_rna_mqc.json",
    log:
        "logs/cluster_rna.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    threads: 4
    resources:
        mem_mb=memory("split"),
        runtime=runtime("split"),
    params:
        kind=KINDS["rna"],
        inputs=lambda wildcards, input: " ".join(
            option("--input", path) for path in input
        ),
        extra=config["cluster"]["rna"],
        sample="cluster_rna",
    shell:
        "crossmamba-cluster --kind {params.kind} {params.inputs} {params.extra} --threads {threads}"
        " --mqc {output.mqc:q} --sample {params.sample} --output {output.clusters:q} 2> {log:q}"


use rule cluster_rna as cluster_partner with:
    input:
        to_cluster("partner"),
    output:
        clusters="results/split/partner_clusters.tsv",
        mqc="results/mqc/cluster_partner_mqc.json",
    log:
        "logs/cluster_partner.log",
    params:
        kind=KINDS["partner"],
        inputs=lambda wildcards, input: " ".join(
            option("--input", path) for path in input
        ),
        extra=config["cluster"]["partner"],
        sample="cluster_partner",


rule split:
    input:
        **families(),
        pairs="results/parse/pairs.tsv",
        rna=SEQUENCES["rna"],
        partner=SEQUENCES["partner"],
        table=given_list(config["split"]["table"] or []),
    output:
        splits="results/split/splits.tsv",
        audit=report(
            "results/split/audit.tsv",
            caption="../report/audit.rst",
            category="Data",
        ),
        mqc="results/mqc/split_mqc.json",
    log:
        "logs/split.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory("split"),
        runtime=runtime("split"),
    params:
        rule=config["split"]["rule"],
        table=lambda wildcards, input: option("--table", input.table),
        families=lambda wildcards, input: " ".join(
            option(f"--{name.replace('_', '-')}", input[name]) for name in families()
        ),
    shell:
        "crossmamba-split {params.rule} {params.table} {params.families} --pairs {input.pairs:q} --rna {input.rna:q}"
        " --partner {input.partner:q} --threads {threads} --mqc {output.mqc:q} --sample split"
        " --audit {output.audit:q} --output {output.splits:q} 2> {log:q}"
