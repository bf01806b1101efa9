# Normalises the sequences and the table of pairs, and divides the pairs into folds.


rule parse_rna:
    input:
        given_list(config["rna"]),
    output:
        sequences=SEQUENCES["rna"],
        rejects="results/parse/rna.rejects.tsv",
        mqc="results/mqc/parse_rna_mqc.json",
    log:
        "logs/parse_rna.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory("parse"),
        runtime=runtime("parse"),
    params:
        kind=KINDS["rna"],
        extra=config["parse"]["rna"],
        rejects=REJECTS,
    shell:
        "crossmamba-parse sequences --kind {params.kind} {params.extra} --threads {threads}"
        " --mqc {output.mqc} --rejects {output.rejects} --output {output.sequences} {input}"
        " 2> {log} {params.rejects}"


use rule parse_rna as parse_partner with:
    input:
        given_list(config["partner"]),
    output:
        sequences=SEQUENCES["partner"],
        rejects="results/parse/partner.rejects.tsv",
        mqc="results/mqc/parse_partner_mqc.json",
    log:
        "logs/parse_partner.log",
    params:
        kind=KINDS["partner"],
        extra=config["parse"]["partner"],
        rejects=REJECTS,


rule parse_pairs:
    input:
        pairs=given(config["pairs"]),
        rna=SEQUENCES["rna"],
        partner=SEQUENCES["partner"],
    output:
        pairs="results/parse/pairs.tsv",
        rejects="results/parse/pairs.rejects.tsv",
        mqc="results/mqc/parse_pairs_mqc.json",
    log:
        "logs/parse_pairs.log",
    conda:
        "../envs/crossmamba.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory("parse"),
        runtime=runtime("parse"),
    params:
        extra=config["parse"]["pairs"],
        rejects=REJECTS,
    shell:
        "crossmamba-parse pairs --pairs {input.pairs} --rna {input.rna} --partner {input.partner}"
        " {params.extra} --threads {threads} --mqc {output.mqc} --rejects {output.rejects}"
        " --output {output.pairs} 2> {log} {params.rejects}"


rule split:
    input:
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
        table=lambda wildcards, input: f"--table {input.table}" if input.table else "",
    shell:
        "crossmamba-split {params.rule} {params.table} --pairs {input.pairs} --rna {input.rna}"
        " --partner {input.partner} --threads {threads} --mqc {output.mqc} --audit {output.audit}"
        " --output {output.splits} 2> {log}"
