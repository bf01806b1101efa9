//! Tells the text formats of sequences, and where a record ends in each.

use memchr::{memchr, memchr_iter, memmem, memrchr};

/// A text format of sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `>id description`, then lines of letters.
    Fasta,
    /// Four lines: `@id description`, letters, `+`, qualities.
    Fastq,
    /// One line: a SMILES string, white space and an identifier.
    Smiles,
    /// One line: an identifier, white space and a SMILES string.
    IdSmiles,
}

impl Format {
    /// Finds the end of the last whole record of a text that starts with a record and goes on.
    pub(super) fn last_end(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Fasta => memmem::rfind(text, b"\n>").map(|at| at + 1),
            Self::Smiles | Self::IdSmiles => memrchr(b'\n', text).map(|at| at + 1),
            Self::Fastq => {
                let lines = memchr_iter(b'\n', text).count();
                let mut end = memrchr(b'\n', text)?;
                for _ in 0..lines % 4 {
                    end = memrchr(b'\n', &text[..end])?;
                }
                Some(end + 1)
            }
        }
    }

    /// Finds the end of the first record of a text that starts with a record.
    pub(super) fn first_end(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Fasta => memmem::find(text, b"\n>").map(|at| at + 1),
            Self::Smiles | Self::IdSmiles => memchr(b'\n', text).map(|at| at + 1),
            Self::Fastq => memchr_iter(b'\n', text).nth(3).map(|at| at + 1),
        }
    }

    /// Gives the number of lines of every record, if they all have the same.
    pub(super) const fn lines(self) -> Option<usize> {
        match self {
            Self::Fasta => None,
            Self::Fastq => Some(4),
            Self::Smiles | Self::IdSmiles => Some(1),
        }
    }

    /// Finds the identifier in the text of a record, which may have been cut.
    pub(super) fn id_of(self, record: &[u8]) -> &[u8] {
        let line = &record[..memchr(b'\n', record).unwrap_or(record.len())];
        let mut words = line.split(u8::is_ascii_whitespace);
        match self {
            Self::Fasta | Self::Fastq => words.next().and_then(|word| word.get(1..)).unwrap_or_default(),
            Self::Smiles => words.filter(|word| !word.is_empty()).nth(1).unwrap_or_default(),
            Self::IdSmiles => words.find(|word| !word.is_empty()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_end_where_the_next_begins() {
        assert_eq!(Format::Fasta.last_end(b">a\nA\n>b\nC\n>c"), Some(10));
        assert_eq!(Format::Fasta.first_end(b">a\nA\n>b\nC\n>c"), Some(5));
        assert_eq!(Format::Fasta.last_end(b">a\nA\n"), None);
        assert_eq!(Format::Fastq.last_end(b"@a\nA\n+\nI\n@b\nC\n"), Some(9));
        assert_eq!(Format::Fastq.last_end(b"@a\nA\n+\nI\n@b\nC\n+\nI\n"), Some(18));
        assert_eq!(Format::Fastq.last_end(b"@a\nA\n+\n"), None);
        assert_eq!(Format::Smiles.last_end(b"C a\nCC b\nC"), Some(9));
        assert_eq!(Format::Smiles.id_of(b"C\t a x\n"), b"a");
        assert_eq!(Format::Fasta.id_of(b">a x\n"), b"a");
    }
}
