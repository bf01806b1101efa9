#!/usr/bin/env nextflow
//
// From sequences and labelled pairs to a trained, evaluated model and its predictions.
// nextflow run nextflow --help
//

include { CROSSMAMBA                                              } from './workflows/crossmamba'
include { checkParameters ; helpText ; readSampleSheet            } from './workflows/parameters'
include { CROSSMAMBA_SIMULATE as SIMULATE                         } from './modules/crossmamba/crossmamba/simulate/main'

workflow {
    main:
    if (params.help) {
        println(helpText(params, "${projectDir}/nextflow_schema.json"))
        return
    }
    checkParameters(params, "${projectDir}/nextflow_schema.json")

    if (params.simulate) {
        // A positive control in place of data: what `-profile test` runs on.
        SIMULATE(channel.of([[id: 'simulated'], params.simulate]))
        ch_samples = SIMULATE.out.rna
            .join(SIMULATE.out.partner)
            .join(SIMULATE.out.pairs)
            .map { meta, rna, partner, pairs ->
                [meta, rna, partner, params.simulate - 'rna-', pairs, [], []]
            }
    }
    else {
        ch_samples = channel.fromList(readSampleSheet(params.input, "${projectDir}/assets/schema_input.json"))
    }
    CROSSMAMBA(ch_samples)

    workflow.onComplete = {
        log.info(workflow.success ? "crossmamba: done; results are in ${params.outdir}" : "crossmamba: failed: ${workflow.errorMessage ?: 'see above'}")
    }
}
