# Says what the set, its split and the out-of-fold predictions owe to leaks.


rule audit:
    input:
        **families(),
        model="results/train/model",
        pairs="results/parse/pairs.tsv",
        splits="results/split/splits.tsv",
        rna=SEQUENCES["rna"],
        partner=SEQUENCES["partner"],
    output:
        html=report(
            "results/audit/audit.html",
            caption="../report/leaks.rst",
            category="Evaluation",
        ),
        figures="results/audit/audit.tsv",
        mqc="results/mqc/audit_mqc.json",
    log:
        "logs/audit.log",
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
        families=lambda wildcards, input: " ".join(
            option(f"--{name.replace('_', '-')}", input[name]) for name in families()
        ),
        bootstrap=config["evaluate"]["bootstrap"],
        extra=config["audit"]["extra"],
    shell:
        "crossmamba-audit --pairs {input.pairs:q} --rna {input.rna:q} --partner {input.partner:q}"
        " --splits {input.splits:q} --predictions {input.model:q}/predictions.tsv {params.families}"
        " --bootstrap {params.bootstrap} {params.extra} --threads {threads} --mqc {output.mqc:q}"
        " --sample audit --output {params.folder:q} 2> {log:q}"
