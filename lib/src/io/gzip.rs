//! Decompresses gzip (RFC 1952): member after member, whether each is plain gzip or a block of BGZF (SAM specification,
//! section 4.1), with or without padding between and behind them.

use std::io::{self, BufRead, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Flags of a member's header.
const HAS_CHECKSUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// The decompressed bytes of all members.
pub(super) struct Members<R> {
    inner: R,
    inflate: Decompress,
    checksum: Crc,
    within: Within,
    /// Whether the latest member is a block of BGZF.
    block: bool,
}

/// Where the reader stands.
#[derive(PartialEq)]
enum Within {
    /// Before a member, which need not be there.
    Between,
    Member,
    End,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(inner: R) -> Self {
        let (inflate, checksum) = (Decompress::new(false), Crc::new());
        Self { inner, inflate, checksum, within: Within::Between, block: false }
    }

    /// Passes over padding and the next header; gives whether there is one.
    fn start(&mut self) -> io::Result<bool> {
        loop {
            let bytes = self.inner.fill_buf()?;
            if bytes.is_empty() {
                // A BGZF file ends with an empty block: without it the file was cut between two blocks.
                return if self.block && self.checksum.amount() > 0 { Err(early()) } else { Ok(false) };
            }
            let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
            let padding = zeros == bytes.len();
            self.inner.consume(zeros);
            if !padding {
                break;
            }
        }
        let mut header = [0; 10];
        self.inner.read_exact(&mut header[..2]).map_err(|_| followed())?;
        if header[..2] != MAGIC {
            return Err(followed());
        }
        self.fill(&mut header[2..])?;
        let [_, _, method, flags, ..] = header;
        if method != 8 || flags & RESERVED != 0 {
            return Err(damaged());
        }
        self.block = flags & HAS_EXTRA != 0 && self.extra()?;
        for flag in [HAS_NAME, HAS_COMMENT] {
            while flags & flag != 0 && self.byte()? != 0 {}
        }
        if flags & HAS_CHECKSUM != 0 {
            self.fill(&mut [0; 2])?;
        }
        self.inflate.reset(false);
        self.checksum.reset();
        Ok(true)
    }

    /// Reads the extra fields of a header, and tells whether they are those of BGZF.
    fn extra(&mut self) -> io::Result<bool> {
        let mut length = [0; 2];
        self.fill(&mut length)?;
        let mut fields = vec![0; usize::from(u16::from_le_bytes(length))];
        self.fill(&mut fields)?;
        let mut rest = fields.as_slice();
        while let [first, second, low, high, more @ ..] = rest {
            if [*first, *second] == *b"BC" {
                return Ok(true);
            }
            rest = more.get(usize::from(u16::from_le_bytes([*low, *high]))..).unwrap_or_default();
        }
        Ok(false)
    }

    /// Compares what was decompressed with what the member says of it.
    fn finish(&mut self) -> io::Result<()> {
        let (mut checksum, mut length) = ([0; 4], [0; 4]);
        self.fill(&mut checksum)?;
        self.fill(&mut length)?;
        let same = u32::from_le_bytes(checksum) == self.checksum.sum()
            && u32::from_le_bytes(length) == self.checksum.amount();
        if same { Ok(()) } else { Err(damaged()) }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.fill(&mut byte)?;
        Ok(byte[0])
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => early(),
            _ => error,
        })
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !out.is_empty() && self.within != Within::End {
            if self.within == Within::Between {
                self.within = if self.start()? { Within::Member } else { Within::End };
                continue;
            }
            let bytes = self.inner.fill_buf()?;
            let ended = bytes.is_empty();
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(bytes, out, FlushDecompress::None).map_err(|_| damaged())?;
            let used = (self.inflate.total_in() - before.0) as usize;
            let count = (self.inflate.total_out() - before.1) as usize;
            self.inner.consume(used);
            self.checksum.update(&out[..count]);
            if status == Status::StreamEnd {
                self.finish()?;
                self.within = Within::Between;
            } else if count == 0 && ended {
                return Err(early());
            } else if count == 0 && used == 0 {
                return Err(damaged());
            }
            if count > 0 {
                return Ok(count);
            }
        }
        Ok(0)
    }
}

fn early() -> io::Error {
    let words = "the compressed data end too early; copy or download the file again";
    io::Error::new(io::ErrorKind::UnexpectedEof, words)
}

fn damaged() -> io::Error {
    let words = "the compressed data are damaged; copy or download the file again";
    io::Error::new(io::ErrorKind::InvalidData, words)
}

fn followed() -> io::Error {
    let words = "the compressed data are followed by something else; copy or download the file again";
    io::Error::new(io::ErrorKind::InvalidData, words)
}
