//! Opens inputs whatever their compression.

use super::{Input, Source};
use crate::Result;

/// Opens a file, or standard input for `-`; gzip and BGZF are told by their bytes, never by a suffix.
///
/// ```
/// use std::io::Read as _;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rna.fa");
/// std::fs::write(&path, ">r1\nACGU\n").unwrap();
/// let mut text = String::new();
/// crossmamba::io::open(&path).unwrap().read_to_string(&mut text).unwrap();
/// assert_eq!(text, ">r1\nACGU\n");
/// ```
///
/// # Errors
/// As [`Source::open`].
pub fn open(source: impl Into<Source>) -> Result<Input> {
    source.into().open()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use noodles::bgzf;

    use super::*;
    use crate::record::Digest;

    /// Reads a file as a source, and checks its digest by the way.
    fn read(bytes: &[u8]) -> std::result::Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.anything");
        std::fs::write(&path, bytes).unwrap();
        let mut text = String::new();
        let source = Source::new(&path);
        let mut input = open(&source).map_err(|e| e.to_string().rsplit_once(": ").unwrap().1.to_owned())?;
        input.read_to_string(&mut text).map_err(|e| e.to_string())?;
        assert_eq!(source.digest().unwrap(), Digest::of(bytes));
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut gzip = flate2::GzBuilder::new()
            .filename("x")
            .comment("y")
            .extra([1, 2, 3])
            .write(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    fn blocks(text: &str) -> Vec<u8> {
        let mut blocks = bgzf::io::Writer::new(Vec::new());
        blocks.write_all(text.as_bytes()).unwrap();
        blocks.finish().unwrap()
    }

    #[test]
    fn plain_gzip_and_bgzf_read_alike_whatever_their_name() {
        let text = ">a\nACGU\n";
        assert_eq!(read(text.as_bytes()).unwrap(), text);
        assert_eq!(read(b"").unwrap(), "");
        assert_eq!(read(&gzip(text)).unwrap(), text);
        assert_eq!(read(&blocks(text)).unwrap(), text);
        let long = text.repeat(100_000);
        assert_eq!(read(&blocks(&long)).unwrap(), long);
    }

    #[test]
    fn members_of_either_kind_join_with_padding_between_and_behind() {
        let zeros = vec![0; 300_000];
        for first in [gzip("a"), blocks("a")] {
            for second in [gzip("b"), blocks("b"), gzip(""), blocks("")] {
                let whole = if second.len() > gzip("").len() { "ab" } else { "a" };
                let whole = if second == blocks("") { "a" } else { whole };
                assert_eq!(read(&[&first[..], &second].concat()).unwrap(), whole);
                assert_eq!(read(&[&first[..], &zeros, &second, &zeros].concat()).unwrap(), whole);
            }
        }
    }

    #[test]
    fn compressed_data_cut_anywhere_are_an_error() {
        let text = ">a\nACGUACGUUAGC\n".repeat(10_000);
        for whole in [gzip(&text), blocks(&text)] {
            // The first byte alone, or none, is a plain text.
            for cut in (2..whole.len()).step_by(97).chain([whole.len() - 28, whole.len() - 1]) {
                let message = read(&whole[..cut]).unwrap_err();
                assert!(message.contains("the compressed data end too early"), "{cut}: {message}");
            }
        }
        let message = read(&[gzip("a"), b"and something else".to_vec()].concat()).unwrap_err();
        assert!(message.contains("the compressed data are followed by something else"), "{message}");
    }

    #[test]
    fn a_changed_byte_of_compressed_data_is_an_error() {
        let whole = blocks(">a\nACGU\n");
        for at in [2, 3, 20, whole.len() - 28 - 8, whole.len() - 28 - 1] {
            let mut hurt = whole.clone();
            hurt[at] ^= 0x80;
            let message = read(&hurt).unwrap_err();
            assert!(message.contains("the compressed data"), "{at}: {message}");
        }
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = open(folder.path()).err().unwrap().to_string();
        assert!(message.ends_with("is a folder, not a file; name the file inside it"), "{message}");
    }

    #[test]
    fn other_kinds_of_file_are_called_by_their_names() {
        let tar = [vec![b'x'; 257], b"ustar\0".to_vec()].concat();
        let cases: [(&[u8], &str); 7] = [
            (
                b"PK\x03\x04\x14\0\x06\0[Content_Types].xml",
                "is an Excel or Word file, not plain text; save the",
            ),
            (b"PK\x03\x04\x14\0\0\0weights.npy", "is an .npz archive of NumPy"),
            (b"%PDF-1.7\n", "is a PDF document"),
            (b"\x89HDF\r\n\x1a\n", "is an HDF5 file"),
            (&tar, "is a tar archive, not plain text; unpack it first"),
            (b"\n<!DOCTYPE html>\n", "is an HTML page"),
            (b"{\n  \"a\": 1}", "is a JSON file"),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for (bytes, words) in cases {
            for bytes in [bytes.to_vec(), gzip(&String::from_utf8_lossy(bytes))] {
                // Compressed text of bytes that are no text is another text.
                if bytes.starts_with(&[0x1f]) && (words.contains("HDF5")) {
                    continue;
                }
                std::fs::write(&path, bytes).unwrap();
                let message = open(&path).err().unwrap().to_string();
                assert!(message.contains(words), "{message}");
            }
        }
        for text in [">a\nACGU\n", "[Na+].[Cl-]\tsalt\n", "rna_id\tpartner_id\n", "@a\nA\n+\nI\n", "IDs\tx\n"]
        {
            std::fs::write(&path, text).unwrap();
            assert!(open(&path).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_pipe_is_digested_while_it_is_read_and_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        let bytes = [gzip(">a\nACGU\n"), vec![0; 70_000]].concat();
        let (to, written) = (path.clone(), bytes.clone());
        let writer = std::thread::spawn(move || std::fs::write(to, written).unwrap());
        let source = Source::new(&path);
        let mut text = String::new();
        open(&source).unwrap().read_to_string(&mut text).unwrap();
        writer.join().unwrap();
        assert_eq!((text.as_str(), source.digest().unwrap()), (">a\nACGU\n", Digest::of(&bytes)));
        let message = open(&source).err().unwrap().to_string();
        assert!(message.ends_with("is read already; a pipe can be read once only"), "{message}");
    }
}
