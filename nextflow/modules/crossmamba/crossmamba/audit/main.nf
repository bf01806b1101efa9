process CROSSMAMBA_AUDIT {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(pairs, stageAs: 'inputs/pairs/*'), path(rna, stageAs: 'inputs/rna/*'), path(partner, stageAs: 'inputs/partner/*'), path(splits, stageAs: 'inputs/splits/*'), path(rna_clusters, stageAs: 'inputs/rna_clusters/*'), path(partner_clusters, stageAs: 'inputs/partner_clusters/*'), path(predictions, stageAs: 'inputs/predictions/*')

    output:
    tuple val(meta), path("${prefix}")           , emit: folder
    tuple val(meta), path("${prefix}/audit.html"), emit: report
    tuple val(meta), path("${prefix}/audit.tsv") , emit: figures
    tuple val(meta), path("*_mqc.json")          , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-audit --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def rna_sequences = rna ? "--rna ${rna}" : ''
    def partner_sequences = partner ? "--partner ${partner}" : ''
    def by_splits = splits ? "--splits ${splits}" : ''
    def rna_families = rna_clusters ? "--rna-clusters ${rna_clusters}" : ''
    def partner_families = partner_clusters ? "--partner-clusters ${partner_clusters}" : ''
    def scores = predictions ? "--predictions ${predictions}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    crossmamba-audit \\
        --pairs ${pairs} \\
        ${rna_sequences} \\
        ${partner_sequences} \\
        ${by_splits} \\
        ${rna_families} \\
        ${partner_families} \\
        ${scores} \\
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
    touch ${prefix}/audit.html ${prefix}/audit.tsv ${prefix}_mqc.json
    """
}
