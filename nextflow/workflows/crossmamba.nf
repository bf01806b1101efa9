//
// The chain: parse, split, embed, train, predict, evaluate, report. Sets without labelled pairs are predicted only, with a model
// that is there.
//

include { CROSSMAMBA_AUDIT                              } from '../modules/crossmamba/crossmamba/audit/main'
include { CROSSMAMBA_CLUSTER as CLUSTER_RNA             } from '../modules/crossmamba/crossmamba/cluster/main'
include { CROSSMAMBA_CLUSTER as CLUSTER_PARTNER         } from '../modules/crossmamba/crossmamba/cluster/main'
include { CROSSMAMBA_EMBED as EMBED_RNA_NUCLEOTIDES     } from '../modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_EMBED as EMBED_PARTNER_NUCLEOTIDES } from '../modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_EMBED as EMBED_RNA_SEQUENCES       } from '../modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_EMBED as EMBED_PARTNER_SEQUENCES   } from '../modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_PARSEPAIRS as PARSE_PAIRS          } from '../modules/crossmamba/crossmamba/parsepairs/main'
include { CROSSMAMBA_PARSEPAIRS as PARSE_NEW_PAIRS      } from '../modules/crossmamba/crossmamba/parsepairs/main'
include { MULTIQC                                       } from '../modules/local/multiqc/main'
include { modelFor                                      } from './models'
include { FASTA_EMBED_CROSSMAMBA as EMBED_RNA           } from '../subworkflows/crossmamba/fasta_embed_crossmamba/main'
include { FASTA_EMBED_CROSSMAMBA as EMBED_PARTNER       } from '../subworkflows/crossmamba/fasta_embed_crossmamba/main'
include { FASTA_PREDICT_CROSSMAMBA                      } from '../subworkflows/crossmamba/fasta_predict_crossmamba/main'
include { PAIRS_TRAIN_EVALUATE_CROSSMAMBA               } from '../subworkflows/crossmamba/pairs_train_evaluate_crossmamba/main'
include { PAIRS_PREDICT_CROSSMAMBA                      } from '../subworkflows/crossmamba/pairs_predict_crossmamba/main'

