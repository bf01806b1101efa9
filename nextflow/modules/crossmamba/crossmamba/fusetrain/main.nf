process CROSSMAMBA_FUSETRAIN {
    tag "${meta.id}"
    label 'process_high'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${ task.accelerator ? 'crossmamba/crossmamba:0.1.0-cuda' : 'crossmamba/crossmamba:0.1.0' }"

    input:
    tuple val(meta), path(pairs), path(splits), path(rna_store, stageAs: 'rna_store/*'), path(partner_store, stageAs: 'partner_store/*')
    path config

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
    // Parts of one store lie together in a folder that is read as the whole; of whole stores there may be several.
    def (rna_parts, rna_whole) = [rna_store].flatten().split { store -> "${store}" ==~ '.*part-[0-9]+-of-[0-9]+' }
    def (partner_parts, partner_whole) = [partner_store].flatten().split { store -> "${store}" ==~ '.*part-[0-9]+-of-[0-9]+' }
    def rna_stores = (rna_parts ? ['rna_store'] : []) + rna_whole
    def partner_stores = (partner_parts ? ['partner_store'] : []) + partner_whole
    def device = args.contains('--device') ? '' : "--device ${task.accelerator ? 'cuda' : 'cpu'}"
    prefix = task.ext.prefix ?: "${meta.id}"
    // --resume continues in a folder that an interrupted job has left, if the configuration brings it here.
    """
    crossmamba-fuse-train \\
        --pairs ${pairs} \\
        ${by_splits} \\
        ${rna_stores.collect { folder -> "--rna-store ${folder}" }.join(' ')} \\
        ${partner_stores.collect { folder -> "--partner-store ${folder}" }.join(' ')} \\
        ${settings} \\
        ${device} \\
        --threads ${task.cpus} \\
        --mqc ${prefix}_mqc.json \\
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
