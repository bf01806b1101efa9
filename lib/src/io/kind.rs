//! Recognises files that are no plain text, and names them.

use memchr::memmem;

/// The number of bytes by which a file is recognised.
pub(super) const HEAD: usize = 512;

/// Bytes that tell a kind of file: where they stand, what they are, what the file is, and what to do with it.
type Sign = (usize, &'static [u8], &'static str, &'static str);

const UNPACK: &str = "unpack it first";
const AS_TEXT: &str = "export what it holds as plain text";
const IMPORT: &str = "embeddings are read by `crossmamba-embed --encoder import --from`";
const GZIP: &str = "decompress it first, or compress it with gzip";

const SIGNS: [Sign; 28] = [
    (0, b"%PDF-", "a PDF document", AS_TEXT),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file", "save the sheet as CSV"),
    (0, b"{\\rtf", "an RTF document", AS_TEXT),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", IMPORT),
    (0, b"\x93NUMPY", "a NumPy array", IMPORT),
    (0, b"PAR1\x15", "a Parquet file", "export it as CSV"),
    (0, b"ARROW1\0", "an Arrow file", "export it as CSV"),
    (0, b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (0, b"RDX2\n", "an R data file", "export the table as CSV"),
    (0, b"RDX3\n", "an R data file", "export the table as CSV"),
    (0, b"X\n\0\0\0", "an R data file", "export the table as CSV"),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (4, b"1AY&SY", "compressed with bzip2", GZIP),
    (0, b"\xfd7zXZ\0", "compressed with xz", GZIP),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd", GZIP),
    (0, b"\x89PNG\r\n", "a PNG image", AS_TEXT),
    (0, b"\xff\xd8\xff", "a JPEG image", AS_TEXT),
    (0, b"GIF89a", "a GIF image", AS_TEXT),
    (0, b"\x7fELF", "a program", "check the name of the file"),
    (0, b"BAM\x01", "a BAM file", "export its sequences with `samtools fasta`"),
    (0, b"CRAM\x03", "a CRAM file", "export its sequences with `samtools fasta`"),
    (0, b"LOCUS  ", "a GenBank record", "download it as FASTA"),
    (0, b"ID   ", "an EMBL or UniProt record", "download it as FASTA"),
    (
        0,
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
        "fetch the file with `git lfs pull`",
    ),
    (0, b"HEADER    ", "a PDB structure", "download its sequences as FASTA"),
    (0, b"\x80\x02", "a pickle of Python", AS_TEXT),
];

/// Names a file that is no table, no list and no FASTA by its first bytes, and says what to do with it.
pub(super) fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let known = |sign: &&Sign| head.get(sign.0..).is_some_and(|bytes| bytes.starts_with(sign.1));
    if let Some((_, _, name, remedy)) = SIGNS.iter().find(known) {
        return Some((name, remedy));
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(archive(head));
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if starts(b"<!doctype html") || starts(b"<html") {
        return Some((
            "an HTML page",
            "a download may have ended at an error page: look at it, and download the file again",
        ));
    }
    if starts(b"<?xml") {
        return Some(("an XML file", "download or export it as FASTA or as a table"));
    }
    if starts(b"{\"") || starts(b"[{") || (starts(b"{") && text[1..].trim_ascii_start().starts_with(b"\"")) {
        return Some(("a JSON file", "export it as FASTA or as a table"));
    }
    None
}

/// Tells the kinds of zip archives by the names of what is in them.
fn archive(head: &[u8]) -> (&'static str, &'static str) {
    let holds = |name: &[u8]| memmem::find(head, name).is_some();
    if holds(b"[Content_Types].xml") || holds(b"_rels/.rels") || holds(b"xl/") || holds(b"docProps/") {
        ("an Excel or Word file", "save the sheet as CSV")
    } else if holds(b"vnd.oasis.opendocument") {
        ("an OpenDocument file", "save the sheet as CSV")
    } else if holds(b".npy") {
        ("an .npz archive of NumPy", IMPORT)
    } else {
        ("a zip archive", UNPACK)
    }
}