workflow CROSSMAMBA {
    take:
    ch_sets    // channel: [ val(meta), path(rna), path(partner), val(kind), path(pairs) or [], path(folds) or [], path(new pairs) or [] ]
    settings   // map: the parameters, with their types

    main:
    ch_rows = ch_sets.branch { sample ->
        labelled: sample[4]
        unlabelled: true
    }
    ch_samples = ch_rows.labelled

    FASTA_PREDICT_CROSSMAMBA(
        ch_rows.unlabelled.map { meta, rna, partner, kind, _pairs, _folds, new_pairs -> [meta, rna, partner, kind, new_pairs] },
        ch_rows.unlabelled.map { sample -> [sample[0]] + modelFor(sample[3], settings.model) },
        settings.predict_shards,
    )

    ch_in = ch_samples.multiMap { meta, rna, partner, kind, pairs, folds, new_pairs ->
        rna: [meta, rna, 'rna']
        partner: [meta, partner, kind]
        pairs: [meta, pairs]
        folds: [meta, folds]
        new_pairs: [meta, new_pairs]
    }

    // Weights are inputs: staged from wherever they lie, never downloaded inside a task.
    EMBED_RNA(
        ch_in.rna,
        channel.value([settings.rna_encoder, settings.rna_checkpoint ? file(settings.rna_checkpoint, glob: false) : []]),
        settings.embed_shards,
    )
    EMBED_PARTNER(
        ch_in.partner,
        channel.value([settings.partner_encoder, settings.partner_checkpoint ? file(settings.partner_checkpoint, glob: false) : []]),
        settings.embed_shards,
    )

    // Between RNAs a second store on each side holds the nucleotides, by which the model sees how the two pair; of RNA and
    // protein, if that is wished, the sequences, by which experts know homologs.
    ch_kinds = ch_samples.branch { sample ->
        rna: sample[3] == 'rna'
        sequences: sample[3] == 'protein' && settings.sequences
        other: true
    }
    ch_between = ch_kinds.rna.map { sample -> [sample[0]] }
    ch_aligned = ch_kinds.sequences.map { sample -> [sample[0]] }
    ch_others = ch_kinds.other.map { sample -> [sample[0]] }
    EMBED_RNA_NUCLEOTIDES(
        ch_between.join(EMBED_RNA.out.sequences).map { meta, sequences -> [meta, sequences, 'rna', []] },
        channel.value(['onehot', []]),
    )
    EMBED_PARTNER_NUCLEOTIDES(
        ch_between.join(EMBED_PARTNER.out.sequences).map { meta, sequences -> [meta, sequences, 'rna', []] },
        channel.value(['onehot', []]),
    )
    EMBED_RNA_SEQUENCES(
        ch_aligned.join(EMBED_RNA.out.sequences).map { meta, sequences -> [meta, sequences, 'rna', []] },
        channel.value(['sequence', []]),
    )
    EMBED_PARTNER_SEQUENCES(
        ch_aligned.join(EMBED_PARTNER.out.sequences).map { meta, sequences -> [meta, sequences, 'protein', []] },
        channel.value(['sequence', []]),
    )
    ch_rna_store = EMBED_RNA.out.store
        .join(EMBED_RNA_NUCLEOTIDES.out.store.mix(EMBED_RNA_SEQUENCES.out.store))
        .map { meta, parts, second -> [meta, parts + [second]] }
        .mix(ch_others.join(EMBED_RNA.out.store))
    ch_partner_store = EMBED_PARTNER.out.store
        .join(EMBED_PARTNER_NUCLEOTIDES.out.store.mix(EMBED_PARTNER_SEQUENCES.out.store))
        .map { meta, parts, second -> [meta, parts + [second]] }
        .mix(ch_others.join(EMBED_PARTNER.out.store))

    PARSE_PAIRS(ch_in.pairs.join(EMBED_RNA.out.sequences).join(EMBED_PARTNER.out.sequences))

    // Families of both sides, where the split holds out whole families; between RNAs one clustering serves both columns.
    ch_unseen = ch_samples.filter { sample -> settings.split_rule == 'unseen' && !sample[5] }
    ch_families = ch_unseen
        .map { sample -> [sample[0], sample[3]] }
        .join(EMBED_RNA.out.sequences)
        .join(EMBED_PARTNER.out.sequences)
        .branch { _meta, kind, _rna, _partner ->
            between: kind == 'rna'
            others: true
        }
    CLUSTER_RNA(
        ch_families.between
            .map { meta, _kind, rna, partner -> [meta, [rna, partner], 'rna'] }
            .mix(ch_families.others.map { meta, _kind, rna, _partner -> [meta, rna, 'rna'] })
    )
    CLUSTER_PARTNER(ch_families.others.map { meta, kind, _rna, partner -> [meta, partner, kind] })
    ch_clusters = ch_families.between
        .map { meta, _kind, _rna, _partner -> [meta] }
        .join(CLUSTER_RNA.out.clusters)
        .map { meta, clusters -> [meta, clusters, clusters] }
        .mix(
            CLUSTER_RNA.out.clusters.join(CLUSTER_PARTNER.out.clusters),
            ch_samples.filter { sample -> settings.split_rule != 'unseen' || sample[5] }.map { sample -> [sample[0], [], []] },
        )

    PAIRS_TRAIN_EVALUATE_CROSSMAMBA(
        PARSE_PAIRS.out.pairs.join(ch_in.folds).join(ch_clusters),
        EMBED_RNA.out.sequences,
        EMBED_PARTNER.out.sequences,
        ch_rna_store,
        ch_partner_store,
        settings.config ? channel.value(file(settings.config, glob: false)) : channel.value([]),
        settings.split_rule,
    )

    // What the set, its split and these predictions owe to leaks.
    CROSSMAMBA_AUDIT(
        PARSE_PAIRS.out.pairs
            .join(EMBED_RNA.out.sequences)
            .join(EMBED_PARTNER.out.sequences)
            .join(PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.splits)
            .join(ch_clusters)
            .join(PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.predictions)
            .filter { _sample -> settings.audit }
    )

    // Without pairs of their own to predict, the pairs of the training are scored again, by all folds together.
    ch_new = ch_in.new_pairs.branch { _meta, pairs ->
        given: pairs
        missing: true
    }
    PARSE_NEW_PAIRS(ch_new.given.join(EMBED_RNA.out.sequences).join(EMBED_PARTNER.out.sequences))
    ch_to_predict = PARSE_NEW_PAIRS.out.pairs.mix(
        ch_new.missing.join(PARSE_PAIRS.out.pairs).map { meta, _missing, pairs -> [meta, pairs] }
    )
    PAIRS_PREDICT_CROSSMAMBA(
        PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.model,
        ch_to_predict,
        ch_rna_store,
        ch_partner_store,
        settings.predict_shards,
    )

    // One line per tool and version, in the same order in every run.
    ch_versions = channel.topic('versions')
        .map { process, tool, version -> [process.tokenize(':').last(), tool, version] }
        .unique()
        .map { process, tool, version -> "${process}\t${tool}\t${version}" }
        .collectFile(name: 'versions.tsv', newLine: true, sort: true, storeDir: "${settings.outdir}/pipeline_info")

    ch_reports = EMBED_RNA.out.mqc
        .mix(
            EMBED_PARTNER.out.mqc,
            EMBED_RNA_NUCLEOTIDES.out.mqc,
            EMBED_PARTNER_NUCLEOTIDES.out.mqc,
            PARSE_PAIRS.out.mqc,
            PARSE_NEW_PAIRS.out.mqc,
            CLUSTER_RNA.out.mqc,
            CLUSTER_PARTNER.out.mqc,
            CROSSMAMBA_AUDIT.out.mqc,
            PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.mqc,
            PAIRS_PREDICT_CROSSMAMBA.out.mqc,
            FASTA_PREDICT_CROSSMAMBA.out.mqc,
        )
        .map { _meta, report -> report }
        .toSortedList { a, b -> a.name <=> b.name }
    MULTIQC(ch_reports, file(settings.multiqc_config, glob: false))

    // Assigned here and only named below: the strict parser of Nextflow 25.04 does not run `emit: name = value`.
    predictions = PAIRS_PREDICT_CROSSMAMBA.out.predictions.mix(FASTA_PREDICT_CROSSMAMBA.out.predictions)
    model = PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.model
    metrics = PAIRS_TRAIN_EVALUATE_CROSSMAMBA.out.metrics
    report = MULTIQC.out.report
    versions = ch_versions

    emit:
    predictions // channel: [ val(meta), path(tsv) ]
    model       // channel: [ val(meta), path(folder) ]
    metrics     // channel: [ val(meta), path(tsv) ]
    report      // channel: path(html)
    versions    // channel: path(tsv)
}
