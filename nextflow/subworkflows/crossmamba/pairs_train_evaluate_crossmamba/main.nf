//
// Split labelled pairs, train the fusion model fold by fold, and evaluate it on what each model has not seen
//

include { CROSSMAMBA_SPLIT                   } from '../../../modules/crossmamba/crossmamba/split/main'
include { CROSSMAMBA_SPLIT as SPLIT_BY_TABLE } from '../../../modules/crossmamba/crossmamba/split/main'
include { CROSSMAMBA_FUSETRAIN               } from '../../../modules/crossmamba/crossmamba/fusetrain/main'
include { CROSSMAMBA_EVALUATE                } from '../../../modules/crossmamba/crossmamba/evaluate/main'

workflow PAIRS_TRAIN_EVALUATE_CROSSMAMBA {
    take:
    ch_pairs         // channel: [ val(meta), path(pairs), path(table) or [], path(rna clusters) or [], path(partner clusters) or [] ]; the table has a column of folds
    ch_rna           // channel: [ val(meta), path(sequences) ]
    ch_partner       // channel: [ val(meta), path(sequences) ]
    ch_rna_store     // channel: [ val(meta), [ path(part or store), ... ] ]
    ch_partner_store // channel: [ val(meta), [ path(part or store), ... ] ]
    ch_config        // channel: path(yaml) or []
    val_rule         // string: how pairs without a table are split: random, holdout or unseen

    main:
    ch_to_split = ch_pairs
        .join(ch_rna)
        .join(ch_partner)
        .branch { _meta, _pairs, table, _rna_clusters, _partner_clusters, _rna, _partner ->
            by_table: table
            by_rule: true
        }
    CROSSMAMBA_SPLIT(
        ch_to_split.by_rule.map { meta, pairs, _table, rna_clusters, partner_clusters, rna, partner -> [meta, pairs, rna, partner, [], rna_clusters, partner_clusters] },
        val_rule,
    )
    SPLIT_BY_TABLE(
        ch_to_split.by_table.map { meta, pairs, table, _rna_clusters, _partner_clusters, rna, partner -> [meta, pairs, rna, partner, table, [], []] },
        'table',
    )
    ch_audit = CROSSMAMBA_SPLIT.out.audit.mix(SPLIT_BY_TABLE.out.audit)
    ch_splits = CROSSMAMBA_SPLIT.out.splits.mix(SPLIT_BY_TABLE.out.splits)

    ch_only_pairs = ch_pairs.map { meta, pairs, _table, _rna_clusters, _partner_clusters -> [meta, pairs] }
    ch_to_train = ch_only_pairs
        .join(ch_splits)
        .join(ch_rna_store)
        .join(ch_partner_store)
    CROSSMAMBA_FUSETRAIN(ch_to_train, ch_config)

    // A split without test pairs leaves no predictions. Of those that are left each expert has its own, in the folder.
    ch_to_evaluate = CROSSMAMBA_FUSETRAIN.out.model
        .join(CROSSMAMBA_FUSETRAIN.out.predictions)
        .join(ch_only_pairs)
        .join(ch_splits)
        .join(ch_rna)
        .join(ch_partner)
        .map { meta, model, _predictions, pairs, splits, rna, partner -> [meta, [], pairs, splits, rna, partner, model] }
    CROSSMAMBA_EVALUATE(ch_to_evaluate)

    // Assigned here and only named below: the strict parser of Nextflow 25.04 does not run `emit: name = value`.
    splits = ch_splits
    audit = ch_audit
    model = CROSSMAMBA_FUSETRAIN.out.model
    predictions = CROSSMAMBA_FUSETRAIN.out.predictions
    evaluation = CROSSMAMBA_EVALUATE.out.folder
    metrics = CROSSMAMBA_EVALUATE.out.metrics
    mqc = CROSSMAMBA_SPLIT.out.mqc.mix(SPLIT_BY_TABLE.out.mqc, CROSSMAMBA_FUSETRAIN.out.mqc, CROSSMAMBA_EVALUATE.out.mqc)

    emit:
    splits      // channel: [ val(meta), path(tsv) ]
    audit       // channel: [ val(meta), path(tsv) ]
    model       // channel: [ val(meta), path(folder) ]
    predictions // channel: [ val(meta), path(tsv) ]
    evaluation  // channel: [ val(meta), path(folder) ]
    metrics     // channel: [ val(meta), path(tsv) ]
    mqc         // channel: [ val(meta), path(json) ]
}
