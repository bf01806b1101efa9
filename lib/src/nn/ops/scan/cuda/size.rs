//! How large a scan is, how it is cut into blocks and tiles, and how much memory it needs beside its outputs.

use crate::{Error, Result};

/// Threads of a block.
pub(super) const THREADS: usize = 128;
/// The most steps of segments that are done without tiles.
const SHORT: usize = 16;
/// The most states per channel that the kernels take.
pub const MOST_STATES: usize = 64;

/// The sizes of one scan: letters as in [the module](crate::nn::ops::scan).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Packed tokens.
    pub t: usize,
    /// Segments.
    pub s: usize,
    /// Channels.
    pub e: usize,
    /// States per channel.
    pub n: usize,
    /// Tokens of the longest segment.
    pub longest: usize,
    /// Whether it is a read-out.
    pub readout: bool,
}

impl Size {
    /// Counts the f32 that the forward keeps for the backward: states, and times of a read-out.
    pub fn kept(&self) -> [usize; 2] {
        if self.short() {
            return [0; 2];
        }
        let tiles = self.t / self.steps() + self.s;
        [tiles * self.e * self.padded(), if self.readout { tiles * self.e } else { 0 }]
    }

    /// Counts the f32 of the backward's parts: those by `b` and `c`, by `a`, by `d`, and by the bias.
    pub fn parts(&self) -> [usize; 4] {
        let (channels, padded) = (self.s * self.e, self.padded());
        [self.tiles() * self.t * 2 * padded, channels * padded, channels, channels]
    }

    /// Says whether the kernels for short segments do it (`short.cuh`), which keep all steps in registers.
    fn short(&self) -> bool {
        self.longest <= SHORT && self.n <= 16
    }

    /// States per channel as the kernels hold them.
    pub(super) fn padded(&self) -> usize {
        if self.n <= 16 { 16 } else { MOST_STATES }
    }

    /// Channels of a block.
    fn channels(&self) -> usize {
        THREADS * 16 / self.padded()
    }

    /// Tiles of channels.
    pub(super) fn tiles(&self) -> usize {
        self.e.div_ceil(self.channels())
    }

    /// Steps of a tile of time.
    fn steps(&self) -> usize {
        if self.readout { 8 } else { 16 }
    }

    /// Names the kernels that suit it, without the number.
    pub(super) fn form(&self) -> (&'static str, usize) {
        let form = match (self.readout, self.short()) {
            (false, false) => "",
            (false, true) => "short_",
            (true, false) => "readout_",
            (true, true) => "readout_short_",
        };
        (form, self.padded())
    }

    /// Bytes of shared memory that the backward asks for, as `backward.cuh` lays it out.
    pub(super) fn backward_shared(&self) -> usize {
        if self.short() {
            return 0;
        }
        let (steps, padded, group) = (self.steps(), self.padded(), if self.readout { 2 } else { 4 });
        let groups = steps / group - 1;
        let times = if self.readout { groups * self.channels() } else { 1 };
        let floats = 6 * steps * self.channels() + 2 * steps * padded + 8 * steps * padded;
        4 * (floats + groups * 4 * THREADS * 4 + times)
    }

    /// Says whether there are kernels for so many states: up to [`MOST_STATES`].
    pub fn has_kernels(&self) -> bool {
        (1..=MOST_STATES).contains(&self.n)
    }

    /// Says whether the kernels can count it: states that they have, 65 535 tiles of channels, 2³¹ values.
    pub fn fits(&self) -> bool {
        let values = self.t.max(self.s).saturating_mul(self.e.max(self.n));
        self.has_kernels() && self.tiles() <= 65_535 && i32::try_from(values).is_ok()
    }

    /// Refuses what candle's tensor operations cannot count: they take the number of values modulo 2³².
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] for a composite of 2³² values and more.
    #[cfg(feature = "cuda")]
    pub(crate) fn check_composite(&self) -> Result<()> {
        let values = self.t.saturating_mul(self.e).saturating_mul(self.n);
        if u32::try_from(values).is_ok() {
            return Ok(());
        }
        Err(Error::defect("scan", format!("{self:?} is too large for the tensor operations of a card")))
    }

    /// Refuses what the kernels cannot count.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if it does not fit.
    pub(super) fn check(&self) -> Result<()> {
        if self.fits() {
            return Ok(());
        }
        Err(Error::defect("scan", format!("{self:?} is too large for the kernels of a card")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_memory_is_what_the_kernels_assert() {
        let bytes = [(16, false), (64, false), (16, true), (33, true)]
            .map(|(n, readout)| Size { t: 99, s: 1, e: 1, n, longest: 99, readout }.backward_shared());
        let source = include_str!("../../../../../kernels/scan/backward.cuh");
        for bytes in bytes {
            assert!(
                source.contains(&format!("== {bytes}")),
                "{bytes} bytes are not what backward.cuh asserts"
            );
        }
    }
}
