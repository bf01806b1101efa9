// Reads every sample sheet of this folder, and says what the pipeline makes of it, one line for each row or complaint.

include { readSampleSheet } from '../../../nextflow/workflows/samplesheet'

// A file as its path from the folder in which Nextflow was started; an empty list is none.
def shown(value) {
    return value instanceof List ? '-' : value.toString() - "${launchDir}/"
}

def reasonOf(problem) {
    return problem.cause ? reasonOf(problem.cause) : problem.message
}

workflow {
    files("${projectDir}/*.csv").sort().each { sheet ->
        try {
            readSampleSheet("${sheet}", "${projectDir}/../../../nextflow/assets/schema_input.json", null).each { row ->
                println("${sheet.baseName}: ${([row[0].id] + row.drop(1).collect { value -> shown(value) }).join(' | ')}")
            }
        }
        catch (Exception problem) {
            reasonOf(problem).readLines().each { line -> println("${sheet.baseName}: ${line.replace("${projectDir}/", '')}") }
        }
    }
}
