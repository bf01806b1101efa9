//! Names the part that a pair plays in a split.

use std::fmt;
use std::str::FromStr;

/// The part of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Tested in this fold and trained on in all others.
    Fold(u32),
    /// Trained on; beside numbered folds, in every one of them.
    Train,
    /// Used to stop and to calibrate.
    Validation,
    /// Reported on.
    Test,
    /// In none of them: a split by clusters of both molecules leaves out the pairs that cross its borders.
    Unused,
}

impl Part {
    /// Gives the number of a numbered fold.
    pub const fn fold(self) -> Option<u32> {
        match self {
            Self::Fold(number) => Some(number),
            _ => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fold(number) => write!(f, "{number}"),
            Self::Train => f.write_str("train"),
            Self::Validation => f.write_str("validation"),
            Self::Test => f.write_str("test"),
            Self::Unused => f.write_str("unused"),
        }
    }
}

impl FromStr for Part {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "train" => Self::Train,
            "validation" => Self::Validation,
            "test" => Self::Test,
            "unused" => Self::Unused,
            number if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                Self::Fold(number.parse().map_err(|_| "a fold's number is too large")?)
            }
            _ => return Err("a fold is a number, train, validation, test or unused"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_fold_is_no_number() {
        assert_eq!("".parse::<Part>().unwrap_err(), "a fold is a number, train, validation, test or unused");
        assert_eq!("99999999999".parse::<Part>().unwrap_err(), "a fold's number is too large");
        assert_eq!("7".parse::<Part>().unwrap(), Part::Fold(7));
    }
}
