//
// Sample sheets, as spreadsheets and editors write them: commas, semicolons or tabs, quoted cells, blank lines, columns in
// any order and case. What is wrong is said with its line and column.
//

include { complain ; problemOf } from './parameters'
include { shippedModels        } from './models'

// The text of a table, whichever of the usual encodings it has.
def textOf(path) {
    def bytes = file(path, glob: false).bytes
    if (bytes.length > 1 && bytes[0] == 0x50 && bytes[1] == 0x4B) {
        error("The sample sheet ${path} cannot be used: it is a spreadsheet or an archive; save the table as CSV")
    }
    def wide = bytes.length > 1 && (bytes[0] & 0xFF) + (bytes[1] & 0xFF) == 0xFF + 0xFE
    def text = new String(bytes, wide ? 'UTF-16' : 'UTF-8')
    if (text.contains('\uFFFD') || text.contains('\u0000')) {
        error("The sample sheet ${path} cannot be used: it is not UTF-8 text; save it as CSV in UTF-8")
    }
    return text.startsWith('\uFEFF') ? text.substring(1) : text
}

// The cells of a line, without quotes and outer blanks; null for one whose quote is not closed, which is the last then.
def cellsOf(line, delimiter) {
    def quoted = '[ \\u00A0]*"((?:[^"]|"")*)"[ \\u00A0]*'
    def plain = "(?![ \\u00A0]*\")([^${delimiter}]*)"
    def matches = ("${line}${delimiter}" =~ "\\G(?:${quoted}|${plain})${delimiter}").collect { match -> match }
    def cells = matches.collect { match -> (match[1] == null ? match[2] : match[1].replace('""', '"')).replace('\u00A0', ' ').trim() }
    return matches.sum(0) { match -> match[0].length() } == line.length() + 1 ? cells : cells + [null]
}

// The rows of a sheet: [ line: number, cells: [ column: value ] ]; problems go into the list.
def rowsOf(text, columns, problems) {
    def lines = text.readLines().withIndex(1).collect { line, number -> [number: number, text: line] }
    // Spreadsheets mark their delimiter in a line before the table.
    def table = lines.findAll { line -> !line.text.replaceAll(/[,;\t" \u00A0]/, '').isEmpty() && !(line.text ==~ /"?sep=.?"?/) }
    if (!table) {
        problems << 'it is empty'
        return []
    }
    // The delimiter that yields most of the columns, not the first that is seen.
    def delimiter = [',', ';', '\t'].max { candidate ->
        cellsOf(table[0].text, candidate).count { cell -> cell?.toLowerCase() in columns }
    }
    def header = cellsOf(table[0].text, delimiter)*.toLowerCase()
    header.findAll { name -> name && !(name in columns) }.each { name ->
        problems << "line ${table[0].number}: there is no column ${name}; the columns are ${columns.join(', ')}".toString()
    }
    header.countBy { name -> name }.findAll { name, count -> name && count > 1 }.each { name, _count ->
        problems << "line ${table[0].number}: the column ${name} stands there more than once".toString()
    }
    table.each { line ->
        def cells = cellsOf(line.text, delimiter)
        if (cells.contains(null)) {
            problems << "line ${line.number}, column ${header[cells.size() - 1] ?: cells.size()} has a quote that is not closed".toString()
        }
    }
    def rows = []
    table.drop(1).each { line ->
        def cells = cellsOf(line.text, delimiter)
        cells.withIndex().each { cell, i ->
            if (cell && !(i < header.size() && header[i])) {
                problems << "line ${line.number}, column ${i + 1} is `${cell}`, but that column has no name in line ${table[0].number}".toString()
            }
        }
        if (!cells.contains(null)) {
            rows << [line: line.number, cells: [header, cells].transpose().collectEntries()]
        }
    }
    if (table.size() == 1) {
        problems << 'it has no rows below the names of the columns'
    }
    return rows
}

def fileOrNone(text) {
    return text ? file(text, glob: false) : []
}

// Reads and checks a sample sheet: [ meta, rna, partner, kind, pairs or [], folds or [], new pairs or [] ] for each row. Rows
// without labelled pairs are predicted only, by the model that is named, or by one that ships.
def readSampleSheet(path, schema_path, model) {
    def schema = new groovy.json.JsonSlurper().parse(file(schema_path).toFile()).items
    def problems = []
    def rows = rowsOf(textOf(path), schema.properties.keySet(), problems)
    rows.each { row ->
        schema.properties.each { column, definition ->
            def choices = definition['enum']
            def cell = row.cells[column]
            // A word of a list in any case.
            row.cells[column] = choices && cell?.toLowerCase() in choices ? cell.toLowerCase() : cell
            def problem = cell ? problemOf(row.cells[column], definition) : column in schema.required ? 'is empty or missing' : null
            problems += problem ? ["line ${row.line}, column ${column} ${problem}"] : []
        }
    }
    rows.findAll { row -> !row.cells.pairs }.each { row ->
        def kind = row.cells.partner_kind ?: 'protein'
        if (row.cells.folds) {
            problems += ["line ${row.line}, column pairs is empty, but there are folds; name the labelled pairs"]
        }
        else if (!model && !shippedModels()[kind]) {
            problems += ["line ${row.line}, column pairs is empty, and no model for ${kind} is taken unasked; name labelled pairs to train on, or give --model"]
        }
    }
    rows.groupBy { row -> row.cells.sample }.findAll { name, same -> name && same.size() > 1 }.each { name, same ->
        problems += ["the sample ${name} is on more than one line (${same*.line.join(', ')}); give each its own name"]
    }
    complain("The sample sheet ${path} cannot be used", problems)
    return rows.collect { row ->
        def cells = row.cells
        [
            [id: cells.sample],
            fileOrNone(cells.rna),
            fileOrNone(cells.partner),
            cells.partner_kind ?: 'protein',
            fileOrNone(cells.pairs),
            fileOrNone(cells.folds),
            fileOrNone(cells.new_pairs),
        ]
    }
}
