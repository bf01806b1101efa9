"""Makes the files of this folder: embeddings as other programs write them.

    python make.py        needs numpy, h5py, safetensors and torch; made with 2.4.6, 3.16.0 (HDF5 2.0.0), 0.8.0, 2.15.0

The value of record k, residue i, column c is ((7 k + 3 i + c) mod 61 - 30) / 4, which every number format holds
exactly; the vector of a record has the residue -1. `tests/exchange.rs` knows the same rule.
"""

import os

import h5py
import numpy as np
import torch
from safetensors.numpy import save_file

RECORDS = [
    ("a", "MKVLAAGIVGLCA", "a"),
    ("b", "GSHMKRR", "b"),
    ("sp|P12345|NAME_HUMAN", "ACDEFGHIKLMNPQRSTVWYACDEFGHIKLMNPQRSTVWYAC", "P12345"),
    ("d", "M", "d"),
]
WIDTH = 6


def row(k, i):
    return [((7 * k + 3 * i + c) % 61 - 30) / 4 for c in range(WIDTH)]


def rows(k, first=0, behind=0, kind="<f4"):
    length = len(RECORDS[k][1])
    return np.array([row(k, i) for i in range(-first, length + behind)], dtype=kind)


def vector(k, kind="<f4"):
    return np.array(row(k, -1), dtype=kind)


def hdf5(name, arrays, libver=None, attribute=False, **options):
    with h5py.File(name, "w", libver=libver) as file:
        for k, (key, array) in enumerate(arrays):
            data = file.create_dataset(str(k) if attribute else key, data=array, **options)
            if attribute:
                data.attrs["original_id"] = key


def main():
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    with open("proteins.fa", "w", encoding="ascii") as out:
        for name, sequence, _ in RECORDS:
            out.write(f">{name}\n{sequence}\n")
        out.write(f">again\n{RECORDS[1][1]}\n")  # the sequence of b once more
    all_k = range(len(RECORDS))
    ids = [name for name, _, _ in RECORDS]
    accessions = [accession for _, _, accession in RECORDS]

    np.savez("rows.npz", **{ids[k]: rows(k) for k in all_k}, other=rows(0))
    kinds = ["<f2", ">f8", "<f8", ">f4"]
    np.savez_compressed("packed.npz", **{ids[k]: np.asfortranarray(rows(k, kind=kinds[k])) for k in all_k})
    np.savez("vectors.npz", **{ids[k]: vector(k) for k in all_k})
    np.savez("both.npz", **{ids[k]: rows(k, 1, 1)[None] for k in all_k})  # as transformers gives them: (1, l + 2, d)
    np.savez("last.npz", **{ids[k]: rows(k, 0, 1) for k in all_k})
    os.makedirs("npy", exist_ok=True)
    for k in all_k:
        np.save(f"npy/{accessions[k]}.npy", rows(k, kind="<f2"))
    save_file({ids[k]: rows(k) for k in all_k}, "rows.safetensors")
    os.chmod("rows.safetensors", 0o644)

    # bio_embeddings: numbers as names, the identifier as an attribute, contiguous single precision.
    hdf5("bio_embeddings.h5", [(ids[k], rows(k)) for k in all_k], attribute=True)
    # biotrainer: likewise, compressed half precision.
    options = {"compression": "gzip", "chunks": True}
    hdf5("biotrainer.h5", [(ids[k], rows(k, kind="<f2")) for k in all_k], attribute=True, **options)
    # UniProt's downloads: accessions as names; per residue and per protein.
    hdf5("uniprot_residues.h5", [(accessions[k], rows(k, kind="<f2")) for k in all_k], **options)
    hdf5("uniprot_proteins.h5", [(accessions[k], vector(k, "<f2")) for k in all_k])
    # The newest format, chunks that do not divide the rows, the shuffle filter and checksums, big-endian doubles.
    options = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    with h5py.File("latest.h5", "w", libver="latest") as file:
        for k in all_k:
            length = len(RECORDS[k][1])
            chunks = (min(5, length), 4)
            limit = (None, WIDTH) if k % 2 else None
            data = rows(k, kind=">f8")
            file.create_dataset(ids[k], data=data, chunks=chunks, maxshape=limit, **options)
    # More names than one level of the group's tree holds.
    hdf5("many.h5", [(f"m{i:03}", np.array([i, -i], dtype="<f2")) for i in range(300)])

    # fair-esm's extract.py --include mean per_tok --repr_layers 33: a file per record, the title as the label.
    os.makedirs("esm", exist_ok=True)
    for k in all_k:
        result = {
            "label": f"{ids[k]} some protein",
            "representations": {33: torch.tensor(rows(k))},
            "mean_representations": {33: torch.tensor(vector(k))},
        }
        torch.save(result, f"esm/{accessions[k]}.pt")
    two = {12: torch.tensor(rows(0)), 33: torch.tensor(rows(0, kind="<f4") + 1)}
    torch.save({"label": "a", "representations": two}, "two_layers.pt")
    torch.save({ids[k]: torch.tensor(rows(k)).to(torch.bfloat16) for k in all_k}, "dictionary.pt")


if __name__ == "__main__":
    main()
