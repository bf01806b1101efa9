"""Writes proteins in families as FASTA: `families.py COUNT [SEED]`.

Each family has a root of 80 to 320 letters, in the frequencies of Swiss-Prot, and up to 19 further members; each of these has
5 to 30 % of the root's letters replaced, and one in ten is a piece of half the length. The name of a member says its family.
"""

import random
import sys

LETTERS = "ALGVESIKRDTPNQFYMHCW"
WEIGHTS = [825, 965, 708, 686, 672, 665, 591, 580, 553, 546, 536, 474, 406, 393, 386, 292, 241, 227, 138, 110]


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    made = family = 0
    while made < count:
        root = rng.choices(LETTERS, WEIGHTS, k=rng.randint(80, 320))
        for member in range(min(rng.randint(1, 20), count - made)):
            letters = root[:]
            if member:
                changed = int(len(root) * rng.uniform(0.05, 0.3))
                for place, letter in zip(rng.sample(range(len(root)), changed), rng.choices(LETTERS, WEIGHTS, k=changed)):
                    letters[place] = letter
                if rng.random() < 0.1:
                    start = rng.randrange(len(letters) // 2)
                    letters = letters[start : start + len(letters) // 2]
            print(f">f{family}_{member}\n{''.join(letters)}")
            made += 1
        family += 1


main()
