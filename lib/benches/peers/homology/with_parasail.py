"""Align all sequences of a FASTA file with all by parasail, on one thread: with_parasail.py KIND FILE.

Prints seconds and how many pairs have at least 16 bits more than chance, counted as crossmamba::homology does.
"""
import math
import sys
import time

import parasail

kind, path = sys.argv[1:]
sequences = [line.strip() for line in open(path) if not line.startswith(">")]
if kind == "rna":
    matrix, gaps, (scale, k) = parasail.matrix_create("ACGU", 2, -3), (7, 2), (0.625, 0.41)
else:
    matrix, gaps, (scale, k) = parasail.blosum62, (12, 1), (0.267, 0.041)
sequences.sort(key=len)
start, found = time.perf_counter(), 0
for at, query in enumerate(sequences):
    profile = parasail.profile_create_16(query, matrix)
    for other in sequences[:at]:
        score = parasail.sw_striped_profile_16(profile, other, *gaps).score
        bits = (scale * score - math.log(k * len(query) * len(other))) / math.log(2)
        found += bits >= 16
print(f"{time.perf_counter() - start:.3f}\t{found}")
