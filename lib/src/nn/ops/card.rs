//! Says what a kernel is launched with, whoever launches it: candle's stream on a card, or a test on the emulated one.

#[cfg(any(test, feature = "cuda"))]
pub(crate) mod desk;

/// The numbers that a kernel reads and writes; it computes in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// IEEE single precision.
    F32,
    /// The upper half of an f32.
    BF16,
    /// IEEE half precision.
    F16,
}

impl Number {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F32, Self::BF16, Self::F16];

    /// Names it as the kernels do.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::BF16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// Counts the bytes of one.
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::BF16 | Self::F16 => 2,
        }
    }
}

/// Kernels that are loaded together: the PTX of one file of `lib/kernels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Module {
    /// The file's name without its ending.
    pub name: &'static str,
    /// Its text, for cards of compute capability 8.0 and newer.
    pub ptx: &'static str,
}

/// One launch: threads lie along x, and the only argument is a struct of 8-byte words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Where the kernel is.
    pub module: Module,
    /// Its name.
    pub kernel: String,
    /// Blocks along x, y and z.
    pub grid: [u32; 3],
    /// Threads of a block.
    pub threads: u32,
    /// Bytes of dynamic shared memory; beyond 48 KiB the kernel must be told so before.
    pub shared: u32,
    /// The argument.
    pub words: Vec<u64>,
}
