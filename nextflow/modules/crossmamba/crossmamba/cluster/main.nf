process CROSSMAMBA_CLUSTER {
    tag "${meta.id}"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), path(sequences, stageAs: 'inputs/?/*'), val(kind)

    output:
    tuple val(meta), path("${prefix}.tsv")    , emit: clusters
    tuple val(meta), path("*.provenance.json"), emit: provenance
    tuple val(meta), path("*_mqc.json")       , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-cluster --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def inputs = [sequences].flatten().collect { file -> "--input ${file}" }.join(' ')
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    crossmamba-cluster \\
        --kind ${kind} \\
        ${inputs} \\
        --threads ${task.cpus} \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}.tsv
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.tsv ${prefix}.tsv.provenance.json ${prefix}_mqc.json
    """
}
