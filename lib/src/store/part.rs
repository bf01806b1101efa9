//! Divides work among several runs: the sequences of a store by content, the lines of a table by place.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::record::Digest;

/// Part `i` of `n` of some work.
///
/// ```
/// use crossmamba::store::Part;
///
/// let part: Part = "2/3".parse().unwrap();
/// assert_eq!((part.range(10), part.folder()), (3..6, "part-2-of-3".to_owned()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    number: u32,
    of: u32,
}

impl Part {
    /// Tells whether a sequence belongs to this part, which its digest decides, whatever its place or its id.
    pub fn holds(self, digest: &Digest) -> bool {
        let bytes = digest.as_bytes();
        let head = u64::from_le_bytes([
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
        ]);
        head % u64::from(self.of) == u64::from(self.number - 1)
    }

    /// Gives this part of a list of `count` entries: in the order of the parts, the ranges join to the whole list.
    pub fn range(self, count: usize) -> Range<usize> {
        let start = |number: u32| (count as u128 * u128::from(number) / u128::from(self.of)) as usize;
        start(self.number - 1)..start(self.number)
    }

    /// Gives the name of the folder that the part has inside a store.
    pub fn folder(self) -> String {
        format!("part-{}-of-{}", self.number, self.of)
    }

    /// Reads the name of a part's folder.
    pub(super) fn of_folder(name: &str) -> Option<Self> {
        let (number, of) = name.strip_prefix("part-")?.split_once("-of-")?;
        format!("{number}/{of}").parse().ok()
    }

    /// Gives all parts that stand beside this one.
    pub(super) fn siblings(self) -> impl Iterator<Item = Self> {
        (1..=self.of).map(move |number| Self { number, of: self.of })
    }
}

impl FromStr for Part {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a part is written i/n with 1 <= i <= n, as 2/8";
        let (number, of) = text.split_once('/').ok_or(WRONG)?;
        let (number, of) = (number.parse().map_err(|_| WRONG)?, of.parse().map_err(|_| WRONG)?);
        if number >= 1 && number <= of { Ok(Self { number, of }) } else { Err(WRONG) }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_belongs_to_exactly_one_part() {
        let parts: Vec<Part> = "1/3".parse::<Part>().unwrap().siblings().collect();
        for i in 0..100u32 {
            let digest = Digest::of(&i.to_le_bytes());
            assert_eq!(parts.iter().filter(|part| part.holds(&digest)).count(), 1);
        }
        assert_eq!(Part::of_folder("part-2-of-3"), Some(parts[1]));
        assert_eq!(parts[1].folder(), "part-2-of-3");
    }

    #[test]
    fn the_ranges_of_all_parts_join_to_the_list() {
        for count in [0, 2, 7, 1000] {
            let ranges: Vec<_> = "1/3".parse::<Part>().unwrap().siblings().map(|p| p.range(count)).collect();
            assert_eq!((ranges[0].start, ranges[2].end), (0, count));
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(ranges.iter().all(|range| range.len() <= count.div_ceil(3)));
        }
    }

    #[test]
    fn a_part_outside_its_whole_is_refused() {
        for text in ["0/3", "4/3", "3", "a/b", "1/0", "-1/2"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}
