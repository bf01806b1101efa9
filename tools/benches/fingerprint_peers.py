"""Predicts the pairs of a screen with what a chemist would try first: fingerprints, and a forest or a Gaussian process.

    python fingerprint_peers.py pairs.tsv splits.tsv rna.fa molecules.smi folder

Writes `fingerprint-forest.tsv`, `fingerprint-gp.tsv` and `nearest-hit.tsv` into the folder, tables of `crossmamba-evaluate`.
Each fold is predicted from the pairs that share no group with it (scikit-learn, RDKit, both BSD-3-Clause, in an interpreter
of their own).
Molecules are Morgan fingerprints of radius 2 in 2048 bits, RNAs counts of their 3-mers.

- The forest: 300 trees, Gini, the square root of the columns at each split, all hits and 20 drawn others for each.
- The Gaussian process: all hits and 4000 drawn others, the product of Tanimoto similarities of either side, noise 1, labels less
  their mean. Its score is that mean; its column of probabilities only keeps the order.
- Nearest hit: the largest Tanimoto similarity of the molecule to a hit of the RNA itself, 0 where that has none.

Nothing is chosen by a figure.
"""

import csv
import os
import sys

import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
from scipy.linalg import cho_factor, cho_solve
from sklearn.ensemble import RandomForestClassifier

BITS, TREES, OTHERS, OF_GP, NOISE, ROWS = 2048, 300, 20, 4000, 1.0, 20_000


