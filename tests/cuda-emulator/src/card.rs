//! The limits of the card that is played.

/// What a card allows a block and a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Compute capability, as in 8.0.
    pub capability: (u32, u32),
    /// Bytes of shared memory that a block may have, static and dynamic together, once the limit is raised.
    pub shared_per_block: usize,
    /// Multiprocessors.
    pub multiprocessors: u32,
}

impl Card {
    /// The A100: 163 KiB of shared memory per block.
    pub const AMPERE: Self = Self { capability: (8, 0), shared_per_block: 163 << 10, multiprocessors: 108 };
    /// The H100 and the H200: 227 KiB of shared memory per block.
    pub const HOPPER: Self = Self { capability: (9, 0), shared_per_block: 227 << 10, multiprocessors: 132 };

    /// Bytes of shared memory that a kernel may have without asking for more.
    pub const SHARED_UNASKED: usize = 48 << 10;
    /// Threads of a block.
    pub const THREADS: u32 = 1024;
    /// Blocks of a grid along y and along z.
    pub const GRID_YZ: u32 = 65_535;
}
