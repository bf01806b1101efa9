//
// The models that predict sets without labelled pairs
//

// The models that are taken unasked, by the kind of the partners; that for small molecules knows 25 RNAs, and must be named.
def shippedModels() {
    return [protein: 'rna-protein-1', rna: 'rna-rna-1']
}

// The model of a set: [ name or [], folder or [] ].
def modelFor(kind, chosen) {
    if (!chosen) {
        return [shippedModels()[kind], []]
    }
    def folder = file(chosen, glob: false)
    return folder.exists() ? [[], folder] : [chosen, []]
}