def table(path):
    """Reads the rows of a table."""
    with open(path, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def words(path):
    """Counts the 3-mers of each record of a FASTA file."""
    place = {a + b + c: n for n, (a, b, c) in enumerate((a, b, c) for a in "ACGU" for b in "ACGU" for c in "ACGU")}
    names, sequences = [], []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(">"):
                names.append(line[1:].split()[0])
                sequences.append("")
            else:
                sequences[-1] += line.strip().upper().replace("T", "U")
    counts = np.zeros((len(names), len(place)), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        for at in range(len(sequence) - 2):
            if sequence[at : at + 3] in place:
                counts[row, place[sequence[at : at + 3]]] += 1
    return names, counts


def fingerprints(path):
    """Computes the fingerprint of each line `SMILES id`; one that RDKit cannot read has no bit."""
    RDLogger.DisableLog("rdApp.*")
    generator, names, rows = GetMorganGenerator(radius=2, fpSize=BITS), [], []
    with open(path, encoding="utf-8") as lines:
        for smiles, name in (line.split()[:2] for line in lines if line.strip()):
            molecule = Chem.MolFromSmiles(smiles)
            names.append(name)
            rows.append(np.zeros(BITS, np.uint8) if molecule is None else generator.GetFingerprintAsNumPy(molecule))
    unread = sum(not row.any() for row in rows)
    if unread:
        print(f"{path}: RDKit cannot read {unread} of {len(rows)} molecules", file=sys.stderr)
    return names, np.array(rows, dtype=np.float32)


def tanimoto(a, b):
    """Divides common by all bits, of each row with each."""
    common = a @ b.T
    return common / np.maximum(a.sum(1)[:, None] + b.sum(1)[None, :] - common, 1)


def min_max(counts):
    """Divides smaller by larger counts, of each row with each."""
    smaller = np.minimum(counts[:, None], counts[None]).sum(2)
    return smaller / np.maximum(np.maximum(counts[:, None], counts[None]).sum(2), 1)


def forest(rna, bits, pairs, labels, train, test, rng):
    hits, others = train[labels[train] == 1], train[labels[train] == 0]
    drawn = rng.choice(others, min(len(others), OTHERS * len(hits)), replace=False)
    chosen = np.sort(np.concatenate([hits, drawn]))
    rows = lambda at: np.hstack([rna[pairs[at, 0]], bits[pairs[at, 1]]])  # noqa: E731
    model = RandomForestClassifier(TREES, n_jobs=-1, random_state=int(rng.integers(2**31)))
    model.fit(rows(chosen), labels[chosen])
    # One thread: sums of trees keep their order.
    model.n_jobs = 1
    return np.concatenate([model.predict_proba(rows(test[at : at + ROWS]))[:, 1] for at in range(0, len(test), ROWS)])


def process(kernel, bits, pairs, labels, train, test, rng):
    hits, others = train[labels[train] == 1], train[labels[train] == 0]
    chosen = np.sort(np.concatenate([hits, rng.choice(others, min(len(others), OF_GP), replace=False)]))
    rna, known = pairs[chosen, 0], bits[pairs[chosen, 1]]
    mean = labels[chosen].mean()
    gram = (tanimoto(known, known) * kernel[rna][:, rna]).astype(np.float64)
    weights = cho_solve(cho_factor(gram + NOISE * np.eye(len(gram))), labels[chosen] - mean)
    asked, at = np.unique(pairs[test, 1], return_inverse=True)
    of_rna = weights[:, None] * kernel[rna]
    said = np.concatenate([tanimoto(bits[asked[i : i + 1000]], known) @ of_rna for i in range(0, len(asked), 1000)])
    return mean + said[at, pairs[test, 0]]


def nearest(bits, pairs, labels, train, test):
    said = np.zeros(len(test))
    hits = train[labels[train] == 1]
    for rna in np.unique(pairs[test, 0]):
        of_rna = np.flatnonzero(pairs[test, 0] == rna)
        known = bits[pairs[hits[pairs[hits, 0] == rna], 1]]
        if len(known):
            said[of_rna] = tanimoto(bits[pairs[test[of_rna], 1]], known).max(1)
    return said


def main(pairs_path, splits_path, rna_path, molecules_path, folder):
    rows = table(pairs_path)
    if any(row["label"] not in ("0", "1") for row in rows):
        sys.exit(f"{pairs_path}: a label is neither 0 nor 1: these peers rank hits, not affinities")
    splits = {(row["rna_id"], row["partner_id"]): row for row in table(splits_path)}
    (rnas, counts), (molecules, bits) = words(rna_path), fingerprints(molecules_path)
    rna_at, molecule_at = ({name: at for at, name in enumerate(names)} for names in (rnas, molecules))
    pairs = np.array([(rna_at[row["rna_id"]], molecule_at[row["partner_id"]]) for row in rows])
    labels = np.array([int(row["label"]) for row in rows])
    divided = [splits.get((row["rna_id"], row["partner_id"]), {}) for row in rows]
    fold = np.array([row.get("fold", "") for row in divided])
    groups = [np.array([row.get(f"{side}_group", "") for row in divided]) for side in ("rna", "partner")]
    shares, kernel = counts / np.maximum(counts.sum(1, keepdims=True), 1), min_max(counts)
    said = {name: np.zeros(len(rows)) for name in ("fingerprint-forest", "fingerprint-gp", "nearest-hit")}
    tested = np.array([name.isdigit() for name in fold])
    for name in sorted(set(fold[tested])):
        test = np.flatnonzero(fold == name)
        known = (fold != name) & (fold != "")
        for group in groups:
            known &= (group == "") | ~np.isin(group, group[test])
        train = np.flatnonzero(known)
        rng = np.random.default_rng([1, int(name)])
        said["fingerprint-forest"][test] = forest(shares, bits, pairs, labels, train, test, rng)
        said["fingerprint-gp"][test] = process(kernel, bits, pairs, labels, train, test, rng)
        said["nearest-hit"][test] = nearest(bits, pairs, labels, train, test)
        print(f"fold {name}: {len(train)} pairs of training, {len(test)} of test", file=sys.stderr)
    for peer, scores in said.items():
        target = os.path.join(folder, f"{peer}.tsv")
        with open(target + ".partial", "w", encoding="utf-8") as out:
            out.write("rna_id\tpartner_id\tlabel\tfold\tscore\tprobability\n")
            for at in np.flatnonzero(tested):
                value, row = scores[at], rows[at]
                # The share of trees is a probability; of the others the order counts alone.
                share = peer == "fingerprint-forest"
                score = np.log((value + 1e-6) / (1 - value + 1e-6)) if share else value
                chance = value if share else 1 / (1 + np.exp(-value))
                out.write(f"{row['rna_id']}\t{row['partner_id']}\t{row['label']}\t{fold[at]}\t{score:.6g}\t{chance:.6g}\n")
        os.replace(target + ".partial", target)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
