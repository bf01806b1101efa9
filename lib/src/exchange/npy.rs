//! The `.npy` format of one array (`NumPy` Enhancement Proposal 1): its header, read and written.

use crate::tensors::Float;

/// A header and all of its lengths fit into this many bytes for any array of numbers.
pub(super) const LONGEST_HEADER: u64 = 4096;
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) shape: Vec<usize>,
    pub(super) float: Float,
    pub(super) big_endian: bool,
    fortran: bool,
    /// Where the numbers begin.
    pub(super) start: usize,
}

impl Header {
    /// Reads a header from the first bytes of an array; the error says what is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        const TORN: &str = "is not a NumPy array";
        let (version, rest) =
            bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(2)).ok_or(TORN)?;
        let (length, wide) = match version[0] {
            1 => (rest.first_chunk::<2>().map(|&b| usize::from(u16::from_le_bytes(b))), 2_usize),
            2 | 3 => (rest.first_chunk::<4>().map(|&b| u32::from_le_bytes(b) as usize), 4),
            other => return Err(format!("is a NumPy array of format version {other}")),
        };
        let text = length.and_then(|length| rest.get(wide..wide.checked_add(length)?)).ok_or(TORN)?;
        let text = std::str::from_utf8(text).map_err(|_| TORN)?;
        let descr = value_of(text, "descr").ok_or(TORN)?;
        let (float, big_endian) = kind(descr)?;
        let fortran = match value_of(text, "fortran_order") {
            Some(value) if value.starts_with("True") => true,
            Some(value) if value.starts_with("False") => false,
            _ => return Err(TORN.into()),
        };
        let shape = value_of(text, "shape")
            .and_then(|value| value.strip_prefix('(')?.split_once(')'))
            .and_then(|(inside, _)| {
                let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
                sizes.map(|size| size.parse().ok()).collect::<Option<Vec<usize>>>()
            })
            .ok_or(TORN)?;
        if fortran && shape.len() > 2 {
            return Err(format!("has {} dimensions in column order", shape.len()));
        }
        Ok(Self { shape, float, big_endian, fortran, start: 8 + wide + text.len() })
    }

    /// Counts the bytes of the whole array with its header.
    pub(super) fn total(&self) -> Option<u64> {
        self.float.bytes_of(&self.shape)?.checked_add(self.start as u64)
    }

    /// Reads the numbers, in C order whatever their order in the file.
    pub(super) fn decode(&self, bytes: &mut [u8]) -> Vec<f32> {
        let bytes = &mut bytes[self.start..];
        if self.big_endian {
            self.float.swap(bytes);
        }
        let values = self.float.decode(bytes);
        match self.shape[..] {
            [rows, columns] if self.fortran => {
                (0..rows * columns).map(|i| values[i % columns * rows + i / columns]).collect()
            }
            _ => values,
        }
    }
}

/// Makes the header of an array in C order; `descr` as in `<f4`.
pub(super) fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let sizes = if shape.len() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // The numbers begin at a multiple of 64, after blanks and a line end.
    let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    out.extend((length as u16).to_le_bytes());
    out.extend(format!("{text:<0$}\n", length - 1).as_bytes());
    out
}

/// Finds the value of a key in the header's dictionary.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("'{key}'"))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn kind(descr: &str) -> Result<(Float, bool), String> {
    let inside = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map(|(inside, _)| inside);
    let Some(inside) = inside else { return Err("holds records, not floating-point numbers".into()) };
    let float = match inside.trim_start_matches(['<', '>', '=', '|']) {
        "f2" => Float::F16,
        "f4" => Float::F32,
        "f8" => Float::F64,
        "O" => return Err("is an array of pickled objects, not of numbers".into()),
        _ => return Err(format!("holds numbers of the kind `{inside}`, not f2, f4 or f8")),
    };
    Ok((float, inside.starts_with('>')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for shape in [vec![], vec![5], vec![3, 4], vec![1, 2, 3]] {
            let bytes = header("<f4", &shape);
            assert_eq!(bytes.len() % 64, 0);
            let read = Header::parse(&bytes).unwrap();
            assert_eq!((read.shape, read.float, read.start), (shape, Float::F32, bytes.len()));
        }
        assert!(std::str::from_utf8(&header("<f4", &[5])[10..]).unwrap().contains("'shape': (5,), "));
    }

    #[test]
    fn columns_first_are_turned_to_rows_first() {
        let mut bytes = header("<f4", &[2, 3]);
        let at = bytes.windows(5).position(|w| w == b"False").unwrap();
        bytes[at..at + 5].copy_from_slice(b"True ");
        let read = Header::parse(&bytes).unwrap();
        bytes.extend([1f32, 4.0, 2.0, 5.0, 3.0, 6.0].into_iter().flat_map(f32::to_le_bytes));
        assert_eq!(read.decode(&mut bytes), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn what_is_no_array_of_floats_is_named() {
        let said = |descr: &str| Header::parse(&header(descr, &[2])).unwrap_err();
        assert!(said("<i8").contains("of the kind `<i8`"));
        assert!(said("|O").contains("pickled objects"));
        assert_eq!(Header::parse(b"PK").unwrap_err(), "is not a NumPy array");
        let whole = header("<f4", &[2, 3]);
        for length in 0..whole.len() {
            assert!(Header::parse(&whole[..length]).is_err(), "{length}");
        }
        let huge = Header::parse(&header("<f8", &[usize::MAX, 3])).unwrap();
        assert_eq!(huge.total(), None);
    }
}
