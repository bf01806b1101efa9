"""Writes vienna.tsv: random small RNAs, targets with damaged sites, and the free energy that RNAduplex finds.

Needs the PyPI package ViennaRNA 2.8.0 (energies of Turner 2004, no dangling ends).
"""

import random

import RNA

RNA.cvar.dangles = 0
rng = random.Random(1)
COMPLEMENT = {"A": "U", "C": "G", "G": "C", "U": "A"}


def letters(count):
    return "".join(rng.choice("ACGU") for _ in range(count))


def damaged(site):
    """Replaces, deletes and inserts one nucleotide in eight."""
    out = []
    for letter in site:
        what = rng.randrange(24)
        out.append({0: "", 1: letters(1) + letter, 2: letters(1)}.get(what, letter))
    return "".join(out)


print("rna\ttarget\tkcal_per_mol")
for i in range(120):
    rna = letters(rng.randint(18, 24))
    target = letters(rng.randint(30, 120))
    if i % 2:
        site = "".join(COMPLEMENT[x] for x in reversed(rna))
        at = rng.randrange(len(target))
        target = target[:at] + damaged(site) + target[at:]
    print(rna, target, f"{RNA.duplexfold(rna, target).energy:.2f}", sep="\t")
