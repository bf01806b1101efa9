# Joins the tables of all jobs in the order of the pairs.


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
