//
// Normalise sequences and embed them, in one job or in several that make one part of the store each
//

include { CROSSMAMBA_PARSESEQUENCES } from '../../../modules/crossmamba/crossmamba/parsesequences/main'
include { CROSSMAMBA_EMBED          } from '../../../modules/crossmamba/crossmamba/embed/main'

workflow FASTA_EMBED_CROSSMAMBA {
    take:
    ch_sequences // channel: [ val(meta), path(sequences), val(kind) ]
    ch_encoder   // channel: [ val(encoder), path(checkpoint) or [] ]
    val_shards   // integer: number of jobs for each set of sequences

    main:
    // A number given on the command line may come as text.
    def shards = "${val_shards}".toInteger()
    CROSSMAMBA_PARSESEQUENCES(ch_sequences)

    ch_kinds = ch_sequences.map { meta, _sequences, kind -> [meta, kind] }
    ch_jobs = CROSSMAMBA_PARSESEQUENCES.out.sequences
        .join(ch_kinds)
        .flatMap { meta, normalised, kind ->
            shards > 1
                ? (1..shards).collect { i -> [meta, normalised, kind, "${i}/${shards}"] }
                : [[meta, normalised, kind, []]]
        }
    CROSSMAMBA_EMBED(ch_jobs, ch_encoder)

    // The parts of a store in one list, in the same order in every run, so that what follows is found in the cache.
    ch_store = CROSSMAMBA_EMBED.out.store
        .groupTuple(size: shards > 1 ? shards : 1)
        .map { meta, parts -> [meta, parts.toSorted { part -> part.name.startsWith("part-") ? part.name.tokenize('-')[1] as Integer : 0 }] }

    // Assigned here and only named below: the strict parser of Nextflow 25.04 does not run `emit: name = value`.
    sequences = CROSSMAMBA_PARSESEQUENCES.out.sequences
    rejects = CROSSMAMBA_PARSESEQUENCES.out.rejects
    store = ch_store
    mqc = CROSSMAMBA_PARSESEQUENCES.out.mqc.mix(CROSSMAMBA_EMBED.out.mqc)

    emit:
    sequences // channel: [ val(meta), path(sequences) ]
    rejects   // channel: [ val(meta), path(tsv) ]
    store     // channel: [ val(meta), [ path(part), ... ] ]
    mqc       // channel: [ val(meta), path(json) ]
}
