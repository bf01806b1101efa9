"""Makes golden.json: the blocks that version 2 of the encoder `kmer` adds to the global vector, by plain numpy.

Python 3.11, numpy 2.4. Run: python make_golden.py. It shares no code with the library and takes another way to each value
where there is one: regular expressions, convolutions, roots of the charge by interpolation over a table.
"""
import json
import re

import numpy as np

AA, NT = "ACDEFGHIKLMNPQRSTVWY", "ACGU"


def table(text):
    return np.array([float(dict(x.split("=") for x in text.split())[a]) for a in AA])


SCALES = {
    "hydropathy": table("A=1.8 R=-4.5 N=-3.5 D=-3.5 C=2.5 Q=-3.5 E=-3.5 G=-.4 H=-3.2 I=4.5 L=3.8 K=-3.9 M=1.9 F=2.8 "
                        "P=-1.6 S=-.8 T=-.7 W=-.9 Y=-1.3 V=4.2"),
    "volume": table("A=88.6 R=173.4 N=114.1 D=111.1 C=108.5 Q=143.8 E=138.4 G=60.1 H=153.2 I=166.7 L=166.7 K=168.6 "
                    "M=162.9 F=189.9 P=112.7 S=89 T=116.1 W=227.8 Y=193.6 V=140"),
    "charge": np.array([{"K": 1, "R": 1, "D": -1, "E": -1, "H": .1}.get(a, 0) for a in AA]),
    "helix": table("E=1.51 M=1.45 A=1.42 L=1.21 K=1.16 F=1.13 Q=1.11 W=1.08 I=1.08 V=1.06 D=1.01 H=1.00 R=.98 T=.83 "
                   "S=.77 C=.70 Y=.69 N=.67 P=.57 G=.57"),
    "sheet": table("V=1.70 I=1.60 Y=1.47 F=1.38 W=1.37 L=1.30 T=1.19 C=1.19 Q=1.10 M=1.05 R=.93 N=.89 H=.87 A=.83 "
                   "S=.75 G=.75 K=.74 P=.55 D=.54 E=.37"),
    "disorder": table("W=-.884 F=-.697 Y=-.510 I=-.486 M=-.397 L=-.326 V=-.121 N=.007 C=.02 T=.059 A=.06 G=.166 "
                      "R=.18 D=.192 H=.303 Q=.318 S=.341 K=.586 E=.736 P=.987"),
    "rna interface": table("R=1.6 K=1.4 H=.7 N=.5 S=.3 G=.35 Q=.25 Y=.4 T=.2 W=.35 F=.1 P=0 D=-.4 E=-.6 M=.1 A=-.3 "
                           "C=-.1 I=-.3 L=-.5 V=-.4"),
}
STANDARD = np.array([(v - v.mean()) / v.std() for v in SCALES.values()])  # (7, 20)
MOTIFS = ["RGG", "[RK]GG?[RK]", "SR|RS", "[KR][GA][FY][GA]F[VILM].[FY]", "[ILV][FY][ILV][GK][NG]L", "G..G", "C..C",
          "C.{2,4}C.{3,12}H.{3,5}[HC]", "H.{3,4}H", "[KR]{3}", "D[EDR][AH]D", "[DE]{4}", "G[KR]S", "P..P", "GK[ST]",
          "W..W", "Q{3}|N{3}", "[FYW][^P][FYW]", "YG", "RR", "PRP|RPG|GRG", "[KR].{0,1}[KR].{0,1}[KR]",
          "LSRR|NKKR|R[KR].R"]


def extremes(x, w):
    m = np.array([x.mean()]) if len(x) <= w else np.convolve(x, np.ones(w), "valid") / w
    return [m.max(), m.min(), m.std()]


def composition(s):
    return np.array([s.count(a) for a in AA]) / max(1, len(s))


def entropy(s):
    p = composition(s)
    return -(p[p > 0] * np.log(p[p > 0])).sum()


