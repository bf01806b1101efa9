//
// Parameters: their types and checks, by the JSON schema. Written here so that the pipeline needs no plugin: an offline
// cluster cannot download one.
//

// The parameters of a schema: name -> definition.
def schemaOf(path) {
    def schema = new groovy.json.JsonSlurper().parse(file(path).toFile())
    def groups = schema['$defs'].values().collect { group -> group.properties }
    return groups.inject([:]) { all, properties -> all + properties }
}

// Says what is wrong with a value, as what follows the name of the parameter or cell in a sentence; or nothing.
def problemOf(value, definition) {
    def text = "${value}".toString()
    if (definition['enum'] && !definition['enum'].any { choice -> "${choice}" == text }) {
        return "is `${text}`; choose one of: ${definition['enum'].join(', ')}"
    }
    if (definition.type == 'integer' && !text.isInteger()) {
        return "is `${text}`; give a whole number"
    }
    if (definition.minimum != null && text.isInteger() && text.toInteger() < definition.minimum) {
        return "is ${text}; give ${definition.minimum} or more"
    }
    if (definition.type == 'boolean' && !(text in ['true', 'false'])) {
        return "is `${text}`; give true or false"
    }
    if (definition.pattern && !(text ==~ definition.pattern)) {
        return "is `${text}`; ${definition.errorMessage ?: "it must match ${definition.pattern}"}"
    }
    if (definition.exists) {
        // A path is a path: `*` in it is a character of a name, and names one file only.
        def path = file(text, glob: false)
        if (!path.exists()) {
            def hint = text.startsWith('~') ? '; `~` is not the home folder here: write the whole path'
                : text =~ /[*?]/ ? '; `*` and `?` stand for themselves here: name one file' : ''
            return "names `${text}`, which does not exist${hint}"
        }
        if (definition.format == 'file-path' && path.isDirectory()) {
            return "names `${text}`, which is a folder; name a file"
        }
    }
    return null
}

// Ends the run with one sentence for each thing that is wrong.
def complain(what, problems) {
    if (problems) {
        error("${what}:\n" + problems.collect { problem -> "  - ${problem}" }.join('\n'))
    }
}

// Gives a value the type that its definition names. The strict parser, from Nextflow 26.04 on, hands every value of the
// command line over as text, where '3' counts to 51 and 'false' is true; the older one guesses a type for each.
def typed(value, definition) {
    if (value == null) {
        return null
    }
    def text = "${value}".toString()
    if (definition.type == 'integer') {
        return text.toInteger()
    }
    return definition.type == 'boolean' ? text == 'true' : text
}

// Checks the parameters, and gives them with their types: the only place that reads them, but for the configuration,
// which takes them as text.
def readParameters(parameters, path) {
    def schema = schemaOf(path)
    // Nextflow adds the camel-case twin of each name given with dashes.
    def unknown = parameters.keySet().findAll { name -> !schema.containsKey(name) }
    def problems = unknown.collect { name -> "there is no --${name}; --help lists the parameters" }
    // An empty path is none.
    def given = schema.collectEntries { name, definition ->
        [name, definition.exists && "${parameters[name]}".isEmpty() ? null : parameters[name]]
    }
    schema.each { name, definition ->
        def problem = given[name] == null ? null : problemOf(given[name], definition)
        problems += problem ? ["--${name} ${problem}"] : []
    }
    if (!given.input && !given.simulate) {
        problems += ['give a sample sheet with --input, or try -profile test']
    }
    ['rna', 'partner'].each { side ->
        def encoder = given["${side}_encoder".toString()]
        def checkpoint = given["${side}_checkpoint".toString()]
        def built_in = encoder in ['kmer', 'kmer2', 'onehot']
        if (built_in && checkpoint) {
            problems += ["--${side}_checkpoint is given, but the encoder ${encoder} has no weights"]
        }
        if (!built_in && !checkpoint) {
            problems += ["the encoder ${encoder} needs its weights, or embeddings to import: give --${side}_checkpoint"]
        }
    }
    complain('These parameters cannot be used', problems)
    return schema.collectEntries { name, definition -> [name, typed(given[name], definition)] }
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
