"""Makes golden.json: distances and transfer numbers of random molecules and pairs, in double precision and by their
definitions alone, one pair after the other.

usage: python make_golden.py > golden.json        (Python 3 with NumPy; written by NumPy 2.4)
"""

import json

import numpy as np

CLIP, SHRINK, PRIOR = 6.0, 1.0, 0.05
rng = np.random.default_rng(7)


def molecules(count, widths):
    """Blocks of columns: one heavy-tailed, one of counts with an idle column."""
    wide = rng.standard_t(2, (count, widths[0]))
    counts = rng.poisson(0.7, (count, widths[1])).astype(float)
    counts[:, 1] = 3.0
    return [np.float32(wide).astype(float), counts]


def distance(blocks, known, a, b):
    """Mean over blocks of the squared distance of standardised rows, in units of its median among the known ones."""
    total = 0.0
    for block in blocks:
        train = block[known]
        mean, deviation = train.mean(0), train.std(0)
        live = deviation > 1e-9

        def standard(row):
            return np.clip((row - mean)[live] / deviation[live], -CLIP, CLIP)

        among = [
            float(((standard(block[i]) - standard(block[j])) ** 2).sum()) for i in known for j in known if i != j
        ]
        median = np.median([d for d in among if d > 1e-9])
        total += float(((standard(block[a]) - standard(block[b])) ** 2).sum()) / median
    return total / len(blocks)


def main():
    counts, known = (23, 31), (np.arange(0, 17), np.arange(5, 29))
    sides = [molecules(count, (4, 6)) for count in counts]
    distances = [
        np.array([[distance(blocks, some, a, b) for b in some] for a in range(count)])
        for blocks, some, count in zip(sides, known, counts)
    ]
    pairs = [(int(rng.choice(known[0])), int(rng.choice(known[1]))) for _ in range(90)]
    labels = [int(rng.random() < 0.4) for _ in pairs]
    asked = [(int(rng.integers(counts[0])), int(rng.integers(counts[1]))) for _ in range(40)]
    place = [{int(m): i for i, m in enumerate(some)} for some in known]
    numbers = []
    base = float(np.mean(labels))
    for r, p in asked:
        weights = {}
        for name, side, own in (("r", 0, r), ("p", 1, p)):
            d = np.array([distances[side][own, place[side][pair[side]]] for pair in pairs])
            weights[name + "8"], weights[name + "3"] = np.exp(-8 * d), np.exp(-3 * d)
            weights["e" + name] = np.array([float(pair[side] == own) for pair in pairs])
        w = weights
        y = np.array(labels, float)
        means = [
            w["r8"], w["r8"] * w["p8"], w["r8"] * w["p3"], w["r3"] * w["p3"], w["p8"], w["p3"], w["er"], w["ep"],
            w["er"] * w["p8"], w["er"] * w["p3"], w["ep"] * w["r8"],
        ]
        row = [(float(k @ y) + base) / (float(k.sum()) + SHRINK) - base for k in means]
        for k in (w["r8"] * w["p8"], w["r8"] * w["p3"]):
            row.append(float(np.log((k @ y + PRIOR) / (k @ (1 - y) + PRIOR))))
        numbers.append(row)
    print(json.dumps({
        "blocks": [[block.tolist() for block in blocks] for blocks in sides],
        "known": [some.tolist() for some in known],
        "distances": [np.round(d, 9).tolist() for d in distances],
        "pairs": pairs,
        "labels": labels,
        "asked": asked,
        "numbers": np.round(numbers, 9).tolist(),
    }))


if __name__ == "__main__":
    main()
