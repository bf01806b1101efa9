//! Recognises gzip and BGZF by content and reads either, or plain text, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use noodles::bgzf;

use crate::{Error, Place, Result};

/// A buffered, decompressed input that can move between threads.
pub type Input = Box<dyn BufRead + Send>;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BUFFER: usize = 1 << 17;
/// The empty block that ends every BGZF file (SAM specification, section 4.1.2).
const BGZF_END: [u8; 28] = *b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";

/// Opens a file, or standard input for `-`; gzip and BGZF are told by their bytes, never by a suffix.
///
/// # Errors
/// A missing file, a folder, or a file that may not be read. Reading fails later, with a sentence, when
/// compressed data are damaged or end too early.
pub fn open(path: impl AsRef<Path>) -> Result<Input> {
    let path = path.as_ref();
    let mut raw: Box<dyn Read + Send> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        if path.is_dir() {
            return Err(Place::file(path).error("is a folder, not a file", "name the file inside it"));
        }
        Box::new(File::open(path).map_err(Error::io("read", path))?)
    };
    // Eighteen bytes reach the BC field of a BGZF block's header.
    let mut head = Vec::with_capacity(18);
    raw.by_ref().take(18).read_to_end(&mut head).map_err(Error::io("read", path))?;
    let (gzip, blocked) = (head.starts_with(&GZIP_MAGIC), is_bgzf(&head));
    let whole = BufReader::with_capacity(BUFFER, Tail::new(Cursor::new(head).chain(raw)));
    Ok(if blocked {
        Box::new(BufReader::with_capacity(BUFFER, Blocks(bgzf::io::Reader::new(whole))))
    } else if gzip {
        Box::new(BufReader::with_capacity(BUFFER, Gzip(MultiGzDecoder::new(whole))))
    } else {
        Box::new(whole)
    })
}

/// Tells a BGZF header: gzip with an extra field `BC` of two bytes first.
fn is_bgzf(head: &[u8]) -> bool {
    head.len() == 18 && head.starts_with(&GZIP_MAGIC) && head[3] & 4 != 0 && &head[12..16] == b"BC\x02\x00"
}

/// Remembers the last bytes that were read: only they tell whether a BGZF file is whole.
struct Tail<R> {
    inner: R,
    last: [u8; BGZF_END.len()],
}

impl<R> Tail<R> {
    fn new(inner: R) -> Self {
        Self { inner, last: [0; BGZF_END.len()] }
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let fresh = count.min(self.last.len());
        self.last.rotate_left(fresh);
        let start = self.last.len() - fresh;
        self.last[start..].copy_from_slice(&buffer[count - fresh..count]);
        Ok(count)
    }
}

struct Gzip<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| explain(&error))
    }
}

struct Blocks<R>(bgzf::io::Reader<BufReader<Tail<R>>>);

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer).map_err(|error| explain(&error))?;
        // noodles takes a file that was cut between two blocks for a whole one.
        if count == 0 && !buffer.is_empty() && self.0.get_ref().get_ref().last != BGZF_END {
            return Err(explain(&io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(count)
    }
}

/// Says what is wrong with compressed data; both decoders speak in their own terms.
fn explain(error: &io::Error) -> io::Error {
    let message = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the compressed data end too early; copy or download the file again",
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            "the compressed data are damaged or followed by something else; copy or download the file again"
        }
        kind => return io::Error::new(kind, error.to_string()),
    };
    io::Error::new(error.kind(), message)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(bytes: &[u8]) -> std::result::Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.anything");
        std::fs::write(&path, bytes).unwrap();
        let mut text = String::new();
        open(&path).unwrap().read_to_string(&mut text).map_err(|e| e.to_string())?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
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
        assert_eq!(read(&[gzip("a"), gzip("b")].concat()).unwrap(), "ab");
        assert_eq!(read(&[blocks("a"), blocks("b")].concat()).unwrap(), "ab");
    }

    #[test]
    fn compressed_data_cut_anywhere_are_an_error() {
        let text = ">a\nACGUACGUUAGC\n".repeat(10_000);
        for whole in [gzip(&text), blocks(&text)] {
            // The first two bytes alone, or none, are a plain text.
            for cut in (18..whole.len()).step_by(97).chain([whole.len() - 28, whole.len() - 1]) {
                let message = read(&whole[..cut]).unwrap_err();
                assert!(message.starts_with("the compressed data"), "{cut}: {message}");
            }
        }
        let message = read(&[gzip("a"), b"and something else".to_vec()].concat()).unwrap_err();
        assert!(message.starts_with("the compressed data are damaged"), "{message}");
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = open(folder.path()).err().unwrap().to_string();
        assert!(message.ends_with("is a folder, not a file; name the file inside it"), "{message}");
    }
}
