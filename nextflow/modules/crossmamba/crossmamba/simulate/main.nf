process CROSSMAMBA_SIMULATE {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "crossmamba/crossmamba:0.1.0"

    input:
    tuple val(meta), val(kind)

    output:
    tuple val(meta), path("${prefix}/rna.fa")                             , emit: rna
    tuple val(meta), path("${prefix}/{protein.fa,molecules.smi,rna2.fa}") , emit: partner
    tuple val(meta), path("${prefix}/pairs.tsv")                          , emit: pairs
    tuple val(meta), path("${prefix}/folds.tsv")                          , emit: folds
    tuple val(meta), path("${prefix}/{rules.md,rules.tsv,planted.tsv}")   , emit: truth
    tuple val(meta), path("*_mqc.json")                                   , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-simulate --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    crossmamba-simulate \\
        --kind ${kind} \\
        --threads ${task.cpus} \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --output ${prefix}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    def partner = ['rna-small-molecule': 'molecules.smi', 'rna-rna': 'rna2.fa'].get(kind, 'protein.fa')
    """
    mkdir ${prefix}
    touch ${prefix}/rna.fa ${prefix}/${partner} ${prefix}/pairs.tsv ${prefix}/folds.tsv
    touch ${prefix}/rules.md ${prefix}/rules.tsv ${prefix}/planted.tsv ${prefix}_mqc.json
    """
}
