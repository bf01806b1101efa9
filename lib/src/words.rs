//! Writes quantities for people.

use std::fmt;

/// A number of bytes, written with one decimal in the largest unit that it reaches.
///
/// ```
/// use crossmamba::words::Size;
///
/// assert_eq!(Size(1_230_000_000).to_string(), "1.2 GB");
/// assert_eq!(Size(999).to_string(), "999 bytes");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
        match units.iter().find(|(_, size)| self.0 as f64 >= *size) {
            Some((unit, size)) => write!(f, "{:.1} {unit}", self.0 as f64 / size),
            None => write!(f, "{} bytes", self.0),
        }
    }
}
