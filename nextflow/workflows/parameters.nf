//
// Checks of parameters and sample sheets against their JSON schemas. Written here so that the pipeline needs no plugin:
// an offline cluster cannot download one.
//

// The parameters of a schema: name -> definition.
def schemaOf(path) {
    def schema = new groovy.json.JsonSlurper().parse(file(path).toFile())
    def groups = schema['$defs'].values().collect { group -> group.properties }
    return groups.inject([:]) { all, properties -> all + properties }
}

// Says what is wrong with a value, or nothing.
def problemOf(name, value, definition) {
    def text = value.toString()
    if (definition['enum'] && !definition['enum'].any { choice -> choice.toString() == text }) {
        return "${name} is `${text}`; choose one of: ${definition['enum'].join(', ')}"
    }
    if (definition.type == 'integer' && !text.isInteger()) {
        return "${name} is `${text}`; give a whole number"
    }
    if (definition.minimum != null && text.isInteger() && text.toInteger() < definition.minimum) {
        return "${name} is ${text}; give ${definition.minimum} or more"
    }
    if (definition.type == 'boolean' && !(text in ['true', 'false'])) {
        return "${name} is `${text}`; give true or false"
    }
    if (definition.pattern && !(text ==~ definition.pattern)) {
        return "${name} is `${text}`; ${definition.errorMessage ?: "it must match ${definition.pattern}"}"
    }
    if (definition.exists && !file(text).exists()) {
        return "${name}: there is no ${text}"
    }
    return null
}

// Ends the run with one sentence for each thing that is wrong.
def complain(what, problems) {
    if (problems) {
        error("${what}:\n" + problems.collect { problem -> "  - ${problem}" }.join('\n'))
    }
}

def checkParameters(parameters, path) {
    def schema = schemaOf(path)
    // Nextflow adds the camel-case twin of each name given with dashes.
    def unknown = parameters.keySet().findAll { name -> !schema.containsKey(name) }
    def problems = unknown.collect { name -> "there is no --${name}; --help lists the parameters" }
    schema.each { name, definition ->
        if (parameters[name] != null) {
            def problem = problemOf("--${name}", parameters[name], definition)
            problems += problem ? [problem] : []
        }
    }
    if (!parameters.input && !parameters.simulate) {
        problems += ['give a sample sheet with --input, or try -profile test']
    }
    ['rna', 'partner'].each { side ->
        def encoder = parameters["${side}_encoder"]
        def checkpoint = parameters["${side}_checkpoint"]
        def built_in = encoder in ['kmer', 'onehot']
        if (built_in && checkpoint) {
            problems += ["--${side}_checkpoint is given, but the encoder ${encoder} has no weights"]
        }
        if (!built_in && !checkpoint) {
            problems += ["the encoder ${encoder} needs its weights, or embeddings to import: give --${side}_checkpoint"]
        }
    }
    complain('These parameters cannot be used', problems)
}

// Reads and checks a sample sheet: [ meta, rna, partner, kind, pairs, folds or [], new pairs or [] ] for each row.
def readSampleSheet(path, schema_path) {
    def schema = new groovy.json.JsonSlurper().parse(file(schema_path).toFile()).items
    def rows = file(path, checkIfExists: true).splitCsv(header: true, strip: true)
    def problems = rows ? [] : ['it has no rows']
    rows.eachWithIndex { row, index ->
        def line = "line ${index + 2}"
        row.keySet().findAll { column -> !schema.properties.containsKey(column) }.each { column ->
            problems += ["${line}: there is no column ${column}"]
        }
        schema.properties.each { column, definition ->
            if (row[column]) {
                def problem = problemOf(column, row[column], definition)
                problems += problem ? ["${line}: ${problem}"] : []
            }
            else if (column in schema.required) {
                problems += ["${line}: ${column} is empty or missing"]
            }
        }
    }
    def names = rows.collect { row -> row.sample }
    names.toUnique().findAll { name -> names.count(name) > 1 }.each { name ->
        problems += ["the sample ${name} is on more than one line; give each its own name"]
    }
    complain("The sample sheet ${path} cannot be used", problems)
    return rows.collect { row ->
        [
            [id: row.sample],
            file(row.rna),
            file(row.partner),
            row.partner_kind ?: 'protein',
            file(row.pairs),
            row.folds ? file(row.folds) : [],
            row.new_pairs ? file(row.new_pairs) : [],
        ]
    }
}

def helpText(parameters, path) {
    def schema = new groovy.json.JsonSlurper().parse(file(path).toFile())
    def lines = ["${schema.description}", '', 'nextflow run nextflow -profile slurm,apptainer --input samples.csv --outdir results']
    schema['$defs'].values().each { group ->
        lines += ['', group.title]
        group.properties.each { name, definition ->
            def initial = parameters[name] == null || name == 'help' ? '' : " [${parameters[name]}]"
            lines += ["  --${name.padRight(22)} ${definition.description}${initial}"]
        }
    }
    return lines.join('\n')
}
