"""Judges a division of pairs: `judge.py SET PROGRAM SECONDS PAIRS SPLITS FASTA HITS`.

SPLITS is a table of RNA, partner and part; HITS one of two partners and their identity. Prints, in one row: the pairs that are
in a part, and those that are in none; the smallest and the largest part, and the least and greatest share of positives, as
shares; the leak, as DataSAIL defines it (the similarity between partners of different parts over that between all); how many
couples of distinct sequences of different parts are at or above .4, and the greatest identity among them.
"""

import collections
import sys


def rows(path, skip):
    """Yield the cells of each row."""
    with open(path) as table:
        for number, line in enumerate(table):
            if number >= skip:
                yield line.rstrip("\n").split("\t")


def sequences(path):
    """Return the sequence of each identifier."""
    found, name = collections.defaultdict(str), None
    with open(path) as lines:
        for line in lines:
            if line.startswith(">"):
                name = line[1:].split()[0]
            else:
                found[name] += line.strip()
    return found


def main():
    name, program, seconds, pairs, splits, fasta, hits = sys.argv[1:]
    labels = {(rna, partner): float(label) for rna, partner, label in rows(pairs, 1)}
    part = {(row[0], row[1]): row[2] for row in rows(splits, 1) if row[2].isdigit()}
    part = {pair: found for pair, found in part.items() if pair in labels}
    if not part:
        print(name, program, seconds, 0, len(labels), *["NA"] * 7, sep="\t")
        return
    sizes, positives, parts = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    letters = sequences(fasta)
    for pair, found in part.items():
        sizes[found] += 1
        positives[found] += labels[pair]
        parts[letters[pair[1]]].add(found)
    likeness = {}
    for first, second, identity in rows(hits, 0):
        a, b = sorted((letters[first], letters[second]))
        if a in parts and b in parts and a != b:
            likeness[a, b] = max(likeness.get((a, b), 0), float(identity))
    apart = {couple: value for couple, value in likeness.items() if len(parts[couple[0]] | parts[couple[1]]) > 1}
    # The same sequence under two names in two parts is a leak of 1, too.
    twins = sum(len(found) > 1 for found in parts.values())
    whole = sum(likeness.values()) + twins
    shares = [positives[found] / sizes[found] for found in sizes]
    print(
        name, program, seconds, len(part), len(labels) - len(part),
        *(f"{value / len(part):.3f}" for value in (min(sizes.values()), max(sizes.values()))),
        f"{min(shares):.3f}", f"{max(shares):.3f}",
        f"{(sum(apart.values()) + twins) / whole:.3f}",
        sum(value >= 0.4 for value in apart.values()) + twins,
        f"{max([*apart.values(), float(twins > 0)]):.3f}",
        sep="\t",
    )


main()
