# Normalises the sequences and the table of pairs.


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
        sample="parse_rna",
        rejects=REJECTS,
    shell:
        "crossmamba-parse sequences --kind {params.kind} {params.extra} --threads {threads}"
        " --mqc {output.mqc:q} --sample {params.sample} --rejects {output.rejects:q}"
        " --output {output.sequences:q} {input:q} 2> {log:q} {params.rejects}"


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
        sample="parse_partner",
        rejects=REJECTS,


rule parse_pairs:
    input:
        pairs=given(config["pairs"]) if config["pairs"] else [],
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
        "crossmamba-parse pairs --pairs {input.pairs:q} --rna {input.rna:q} --partner {input.partner:q}"
        " {params.extra} --threads {threads} --mqc {output.mqc:q} --sample parse_pairs"
        " --rejects {output.rejects:q} --output {output.pairs:q} 2> {log:q} {params.rejects}"
