process CROSSMAMBA_GATHERPREDICTIONS {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(tables, stageAs: 'inputs/tables?/*')

    output:
    tuple val(meta), path("${prefix}.tsv"), emit: predictions
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-predict --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    prefix = task.ext.prefix ?: "${meta.id}"
    // The tables of all shards in their order, with the header of the first.
    """
    awk 'FNR == 1 && NR > 1 { next } { print }' ${tables} > ${prefix}.tsv
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.tsv
    """
}