def isoelectric(s):
    ph = np.linspace(2, 13, 1_100_001)
    net = 1 / (1 + 10 ** (ph - 8.6)) - 1 / (1 + 10 ** (3.6 - ph))
    for a, pk in zip("KRH", (10.8, 12.5, 6.5)):
        net += s.count(a) / (1 + 10 ** (ph - pk))
    for a, pk in zip("DECY", (3.9, 4.1, 8.5, 10.1)):
        net -= s.count(a) / (1 + 10 ** (pk - ph))
    return np.interp(0, net[::-1], ph[::-1])  # the charge falls with the pH


def protein(s):
    n = len(s)
    x = np.array([STANDARD[:, AA.find(c)] if c in AA else np.zeros(7) for c in s]).T  # (7, n)
    blocks = {}
    blocks["autocovariance"] = np.concatenate(
        [(x[:, :-d] * x[:, d:]).mean(1) if n > d else np.zeros(7) for d in range(1, 11)])
    thirds = [x[:, q * n // 3:max(q * n // 3 + 1, (q + 1) * n // 3)].mean(1) for q in range(3)]
    blocks["place"] = np.concatenate([composition(s[:20]), composition(s[-20:]), *thirds])
    p = [*x.mean(1), *x.std(1)]
    for w in (11, 25):
        for scale in (0, 2, 5, 6):
            p += extremes(x[scale], w)
    turn = np.exp(1j * np.deg2rad(100) * np.arange(n))
    p += [abs((x[scale] * turn).sum()) / np.sqrt(n) for scale in (0, 2)]
    local = [entropy(s[i:i + 25]) for i in range(0, max(1, n - 24), 6)]
    net = sum(s.count(a) for a in "KR") - sum(s.count(a) for a in "DE")
    blocks["physico"] = p + [entropy(s), min(local), np.mean(local), isoelectric(s), net, net / n,
                             s.count("R") / (1 + s.count("K"))]
    counts = np.array([len(re.findall("(?=" + m + ")", s)) for m in MOTIFS])
    blocks["motif"] = np.concatenate([np.log1p(counts), counts / n * 100])
    return blocks


def rna(s):
    n = len(s)
    pairs = lambda k, d: [s[i] + s[i + d] for i in range(n - d)]
    four = [s[i:i + 4] for i in range(n - 3)]
    kmers = [a + b + c + d for a in NT for b in NT for c in NT for d in NT]
    gapped = []
    for d in range(2, 9):
        found = pairs(2, d)
        gapped += [found.count(a + b) / max(1, len(found)) for a in NT for b in NT]
    gc = np.array([float(c in "GC") for c in s])
    ag = np.array([float(c in "AG") for c in s])
    return {"4-mers": [four.count(k) / max(1, len(four)) for k in kmers], "gapped": gapped,
            "content": [gc.mean(), *extremes(gc, 30), *extremes(gc, 100), *extremes(ag, 30)]}


def draw(letters, n):
    return "".join(rng.choice(list(letters), n))


rng = np.random.default_rng(11)
rnas = ["A", "GU", "N", "NNNN", "ACGUNRYACG"] + [draw("ACGU" * 6 + "NRY", n) for n in (8, 30, 31, 101, 400)]
proteins = ["M", "KR", "X", "XXXXXXXXXXXXXXX", "BZJUO"] + [draw(AA * 2 + "XBU", n) for n in (11, 12, 21, 25, 26, 60)]
proteins += [draw("KRGSDEYFC" + AA, 150), "MRGGRGGSRSRSKKRKGFGFVEFLFVGNLDEADGKTWQQWQQQNNNPRPGRGCAACAAAAHAAAHDDEE" * 2]
cases = []
for kind, fn, sequences in (("rna", rna, rnas), ("protein", protein, proteins)):
    for s in sequences:
        # Only what is not zero, as [index, value].
        sparse = lambda x: [[int(i), float("%.9g" % x[i])] for i in np.nonzero(x)[0]]
        blocks = {name: sparse(np.asarray(x, float)) for name, x in fn(s).items()}
        cases.append({"kind": kind, "sequence": s, "blocks": blocks})
with open("golden.json", "w") as out:
    json.dump({"cases": cases}, out, separators=(",", ":"))
    out.write("\n")
