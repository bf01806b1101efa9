process CROSSMAMBA_PREDICTSEQUENCES {
    tag "${meta.id}"
    label 'process_medium'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${ task.accelerator ? 'crossmamba/crossmamba:0.1.0-cuda' : 'crossmamba/crossmamba:0.1.0' }"

    input:
    tuple val(meta), path(rna, stageAs: 'inputs/rna/*'), path(partner, stageAs: 'inputs/partner/*'), path(pairs, stageAs: 'inputs/pairs/*'), val(name_of_model), path(model, stageAs: 'inputs/model/*'), val(shard)

    output:
    tuple val(meta), path("${name}.tsv")            , emit: predictions
    tuple val(meta), path("${name}.tsv.rejects.tsv"), emit: rejects
    tuple val(meta), path("*.provenance.json")      , emit: provenance
    tuple val(meta), path("*_mqc.json")             , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-predict --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    name = shard ? "${prefix}.${shard.replace('/', '-of-')}" : prefix
    def chosen = pairs ? "--pairs ${pairs}" : '--all'
    def only = shard ? "--shard ${shard}" : ''
    def device = args.contains('--device') ? '' : "--device ${task.accelerator ? 'auto' : 'cpu'}"
    // Exit code 1: done, but some sequences or pairs were left out; the table of rejects says which and why.
    """
    crossmamba-predict \\
        --model ${model ?: name_of_model} \\
        --rna ${rna} \\
        --partner ${partner} \\
        ${chosen} \\
        ${only} \\
        ${device} \\
        --threads ${task.cpus} \\
        --mqc ${name}_mqc.json \\
        --sample ${name} \\
        ${args} \\
        --output ${name}.tsv \\
        || { status=\$?; [ \$status -eq 1 ] || exit \$status; }
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    name = shard ? "${prefix}.${shard.replace('/', '-of-')}" : prefix
    """
    touch ${name}.tsv ${name}.tsv.rejects.tsv ${name}.tsv.provenance.json ${name}_mqc.json
    """
}
