// A pipeline that knows nothing of ours: it includes the modules only, as nf-core users do after `nf-core modules install`.
include { CROSSMAMBA_PARSESEQUENCES as PARSE_RNA     } from './modules/crossmamba/crossmamba/parsesequences/main'
include { CROSSMAMBA_PARSESEQUENCES as PARSE_PROTEIN } from './modules/crossmamba/crossmamba/parsesequences/main'
include { CROSSMAMBA_PARSEPAIRS                      } from './modules/crossmamba/crossmamba/parsepairs/main'
include { CROSSMAMBA_EMBED as EMBED_RNA              } from './modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_EMBED as EMBED_PROTEIN          } from './modules/crossmamba/crossmamba/embed/main'
include { CROSSMAMBA_FUSETRAIN                       } from './modules/crossmamba/crossmamba/fusetrain/main'
include { CROSSMAMBA_PREDICT                         } from './modules/crossmamba/crossmamba/predict/main'

workflow {
    meta = [id: 'study']
    encoder = ['kmer', []]
    PARSE_RNA([meta, file(params.rna), 'rna'])
    PARSE_PROTEIN([meta, file(params.protein), 'protein'])
    EMBED_RNA(PARSE_RNA.out.sequences.map { m, fasta -> [m, fasta, 'rna', []] }, encoder)
    EMBED_PROTEIN(PARSE_PROTEIN.out.sequences.map { m, fasta -> [m, fasta, 'protein', []] }, encoder)
    CROSSMAMBA_PARSEPAIRS([meta, file(params.pairs), [], []])
    ch_pairs = CROSSMAMBA_PARSEPAIRS.out.pairs
    ch_stores = EMBED_RNA.out.store.join(EMBED_PROTEIN.out.store)
    CROSSMAMBA_FUSETRAIN(ch_pairs.map { m, pairs -> [m, pairs, []] }.join(ch_stores), file(params.config))
    CROSSMAMBA_PREDICT(CROSSMAMBA_FUSETRAIN.out.model.join(ch_pairs).join(ch_stores).map { row -> row + [[]] })
    CROSSMAMBA_PREDICT.out.predictions.view { m, table -> "${m.id}: ${table.countLines() - 1} predictions" }
}
