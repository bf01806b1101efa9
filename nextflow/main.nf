#!/usr/bin/env nextflow
//
// From sequences and labelled pairs to a trained, evaluated model and its predictions; from sequences alone to predictions.
// nextflow run nextflow --help
//

include { CROSSMAMBA                      } from './workflows/crossmamba'
include { helpText ; readParameters       } from './workflows/parameters'
include { readSampleSheet                 } from './workflows/samplesheet'
include { CROSSMAMBA_SIMULATE as SIMULATE } from './modules/crossmamba/crossmamba/simulate/main'

workflow {
    main:
    if ("${params.help}" == 'true') {
        println(helpText(params, "${projectDir}/nextflow_schema.json"))
        return
    }
    settings = readParameters(params, "${projectDir}/nextflow_schema.json")

    if (settings.simulate) {
        // A positive control in place of data: what `-profile test` runs on.
        SIMULATE(channel.of([[id: 'simulated'], settings.simulate]))
        ch_samples = SIMULATE.out.rna
            .join(SIMULATE.out.partner)
            .join(SIMULATE.out.pairs)
            .map { meta, rna, partner, pairs ->
                [meta, rna, partner, settings.simulate - 'rna-', pairs, [], []]
            }
    }
    else {
        ch_samples = channel.fromList(readSampleSheet(settings.input, "${projectDir}/assets/schema_input.json", settings.model))
    }
    CROSSMAMBA(ch_samples, settings)

    workflow.onComplete = {
        log.info(workflow.success ? "crossmamba: done; results are in ${settings.outdir}" : "crossmamba: failed: ${workflow.errorMessage ?: 'see above'}")
    }
}
