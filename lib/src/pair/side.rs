//! Tells the two molecules of a pair apart.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// One of the two molecules of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The RNA.
    Rna,
    /// Its partner: a protein, a small molecule or another RNA.
    Partner,
}

impl Side {
    /// Both sides, in the order in which everything is kept.
    pub const BOTH: [Self; 2] = [Self::Rna, Self::Partner];

    /// Gives the name used in parameter names and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rna => "rna",
            Self::Partner => "partner",
        }
    }

    /// Gives the side of the other molecule.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Rna => Self::Partner,
            Self::Partner => Self::Rna,
        }
    }
}

/// One thing for the RNA and one for its partner.
///
/// A file may also hold it as a list of two, the RNA's first, as earlier versions wrote it.
///
/// ```
/// use crossmamba::pair::{Side, Sides};
///
/// let lengths = Sides::new("GGAUC", "MKV").map(str::len);
/// assert_eq!((lengths.rna, lengths[Side::Partner]), (5, 3));
/// let written = Sides::of(|side| side.name());
/// assert_eq!(serde_json::to_string(&written).unwrap(), r#"{"rna":"rna","partner":"partner"}"#);
/// assert_eq!(serde_json::from_str::<Sides<usize>>("[5, 3]").unwrap(), lengths);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides<T> {
    /// The RNA's.
    pub rna: T,
    /// The partner's.
    pub partner: T,
}

impl<T> Sides<T> {
    /// Joins the RNA's and the partner's.
    pub const fn new(rna: T, partner: T) -> Self {
        Self { rna, partner }
    }

    /// Makes one for each side, the RNA's first.
    pub fn of(mut make: impl FnMut(Side) -> T) -> Self {
        Self { rna: make(Side::Rna), partner: make(Side::Partner) }
    }

    /// Makes one for each side, the RNA's first.
    ///
    /// # Errors
    /// The first side that cannot be made.
    pub fn try_of<E>(mut make: impl FnMut(Side) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self { rna: make(Side::Rna)?, partner: make(Side::Partner)? })
    }

    /// Borrows both.
    pub const fn as_ref(&self) -> Sides<&T> {
        Sides { rna: &self.rna, partner: &self.partner }
    }

    /// Turns each into something else, the RNA's first.
    pub fn map<U>(self, mut turn: impl FnMut(T) -> U) -> Sides<U> {
        Sides { rna: turn(self.rna), partner: turn(self.partner) }
    }

    /// Turns each into something else, the RNA's first.
    ///
    /// # Errors
    /// The first side that cannot be turned.
    pub fn try_map<U, E>(self, mut turn: impl FnMut(T) -> Result<U, E>) -> Result<Sides<U>, E> {
        Ok(Sides { rna: turn(self.rna)?, partner: turn(self.partner)? })
    }

    /// Lists the RNA's and the partner's.
    pub fn into_array(self) -> [T; 2] {
        [self.rna, self.partner]
    }
}

impl<T> From<[T; 2]> for Sides<T> {
    fn from([rna, partner]: [T; 2]) -> Self {
        Self { rna, partner }
    }
}

impl<T> Index<Side> for Sides<T> {
    type Output = T;

    fn index(&self, side: Side) -> &T {
        match side {
            Side::Rna => &self.rna,
            Side::Partner => &self.partner,
        }
    }
}

impl<T> IndexMut<Side> for Sides<T> {
    fn index_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Rna => &mut self.rna,
            Side::Partner => &mut self.partner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_keeps_what_is_its_own() {
        let mut sides = Sides::of(|side| side.name().to_owned());
        sides[Side::Partner].push('!');
        assert_eq!(sides, Sides::new("rna".into(), "partner!".into()));
        assert_eq!(sides.as_ref().map(String::len).into_array(), [3, 8]);
        assert_eq!(
            Sides::try_of(|side| if side == Side::Rna { Ok(1) } else { Err(side) }),
            Err(Side::Partner)
        );
        assert!(Side::BOTH.iter().all(|side| side.other() != *side && side.other().other() == *side));
    }
}
