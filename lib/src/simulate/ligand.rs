//! Small molecules: published RNA ligands as scaffolds, and the RNA element that each is known to bind.

/// A class of ligand and the element that it binds.
pub(super) struct Ligand {
    /// The name of scaffold and element.
    pub(super) name: &'static str,
    /// The element of the RNA.
    pub(super) element: &'static str,
    /// The scaffold as SMILES with two places for substituents, `{a}` and `{b}`.
    pub(super) scaffold: &'static str,
    /// The part of the scaffold's SMILES by which it is recognised.
    pub(super) core: &'static str,
    /// Where the pair comes from.
    pub(super) source: &'static str,
}

/// The classes, in the order in which `--classes` takes them.
///
/// An element of two strands is written as one hairpin, closed by a UUCG or GAAA loop.
pub(super) const LIGANDS: [Ligand; 8] = [
    Ligand {
        name: "theophylline (xanthine)",
        element: "AUACCAGCUUCGGCCCUUGGAAG",
        scaffold: "Cn1c(=O)c2[nH]c({a})nc2n({b})c1=O",
        core: "Cn1c(=O)c2[nH]c(",
        source: "Jenison et al. 1994, Science 263:1425",
    },
    Ligand {
        name: "FMN (isoalloxazine)",
        element: "AGGAUAUGCGAAAGCAGAAGG",
        scaffold: "Cc1cc2nc3c(=O)[nH]c(=O)nc-3n({a})c2cc1{b}",
        core: "Cc1cc2nc3c(=O)[nH]c(=O)nc-3n(",
        source: "Fan et al. 1996, J Mol Biol 258:480",
    },
    Ligand {
        name: "2-deoxystreptamine (aminoglycoside)",
        element: "GGCGUCACACCUUCGGGUGAAGUCGCC",
        scaffold: "NC1CC(N)C(O{a})C(O)C1O{b}",
        core: "NC1CC(N)C(O",
        source: "Fourmy et al. 1996, Science 274:1367",
    },
    Ligand {
        name: "malachite green (triarylmethane)",
        element: "CCCGACUGGCGAGAGCCAGGUAACGAAUG",
        scaffold: "CN({a})c1ccc(cc1)C(=C1C=CC(C=C1)=[N+](C)C)c1ccc({b})cc1",
        core: "C(=C1C=CC(C=C1)=[N+](C)C)c1ccc(",
        source: "Grate and Wilson 1999, Proc Natl Acad Sci USA 96:6131",
    },
    Ligand {
        name: "bisbenzimidazole",
        element: "CUGCUGCUGCUGCUGCUGCUG",
        scaffold: "CN1CCN(CC1)c1ccc2[nH]c(nc2c1)-c1ccc2[nH]c(nc2c1)-c1ccc({a})c({b})c1",
        core: "CN1CCN(CC1)c1ccc2[nH]c(nc2c1)-c1ccc2[nH]c(",
        source: "Pushechnikov et al. 2009, J Am Chem Soc 131:9767",
    },
    Ligand {
        name: "adenosine (purine nucleoside)",
        element: "GGGAAGAAACUGGCUUCGGCCGGC",
        scaffold: "Nc1nc({a})nc2n(cnc12)C1OC(CO{b})C(O)C1O",
        core: "nc2n(cnc12)C1OC(CO",
        source: "Sassanfar and Szostak 1993, Nature 364:550",
    },
    Ligand {
        name: "acetylpromazine (phenothiazine)",
        element: "GGCAGAUCUGAGCCUGGGAGCUCUCUGCC",
        scaffold: "CC(=O)c1ccc2Sc3ccc({b})cc3N({a})c2c1",
        core: "CC(=O)c1ccc2Sc3ccc(",
        source: "Lind et al. 2002, Chem Biol 9:185",
    },
    Ligand {
        name: "ellipticine (pyridocarbazole)",
        element: "GGGGCCGGGGCCGGGGCC",
        scaffold: "Cc1c2ccnc({a})c2c(C)c2c1[nH]c1ccc({b})cc12",
        core: "Cc1c2ccnc(",
        source: "Su et al. 2014, Neuron 83:1043",
    },
];

/// What may stand between scaffold and end group, and what may end a side chain; each pair joins to valid
/// SMILES.
pub(super) const LINKERS: [&str; 10] =
    ["C", "CC", "CCC", "CCCC", "COCC", "CCOCC", "CC(=O)NC", "CC(C)C", "CCSCC", "CC(O)C"];
/// The end groups; the number is what each adds to the pKd (charge helps, bulk hurts a little). Their rings
/// have labels that no scaffold uses.
pub(super) const ENDS: [(&str, f64); 14] = [
    ("C", 0.0),
    ("O", 0.1),
    ("N", 0.4),
    ("N(C)C", 0.3),
    ("NC(=N)N", 0.5),
    ("F", -0.1),
    ("Cl", -0.1),
    ("C#N", -0.2),
    ("OC", 0.0),
    ("C(=O)N", 0.1),
    ("C(=O)O", -0.5),
    ("C(C)(C)C", -0.3),
    ("c9ccccc9", 0.1),
    ("N8CCOCC8", 0.2),
];
