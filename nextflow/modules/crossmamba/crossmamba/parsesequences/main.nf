process CROSSMAMBA_PARSESEQUENCES {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(sequences, stageAs: 'inputs/sequences?/*'), val(kind)

    output:
    tuple val(meta), path("${prefix}.${suffix}")  , emit: sequences
    tuple val(meta), path("${prefix}.rejects.tsv"), emit: rejects
    tuple val(meta), path("${prefix}.summary.json"), emit: summary
    tuple val(meta), path("*.provenance.json")    , emit: provenance
    tuple val(meta), path("*_mqc.json")           , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-parse --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    suffix = kind == 'small-molecule' ? 'smi' : 'fa'
    // Exit code 1: done, but some records were rejected; the table says which and why.
    """
    crossmamba-parse sequences \\
        --kind ${kind} \\
        --threads ${task.cpus} \\
        --rejects ${prefix}.rejects.tsv \\
        --summary ${prefix}.summary.json \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}.${suffix} \\
        ${sequences} \\
        || { status=\$?; [ \$status -eq 1 ] || exit \$status; }
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    suffix = kind == 'small-molecule' ? 'smi' : 'fa'
    """
    touch ${prefix}.${suffix} ${prefix}.rejects.tsv ${prefix}.summary.json ${prefix}.${suffix}.provenance.json ${prefix}_mqc.json
    """
}
