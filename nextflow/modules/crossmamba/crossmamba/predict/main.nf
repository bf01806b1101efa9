process CROSSMAMBA_PREDICT {
    tag "${meta.id}"
    label 'process_medium'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${ task.accelerator ? 'crossmamba/crossmamba:0.1.0-cuda' : 'crossmamba/crossmamba:0.1.0' }"

    input:
    tuple val(meta), path(model, stageAs: 'inputs/model/*'), path(pairs, stageAs: 'inputs/pairs/*'), path(rna_store, stageAs: 'inputs/rna_store?/*'), path(partner_store, stageAs: 'inputs/partner_store?/*'), val(shard)

    output:
    tuple val(meta), path("${name}.tsv")                             , emit: predictions
    tuple val(meta), path("${name}.tsv.rejects.tsv"), optional: true , emit: rejects
    tuple val(meta), path("*.provenance.json")                       , emit: provenance
    tuple val(meta), path("*_mqc.json")                              , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-predict --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    name = shard ? "${prefix}.${shard.replace('/', '-of-')}" : prefix
    def only = shard ? "--shard ${shard}" : ''
    // Parts of one store are brought together in a folder that is read as the whole; of whole stores there may be several.
    def (rna_parts, rna_whole) = [rna_store].flatten().split { store -> "${store}" ==~ '.*part-[0-9]+-of-[0-9]+' }
    def (partner_parts, partner_whole) = [partner_store].flatten().split { store -> "${store}" ==~ '.*part-[0-9]+-of-[0-9]+' }
    def rna_stores = (rna_parts ? ['inputs/rna_parts'] : []) + rna_whole
    def partner_stores = (partner_parts ? ['inputs/partner_parts'] : []) + partner_whole
    def gather = [rna_parts: rna_parts, partner_parts: partner_parts]
        .findAll { _folder, parts -> parts }
        .collect { folder, parts -> "mkdir -p inputs/${folder} && ln -sfn ${parts.collect { part -> "\"\$PWD/\"${part}" }.join(' ')} inputs/${folder}/" }
        .join('\n    ')
    def device = args.contains('--device') ? '' : "--device ${task.accelerator ? 'auto' : 'cpu'}"
    // Exit code 1: done, but the stores lack molecules of some pairs; the table of rejects says which.
    """
    ${gather}
    crossmamba-predict \\
        --model ${model} \\
        --pairs ${pairs} \\
        ${rna_stores.collect { folder -> "--rna-store ${folder}" }.join(' ')} \\
        ${partner_stores.collect { folder -> "--partner-store ${folder}" }.join(' ')} \\
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
