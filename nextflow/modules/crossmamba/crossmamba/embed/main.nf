process CROSSMAMBA_EMBED {
    tag "${meta.id}"
    label 'process_medium'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${ task.accelerator ? 'crossmamba/crossmamba:0.1.0-cuda' : 'crossmamba/crossmamba:0.1.0' }"

    input:
    tuple val(meta), path(sequences, stageAs: 'inputs/sequences/*'), val(kind), val(shard)
    tuple val(encoder), path(checkpoint, stageAs: 'inputs/checkpoint/*')

    output:
    tuple val(meta), path("${store}")                                                , emit: store
    tuple val(meta), path("{*.rejects.tsv,*.store/*.rejects.tsv}")  , optional: true , emit: rejects
    tuple val(meta), path("*_mqc.json")                                              , emit: mqc
    tuple val("${task.process}"), val('crossmamba'), eval('crossmamba-embed --version | sed "s/.* //"'), emit: versions_crossmamba, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    // A job of several writes one part of the store, a folder inside it; the next tool reads all parts as one store.
    def part = shard ? "part-${shard.replace('/', '-of-')}" : ''
    store = shard ? "${prefix}.store/${part}" : "${prefix}.store"
    def device = args.contains('--device') ? '' : "--device ${task.accelerator ? 'auto' : 'cpu'}"
    def only = shard ? "--shard ${shard}" : ''
    def report = shard ? "${prefix}.${part}" : prefix
    // Built-in encoders have no weights; `import` reads embeddings that another program has computed.
    def weights = checkpoint ? "${encoder == 'import' ? '--from' : '--checkpoint'} ${checkpoint}" : ''
    // Exit code 1: done, but some records were left out, as ext.args allowed; the table of rejects says which.
    """
    crossmamba-embed \\
        --encoder ${encoder} \\
        ${weights} \\
        --kind ${kind} \\
        --input ${sequences} \\
        ${only} \\
        ${device} \\
        --threads ${task.cpus} \\
        --mqc ${report}_mqc.json \\
        --sample ${report} \\
        ${args} \\
        --output ${prefix}.store \\
        || { status=\$?; [ \$status -eq 1 ] || exit \$status; }
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    def part = shard ? "part-${shard.replace('/', '-of-')}" : ''
    store = shard ? "${prefix}.store/${part}" : "${prefix}.store"
    def report = shard ? "${prefix}.${part}" : prefix
    """
    mkdir -p ${store}
    touch ${store}/manifest.json ${store}/index.tsv ${report}_mqc.json
    """
}
