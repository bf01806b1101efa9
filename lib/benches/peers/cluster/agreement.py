"""Says how far clusters keep the families apart that made the sequences: `agreement.py CLUSTERS`.

CLUSTERS is a table of two columns, of which one is `f<family>_<member>`, or a `.clstr` file of CD-HIT. Prints the number of
clusters, of families that are in more than one cluster, and of clusters that hold more than one family.
"""

import collections
import re
import sys


def members(path):
    """Yield the cluster and the family of each sequence."""
    cluster = None
    with open(path) as table:
        for line in table:
            if path.endswith(".clstr"):
                if line.startswith(">Cluster"):
                    cluster = line
                    continue
                yield cluster, re.search(r">f(\d+)_", line)[1]
            else:
                first, second = line.rstrip("\n").split("\t")
                if second == "cluster":
                    continue
                # Ours: molecule, cluster. MMseqs2: representative, molecule.
                cluster, name = (second, first) if second.isdigit() else (first, second)
                yield cluster, name[1:].split("_")[0]


def main():
    clusters, families = collections.defaultdict(set), collections.defaultdict(set)
    for cluster, family in members(sys.argv[1]):
        clusters[cluster].add(family)
        families[family].add(cluster)
    divided = sum(len(found) > 1 for found in families.values())
    mixed = sum(len(found) > 1 for found in clusters.values())
    print(len(clusters), divided, mixed, sep="\t")


main()
