process CROSSMAMBA_SPLIT {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(pairs), path(rna), path(partner), path(table)
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
    def rna_sequences = rna ? "--rna ${rna}" : ''
    def partner_sequences = partner ? "--partner ${partner}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    if ([pairs, table].flatten().any { file -> file.name == "${prefix}.tsv" }) {
        error("Input and output names are the same, set ext.prefix in the module's configuration to tell them apart")
    }
    """
    crossmamba-split ${rule} \\
        ${by_table} \\
        --pairs ${pairs} \\
        ${rna_sequences} \\
        ${partner_sequences} \\
        --threads ${task.cpus} \\
        --audit ${prefix}.audit.tsv \\
        --mqc ${prefix}_mqc.json \\
        ${args} \\
        --output ${prefix}.tsv
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    if ([pairs, table].flatten().any { file -> file.name == "${prefix}.tsv" }) {
        error("Input and output names are the same, set ext.prefix in the module's configuration to tell them apart")
    }
    """
    touch ${prefix}.tsv ${prefix}.audit.tsv ${prefix}.tsv.provenance.json ${prefix}_mqc.json
    """
}
