process CROSSMAMBA_PARSEPAIRS {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(table, stageAs: 'inputs/table/*'), path(rna, stageAs: 'inputs/rna/*'), path(partner, stageAs: 'inputs/partner/*')

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
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}.tsv \\
        || { status=\$?; [ \$status -eq 1 ] || exit \$status; }
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.tsv ${prefix}.rejects.tsv ${prefix}.summary.json ${prefix}.tsv.provenance.json ${prefix}_mqc.json
    """
}
