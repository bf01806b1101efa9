process CROSSMAMBA_FUSETRAIN {
    tag "${meta.id}"
    label 'process_high'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${ task.accelerator ? 'crossmamba/crossmamba:0.1.0-cuda' : 'crossmamba/crossmamba:0.1.0' }"

    input:
    tuple val(meta), path(pairs, stageAs: 'inputs/pairs/*'), path(splits, stageAs: 'inputs/splits/*'), path(rna_store, stageAs: 'inputs/rna_store?/*'), path(partner_store, stageAs: 'inputs/partner_store?/*')
    path config, stageAs: 'inputs/config/*'

    output:
    tuple val(meta), path("${prefix}")                                , emit: model
    tuple val(meta), path("${prefix}/predictions.tsv"), optional: true, emit: predictions
    tuple val(meta), path("*_mqc.json")                               , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-fuse-train --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def by_splits = splits ? "--splits ${splits}" : ''
    def settings = config ? "--config ${config}" : ''
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
    prefix = task.ext.prefix ?: "${meta.id}"
    // --resume continues in a folder that an interrupted job has left, if the configuration brings it here.
    """
    ${gather}
    crossmamba-fuse-train \\
        --pairs ${pairs} \\
        ${by_splits} \\
        ${rna_stores.collect { folder -> "--rna-store ${folder}" }.join(' ')} \\
        ${partner_stores.collect { folder -> "--partner-store ${folder}" }.join(' ')} \\
        ${settings} \\
        ${device} \\
        --threads ${task.cpus} \\
        --mqc ${prefix}_mqc.json \\
        --sample ${prefix} \\
        ${args} \\
        --resume \\
        --output ${prefix}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}
    touch ${prefix}/model.json ${prefix}/predictions.tsv ${prefix}_mqc.json
    """
}
