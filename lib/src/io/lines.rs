//! Refuses lines that no table has, so that a small compressed file cannot fill the memory.

use std::io::{self, BufRead, Read};

/// Beyond any row of a table, in bytes.
const LONGEST: usize = 16 << 20;

/// Reads lines of limited length.
pub(super) struct Lines<R> {
    inner: R,
    /// The bytes since the last end of a line.
    since: usize,
}

impl<R> Lines<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self { inner, since: 0 }
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > LONGEST {
            let words = "a line is longer than 16 MiB; check whether the file is a table";
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed is still in the buffer, so that nothing is read and nothing can fail here.
        let consumed = self.inner.fill_buf().ok().and_then(|buffer| buffer.get(..amount));
        self.since = match consumed.and_then(|bytes| memchr::memrchr(b'\n', bytes)) {
            Some(end) => amount - end - 1,
            None => self.since + amount,
        };
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(to)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_beyond_the_limit_is_refused_and_any_number_of_shorter_ones_is_read() {
        let short = b"a row of a table\n".repeat(2_000_000);
        let mut all = Vec::new();
        Lines::new(&short[..]).read_to_end(&mut all).unwrap();
        assert!(all == short);
        let long = io::repeat(b'\0').take(1 << 40);
        let mut line = Vec::new();
        let error = Lines::new(io::BufReader::new(long)).read_until(b'\n', &mut line).unwrap_err();
        assert!(error.to_string().contains("longer than 16 MiB"), "{error}");
        assert!(line.len() < 2 * LONGEST);
    }
}
