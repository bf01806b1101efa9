//! The values of a register, lane by lane, and which of them were ever set.

/// Lanes of a warp.
pub(crate) const WARP: usize = 32;
/// All lanes.
pub(crate) const FULL: u32 = !0;
/// `from` of a value that was not read from memory.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// One value per lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lanes<T> {
    pub(crate) x: [T; WARP],
    /// A bit for each lane whose value was set from values that were set.
    pub(crate) known: u32,
    /// Index of the load that brought an unknown value, if one did.
    pub(crate) from: u32,
}

impl<T: Copy> Lanes<T> {
    /// The same value in every lane.
    #[inline]
    pub(crate) fn all(x: T) -> Self {
        Self { x: [x; WARP], known: FULL, from: NOWHERE }
    }

    /// Known values.
    #[inline]
    pub(crate) fn of(x: [T; WARP]) -> Self {
        Self { x, known: FULL, from: NOWHERE }
    }

    /// Replaces the values; they are as known as these.
    #[inline]
    pub(crate) fn map<U: Copy>(&self, f: impl Fn(T) -> U) -> Lanes<U> {
        Lanes { x: self.x.map(f), known: self.known, from: self.from }
    }

    /// What a result is known of that needs these and others.
    #[inline]
    pub(crate) fn and<U>(&self, other: &Lanes<U>) -> (u32, u32) {
        let from = if self.known != FULL && self.from != NOWHERE { self.from } else { other.from };
        (self.known & other.known, from)
    }

    /// Overwrites the lanes of `mask`.
    #[inline]
    pub(crate) fn blend(&mut self, mask: u32, new: &Self) {
        if mask == FULL {
            *self = *new;
            return;
        }
        for lane in 0..WARP {
            if mask >> lane & 1 == 1 {
                self.x[lane] = new.x[lane];
            }
        }
        self.known = self.known & !mask | new.known & mask;
        if new.known & mask != mask {
            self.from = new.from;
        }
    }
}

/// Whether a lane is in a mask.
#[inline]
pub(crate) fn has(mask: u32, lane: usize) -> bool {
    mask >> lane & 1 == 1
}

/// The lanes of a mask, lowest first.
#[inline]
pub(crate) fn lanes(mask: u32) -> impl Iterator<Item = usize> {
    (0..WARP).filter(move |&lane| has(mask, lane))
}

/// A mask of the lanes for which `f` holds.
#[inline]
pub(crate) fn mask_of(f: impl Fn(usize) -> bool) -> u32 {
    (0..WARP).fold(0, |mask, lane| mask | u32::from(f(lane)) << lane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blending_keeps_what_is_outside_of_the_mask() {
        let mut a = Lanes::all(1u32);
        let b = Lanes { known: 0b01, from: 7, ..Lanes::all(2) };
        a.blend(0b11, &b);
        assert_eq!((a.x[0], a.x[1], a.x[2]), (2, 2, 1));
        assert_eq!((a.known, a.from), (!0b10, 7));
        assert_eq!(a.and(&Lanes::all(0u64)), (!0b10, 7));
    }
}
