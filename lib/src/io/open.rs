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

/// Opens a file, or standard input for `-`; gzip and BGZF are told by their bytes, never by a suffix.
///
/// # Errors
/// A missing file, a folder, or a file that may not be read.
pub fn open(path: impl AsRef<Path>) -> Result<Input> {
    let path = path.as_ref();
    let raw: Box<dyn Read + Send> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        if path.is_dir() {
            return Err(Place::file(path).error("is a folder, not a file", "name the file inside it"));
        }
        Box::new(File::open(path).map_err(Error::io("read", path))?)
    };
    // Eighteen bytes reach the BC field of a BGZF block's header.
    let mut head = Vec::with_capacity(18);
    let mut raw = raw;
    raw.by_ref().take(18).read_to_end(&mut head).map_err(Error::io("read", path))?;
    let (gzip, blocked) = (head.starts_with(&GZIP_MAGIC), is_bgzf(&head));
    let whole = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(raw));
    Ok(if blocked {
        Box::new(bgzf::io::Reader::new(whole))
    } else if gzip {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole)))
    } else {
        Box::new(whole)
    })
}

/// Tells a BGZF header: gzip with an extra field `BC` of two bytes first.
fn is_bgzf(head: &[u8]) -> bool {
    head.len() == 18 && head.starts_with(&GZIP_MAGIC) && head[3] & 4 != 0 && &head[12..16] == b"BC\x02\x00"
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.anything");
        std::fs::write(&path, bytes).unwrap();
        let mut text = String::new();
        open(&path).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn plain_gzip_and_bgzf_read_alike_whatever_their_name() {
        let text = ">a\nACGU\n";
        assert_eq!(read(text.as_bytes()), text);
        assert_eq!(read(b""), "");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(&gzip.finish().unwrap()), text);
        let mut blocks = bgzf::io::Writer::new(Vec::new());
        blocks.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(&blocks.finish().unwrap()), text);
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = open(folder.path()).err().unwrap().to_string();
        assert!(message.ends_with("is a folder, not a file; name the file inside it"), "{message}");
    }
}
