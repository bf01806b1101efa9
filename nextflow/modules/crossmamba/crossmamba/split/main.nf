process CROSSMAMBA_SPLIT {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(pairs, stageAs: 'inputs/pairs/*'), path(rna, stageAs: 'inputs/rna/*'), path(partner, stageAs: 'inputs/partner/*'), path(table, stageAs: 'inputs/table/*'), path(rna_clusters, stageAs: 'inputs/rna_clusters/*'), path(partner_clusters, stageAs: 'inputs/partner_clusters/*')
    val rule

    output:
    tuple val(meta), path("${prefix}.tsv")      , emit: splits
    tuple val(meta), path("${prefix}.audit.tsv"), emit: audit
    tuple val(meta), path("*.provenance.json")  , emit: provenance
    tuple val(meta), path("*_mqc.json")         , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-split --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def by_table = table ? "--table ${table}" : ''
    def rna_families = rna_clusters ? "--rna-clusters ${rna_clusters}" : ''
    def partner_families = partner_clusters ? "--partner-clusters ${partner_clusters}" : ''
    def rna_sequences = rna ? "--rna ${rna}" : ''
    def partner_sequences = partner ? "--partner ${partner}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    crossmamba-split ${rule} \\
        ${by_table} \\
        ${rna_families} \\
        ${partner_families} \\
        --pairs ${pairs} \\
        ${rna_sequences} \\
        ${partner_sequences} \\
        --threads ${task.cpus} \\
        --audit ${prefix}.audit.tsv \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}.tsv
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.tsv ${prefix}.audit.tsv ${prefix}.tsv.provenance.json ${prefix}_mqc.json
    """
}
