"""Makes golden.json: a Gaussian process over pairs of invented RNAs and molecules, by plain numpy.

Python 3.11, numpy 2.4. Run: python make_golden.py. It shares no code with the library. Molecules are bags and columns
that were drawn, so that it needs no chemistry; RNAs are sequences, whose k-mers are counted here.
"""
import json
from collections import Counter

import numpy as np

NT = "ACGU"
rng = np.random.default_rng(5)


def tanimoto(a, b):
    keys = set(a) | set(b)
    least, most = sum(min(a[k], b[k]) for k in keys), sum(max(a[k], b[k]) for k in keys)
    return least / most if most else 0


def kmers(s, k):
    return Counter(s[i:i + k] for i in range(len(s) - k + 1) if set(s[i:i + k]) <= set(NT))


def frequencies(s, k):
    words = [""]
    for _ in range(k):
        words = [w + c for w in words for c in NT]
    counts = kmers(s, k)
    return np.array([counts[w] / max(1, len(s) - k + 1) for w in words])


def extremes(x, w):
    m = np.array([x.mean()]) if len(x) <= w else np.convolve(x, np.ones(w), "valid") / w
    return [m.max(), m.min(), m.std()]


def content(s):
    gc, ag = np.array([float(c in "GC") for c in s]), np.array([float(c in "AG") for c in s])
    return np.array([gc.mean(), *extremes(gc, 30), *extremes(gc, 100), *extremes(ag, 30)])


def rbf(x, training):
    x = np.asarray(x, np.float32).astype(float)  # the library's columns are single precision
    mean, sd = x[training].mean(0), x[training].std(0)
    z = np.clip((x - mean) / np.where(sd > 1e-9, sd, np.inf), -6, 6)
    d = ((z[:, None] - z[None]) ** 2).sum(2)
    among = d[np.ix_(training, training)]
    return np.exp(-d / np.median(among[among > 1e-9]))


rnas = ["".join(rng.choice(list(NT), n)) for n in (12, 35, 40, 61, 120, 150)]
rnas += [rnas[1][:20] + "ACGNACGU" + rnas[1][20:], rnas[3][5:] + "GGGGCCCC", "ACGU"]
molecules = [{"bags": [Counter(rng.integers(0, 9, rng.integers(4, 20)).tolist()) for _ in range(3)],
              "columns": np.round(rng.normal(size=6), 3).tolist()} for _ in range(8)]
training_rnas, training_molecules = list(range(7)), list(range(6))
bags = [np.array([[tanimoto(kmers(a, k), kmers(b, k)) for b in rnas] for a in rnas]) for k in (2, 3, 4, 5)]
blocks = [[frequencies(s, 2) for s in rnas], [frequencies(s, 3) for s in rnas],
          [[np.log(len(s)) / 4] for s in rnas], [content(s) for s in rnas]]
KR = .5 * sum(bags) / 4 + .5 * sum(rbf(b, training_rnas) for b in blocks) / 4
bags = [np.array([[tanimoto(a["bags"][i], b["bags"][i]) for b in molecules] for a in molecules]) for i in range(3)]
KM = .75 * sum(bags) / 3 + .25 * rbf([m["columns"] for m in molecules], training_molecules)

pairs = [(int(i), int(j)) for i in training_rnas for j in training_molecules if rng.random() < .6]
pairs.append(pairs[0])  # a replicate
labels = np.round(rng.normal(6, 1.4, len(pairs)), 2)
new = [(7, 6), (8, 7), (0, 7), (8, 1), pairs[3]]


def k(a, b):
    r, p = KR[np.ix_([i for i, _ in a], [i for i, _ in b])], KM[np.ix_([j for _, j in a], [j for _, j in b])]
    return r * p + .5 * r + .5 * p


A = k(pairs, pairs) + .3 * np.eye(len(pairs))
y = labels - labels.mean()
scale = y @ np.linalg.solve(A, y) / len(y)
mean = labels.mean() + k(new, pairs) @ np.linalg.solve(A, y)
variance = scale * (2 - np.einsum("ij,ji->i", k(new, pairs), np.linalg.solve(A, k(pairs, new))) + .3)
with open("golden.json", "w") as out:
    json.dump({"rnas": rnas, "molecules": [{"bags": [sorted(b.elements()) for b in m["bags"]], "columns": m["columns"]}
                                           for m in molecules],
               "training_rnas": len(training_rnas), "training_molecules": len(training_molecules),
               "likeness_rna": KR[:, training_rnas].tolist(), "likeness_molecule": KM[:, training_molecules].tolist(),
               "pairs": pairs, "labels": labels.tolist(), "new": new, "mean": mean.tolist(),
               "variance": variance.tolist()}, out, separators=(",", ":"))
    out.write("\n")
