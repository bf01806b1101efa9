//
// From sequences to predictions, without training: normalise both sides, score all pairs or some in one job or in several,
// and gather the scores in order
//

include { CROSSMAMBA_GATHERPREDICTIONS               } from '../../../modules/crossmamba/crossmamba/gatherpredictions/main'
include { CROSSMAMBA_PARSEPAIRS                      } from '../../../modules/crossmamba/crossmamba/parsepairs/main'
include { CROSSMAMBA_PARSESEQUENCES as PARSE_PARTNER } from '../../../modules/crossmamba/crossmamba/parsesequences/main'
include { CROSSMAMBA_PARSESEQUENCES as PARSE_RNA     } from '../../../modules/crossmamba/crossmamba/parsesequences/main'
include { CROSSMAMBA_PREDICTSEQUENCES                } from '../../../modules/crossmamba/crossmamba/predictsequences/main'

workflow FASTA_PREDICT_CROSSMAMBA {
    take:
    ch_sequences // channel: [ val(meta), path(rna), path(partner), val(kind of the partner), path(pairs) or [] ]
    ch_model     // channel: [ val(meta), val(name) or [], path(folder) or [] ]
    val_shards   // integer: number of jobs for each set

    main:
    // A number given on the command line may come as text.
    def shards = "${val_shards}".toInteger()
    ch_in = ch_sequences.multiMap { meta, rna, partner, kind, pairs ->
        rna: [meta, rna, 'rna']
        partner: [meta, partner, kind]
        pairs: [meta, pairs]
    }
    PARSE_RNA(ch_in.rna)
    PARSE_PARTNER(ch_in.partner)
    ch_pairs = ch_in.pairs.branch { _meta, pairs ->
        given: pairs
        all: true
    }
    CROSSMAMBA_PARSEPAIRS(ch_pairs.given.join(PARSE_RNA.out.sequences).join(PARSE_PARTNER.out.sequences))

    ch_jobs = PARSE_RNA.out.sequences
        .join(PARSE_PARTNER.out.sequences)
        .join(CROSSMAMBA_PARSEPAIRS.out.pairs.mix(ch_pairs.all))
        .join(ch_model)
        .flatMap { meta, rna, partner, pairs, name, model ->
            shards > 1
                ? (1..shards).collect { i -> [meta, rna, partner, pairs, name, model, "${i}/${shards}"] }
                : [[meta, rna, partner, pairs, name, model, []]]
        }
    CROSSMAMBA_PREDICTSEQUENCES(ch_jobs)

    // Shards are contiguous blocks, named …1-of-3.tsv, …2-of-3.tsv: sorted by number, not by letters.
    ch_tables = CROSSMAMBA_PREDICTSEQUENCES.out.predictions
        .groupTuple(size: shards > 1 ? shards : 1)
        .map { meta, tables -> [meta, tables.toSorted { table -> shards > 1 ? (table.name =~ /\.(\d+)-of-\d+\.tsv$/)[0][1] as Integer : 0 }] }
    CROSSMAMBA_GATHERPREDICTIONS(ch_tables)

    // Assigned here and only named below: the strict parser of Nextflow 25.04 does not run `emit: name = value`.
    predictions = CROSSMAMBA_GATHERPREDICTIONS.out.predictions
    rejects = PARSE_RNA.out.rejects.mix(PARSE_PARTNER.out.rejects, CROSSMAMBA_PARSEPAIRS.out.rejects, CROSSMAMBA_PREDICTSEQUENCES.out.rejects)
    mqc = PARSE_RNA.out.mqc.mix(PARSE_PARTNER.out.mqc, CROSSMAMBA_PARSEPAIRS.out.mqc, CROSSMAMBA_PREDICTSEQUENCES.out.mqc)

    emit:
    predictions // channel: [ val(meta), path(tsv) ]
    rejects     // channel: [ val(meta), path(tsv) ]
    mqc         // channel: [ val(meta), path(json) ]
}
