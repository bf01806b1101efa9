//! Embeddings of other programs.

use super::{PDF, PNG, check, row};

const IMPORT: &str = "--kind protein --input protein.fa --output out --encoder import --name x --from";

#[test]
fn foreign_embeddings_and_exports_that_cannot_be_are_refused_in_one_sentence() {
    let from = |file: &str| -> &'static str { format!("{IMPORT} {file}").leak() };
    check(&[
        row(
            "embed",
            from("x.npz"),
            &[("x.npz", PNG)],
            2,
            "x.npz: is not a file of embeddings; give HDF5, `.npz`, `.npy`, safetensors or torch files",
        ),
        row("embed", from("x.h5"), &[("x.h5", PDF)], 2, "x.h5: is not a file of embeddings; give HDF5"),
        row(
            "embed",
            from("x.npz"),
            &[("x.npz", b"PK\x03\x04torn")],
            2,
            "x.npz: the zip archive has no directory at its end",
        ),
        row("embed", from("x.h5"), &[("x.h5", b"\x89HDF\r\n\x1a\ntorn")], 2, "x.h5: cannot be read as HDF5"),
        row(
            "embed",
            from("x.npy"),
            &[("x.npy", b"\x93NUMPY\x01\0")],
            2,
            "x.npy: names no record of the sequences: it has `x`",
        ),
        row(
            "embed",
            from("x.safetensors"),
            &[("x.safetensors", b"\xff\xff\xff\xff\xff\0\0\0{")],
            2,
            "x.safetensors: has a header of 1099511627775 bytes, which the format forbids",
        ),
        row(
            "embed",
            from("x.pt"),
            &[("x.pt", b"\x80\x02}q\x00.")],
            2,
            "x.pt: has the format of torch before 1.6",
        ),
        row("embed", from("rna.store"), &[], 2, "rna.store: is a folder without embeddings; give HDF5"),
        row(
            "embed",
            from("-"),
            &[],
            2,
            "standard input: is a pipe or a device, and must be read in any order",
        ),
        row(
            "embed",
            "export --store rna.fa --output out.h5",
            &[],
            2,
            "rna.fa: is a file, not an embedding store",
        ),
        row(
            "embed",
            "export --store rna.store --output model",
            &[],
            2,
            "model: exists; name a new file or folder",
        ),
        row("embed", "export --store rna.store --output out --format npy", &[], 2, "invalid value 'npy'"),
    ]);
}
