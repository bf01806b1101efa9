"""Makes golden.json: k-mer features of a few invented sequences by plain numpy.

Python 3.11, numpy 2.4. Run: python make_golden.py. It shares no code with the library: the prototype of the model used these features.
"""
import json

import numpy as np

CLASSES = {a: i for i, g in enumerate(["AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"]) for a in g}
AA, NT = "ACDEFGHIKLMNPQRSTVWY", "ACGU"
ORDER = "ARNDCQEGHILKMFPSTWYV"
KD = dict(zip(ORDER, [1.8, -4.5, -3.5, -3.5, 2.5, -3.5, -3.5, -.4, -3.2, 4.5, 3.8, -3.9, 1.9, 2.8, -1.6, -.8, -.7, -.9,
                      -1.3, 4.2]))
VOL = dict(zip(ORDER, [88.6, 173.4, 114.1, 111.1, 108.5, 143.8, 138.4, 60.1, 153.2, 166.7, 166.7, 168.6, 162.9, 189.9,
                       112.7, 89, 116.1, 227.8, 193.6, 140]))


def kfreq(ix, k, a):
    v, n = np.zeros(a**k, np.float32), len(ix) - k + 1
    if n <= 0:
        return v
    code, ok = np.zeros(n, int), np.ones(n, bool)
    for j in range(k):
        code = code * a + ix[j:j + n]
        ok &= ix[j:j + n] >= 0
    v += np.bincount(code[ok], minlength=a**k)[:a**k]
    return v / n


def windows(n, w, cap):
    step = w
    if cap and n > w + (cap - 1) * step:
        step = (n - w) / (cap - 1)
    starts = [0] if n <= w else [int(round(i * step)) for i in range(int(np.ceil((n - w) / step)) + 1)]
    return [(min(a, max(0, n - w)), min(min(a, max(0, n - w)) + w, n)) for a in starts]


def rna(s, w, cap):
    ix = np.array([NT.find(c) for c in s])
    spectra = lambda x: np.concatenate([kfreq(x, k, 4) for k in (1, 2, 3)])
    rows = [spectra(ix[a:b]) for a, b in windows(len(s), w, cap)]
    return np.array(rows), np.concatenate([spectra(ix), [np.log(len(s)) / 4]])


def protein(s, w, cap):
    aa, cl = np.array([AA.find(c) for c in s]), np.array([CLASSES.get(c, -1) for c in s])
    pc = np.array([[KD.get(c, 0) / 4.5, (VOL.get(c, 140) - 140) / 50, c in "KR", c in "DE", c in "FWYH", c in "GP"]
                   for c in s], np.float32)
    rows = [np.concatenate([kfreq(aa[a:b], 1, 20), kfreq(cl[a:b], 2, 7), pc[a:b].mean(0)])
            for a, b in windows(len(s), w, cap)]
    spectra = [kfreq(cl, k, 7) for k in (1, 2, 3)]
    return np.array(rows), np.concatenate([kfreq(aa, 1, 20)] + spectra + [pc.mean(0), [np.log(len(s)) / 4]])


def sequences(letters, lengths, rng):
    return ["".join(rng.choice(list(letters), n)) for n in lengths]


rng, cases = np.random.default_rng(7), []
for kind, fn, letters, w, cap, lengths in [("rna", rna, "ACGU" * 6 + "NRY", 128, 32, (1, 2, 129, 300)),
                                           ("rna", rna, "ACGU", 8, 4, (100,)),
                                           ("protein", protein, AA * 2 + "XBU", 32, 32, (1, 2, 33, 70)),
                                           ("protein", protein, AA, 8, 4, (75,))]:
    for s in sequences(letters, lengths, rng):
        rows, whole = fn(s, w, cap)
        # Only what is not zero, as [index, value].
        sparse = lambda x: [[int(i), float(np.float32(x[i]))] for i in np.nonzero(x)[0]]
        cases.append({"kind": kind, "window": w, "cap": cap, "sequence": s, "rows": len(rows),
                      "values": sparse(rows.ravel()), "global": sparse(whole)})
with open("golden.json", "w") as out:
    json.dump({"cases": cases}, out, separators=(",", ":"))
    out.write("\n")
