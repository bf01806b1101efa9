process CROSSMAMBA_PARSEPAIRS {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(table), path(rna), path(partner)

    output:
    tuple val(meta), path("${prefix}.tsv")         , emit: pairs
    tuple val(meta), path("${prefix}.rejects.tsv") , emit: rejects
    tuple val(meta), path("${prefix}.summary.json"), emit: summary
    tuple val(meta), path("*.provenance.json")     , emit: provenance
    tuple val(meta), path("*_mqc.json")            , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-parse --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def known_rna = rna ? "--rna ${rna}" : ''
    def known_partner = partner ? "--partner ${partner}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    if (table.name == "${prefix}.tsv") {
        error("Input and output names are the same, set ext.prefix in the module's configuration to tell them apart")
    }
    // Exit code 1: done, but some rows were rejected; the table says which and why.
    """
    crossmamba-parse pairs \\
        --pairs ${table} \\
        ${known_rna} \\
        ${known_partner} \\
        --threads ${task.cpus} \\
        --rejects ${prefix}.rejects.tsv \\
        --summary ${prefix}.summary.json \\
        --mqc ${prefix}_mqc.json \\
        ${args} \\
        --output ${prefix}.tsv \\
        || { status=\$?; [ \$status -eq 1 ] || exit \$status; }
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    if (table.name == "${prefix}.tsv") {
        error("Input and output names are the same, set ext.prefix in the module's configuration to tell them apart")
    }
    """
    touch ${prefix}.tsv ${prefix}.rejects.tsv ${prefix}.summary.json ${prefix}.tsv.provenance.json ${prefix}_mqc.json
    """
}
