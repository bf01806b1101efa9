process CROSSMAMBA_EVALUATE {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(predictions, stageAs: 'inputs/predictions?/*'), path(pairs, stageAs: 'inputs/pairs/*'), path(splits, stageAs: 'inputs/splits/*'), path(rna, stageAs: 'inputs/rna/*'), path(partner, stageAs: 'inputs/partner/*'), path(trained, stageAs: 'inputs/trained/*')

    output:
    tuple val(meta), path("${prefix}")            , emit: folder
    tuple val(meta), path("${prefix}/report.html"), emit: report
    tuple val(meta), path("${prefix}/metrics.tsv"), emit: metrics
    tuple val(meta), path("*_mqc.json")           , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-evaluate --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def tables = predictions ? "--predictions ${predictions}" : ''
    def by_training = trained ? "--trained ${trained}" : ''
    def all_pairs = pairs ? "--pairs ${pairs}" : ''
    def by_splits = splits ? "--splits ${splits}" : ''
    def rna_sequences = rna ? "--rna ${rna}" : ''
    def partner_sequences = partner ? "--partner ${partner}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    crossmamba-evaluate \\
        ${tables} \\
        ${by_training} \\
        ${all_pairs} \\
        ${by_splits} \\
        ${rna_sequences} \\
        ${partner_sequences} \\
        --threads ${task.cpus} \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}
    touch ${prefix}/report.html ${prefix}/metrics.tsv ${prefix}_mqc.json
    """
}
