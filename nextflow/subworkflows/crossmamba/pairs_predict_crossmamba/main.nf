//
// Score pairs with a trained model, in one job or in several, and gather the scores in the order of the pairs
//

include { CROSSMAMBA_PREDICT           } from '../../../modules/crossmamba/crossmamba/predict/main'
include { CROSSMAMBA_GATHERPREDICTIONS } from '../../../modules/crossmamba/crossmamba/gatherpredictions/main'

workflow PAIRS_PREDICT_CROSSMAMBA {
    take:
    ch_model         // channel: [ val(meta), path(folder) ]
    ch_pairs         // channel: [ val(meta), path(pairs) ]
    ch_rna_store     // channel: [ val(meta), [ path(part or store), ... ] ]
    ch_partner_store // channel: [ val(meta), [ path(part or store), ... ] ]
    val_shards       // integer: number of jobs for each table of pairs

    main:
    // A number given on the command line may come as text.
    def shards = "${val_shards}".toInteger()
    ch_jobs = ch_model
        .join(ch_pairs)
        .join(ch_rna_store)
        .join(ch_partner_store)
        .flatMap { meta, model, pairs, rna_store, partner_store ->
            shards > 1
                ? (1..shards).collect { i -> [meta, model, pairs, rna_store, partner_store, "${i}/${shards}"] }
                : [[meta, model, pairs, rna_store, partner_store, []]]
        }
    CROSSMAMBA_PREDICT(ch_jobs)

    // Shards are contiguous blocks of the pairs, named …1-of-3.tsv, …2-of-3.tsv: sorted by number, not by letters.
    ch_tables = CROSSMAMBA_PREDICT.out.predictions
        .groupTuple(size: shards > 1 ? shards : 1)
        .map { meta, tables -> [meta, tables.toSorted { table -> shards > 1 ? (table.name =~ /\.(\d+)-of-\d+\.tsv$/)[0][1] as Integer : 0 }] }
    CROSSMAMBA_GATHERPREDICTIONS(ch_tables)

    // Assigned here and only named below: the strict parser of Nextflow 25.04 does not run `emit: name = value`.
    predictions = CROSSMAMBA_GATHERPREDICTIONS.out.predictions
    rejects = CROSSMAMBA_PREDICT.out.rejects
    mqc = CROSSMAMBA_PREDICT.out.mqc

    emit:
    predictions // channel: [ val(meta), path(tsv) ]
    rejects     // channel: [ val(meta), path(tsv) ]
    mqc         // channel: [ val(meta), path(json) ]
}
