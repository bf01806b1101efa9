//! What a launch says: kernel, grid, block, dynamic shared memory and parameters.

use crate::card::Card;
use crate::fault::Error;
use crate::ptx::Kernel;

/// One launch, built piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Name of the kernel.
    pub kernel: String,
    /// Blocks along x, y and z.
    pub grid: [u32; 3],
    /// Threads along x, y and z.
    pub block: [u32; 3],
    /// Bytes of dynamic shared memory.
    pub shared: usize,
    /// Parameters, laid out as the kernel declares them.
    pub params: Vec<u8>,
}

impl Launch {
    /// Begins with one block of one thread and no parameters.
    pub fn new(kernel: &str) -> Self {
        Self { kernel: kernel.into(), grid: [1; 3], block: [1; 3], shared: 0, params: Vec::new() }
    }

    /// Sets the number of blocks along x.
    #[must_use]
    pub fn blocks(mut self, x: u32) -> Self {
        self.grid = [x, 1, 1];
        self
    }

    /// Sets the number of threads along x.
    #[must_use]
    pub fn threads(mut self, x: u32) -> Self {
        self.block = [x, 1, 1];
        self
    }

    /// Sets the bytes of dynamic shared memory.
    #[must_use]
    pub fn shared(mut self, bytes: usize) -> Self {
        self.shared = bytes;
        self
    }

    /// Appends a parameter of any size, aligned to its size (to eight bytes at most).
    #[must_use]
    pub fn param(mut self, bytes: &[u8]) -> Self {
        let align = bytes.len().next_power_of_two().clamp(1, 8);
        self.params.resize(self.params.len().next_multiple_of(align), 0);
        self.params.extend_from_slice(bytes);
        self
    }

    /// Appends a pointer.
    #[must_use]
    pub fn pointer(self, address: u64) -> Self {
        self.param(&address.to_le_bytes())
    }

    /// Appends a 32-bit integer.
    #[must_use]
    pub fn int(self, value: i32) -> Self {
        self.param(&value.to_le_bytes())
    }

    /// Threads of a block.
    pub fn block_threads(&self) -> u32 {
        self.block.iter().fold(1, |n, &b| n.saturating_mul(b))
    }

    /// Blocks of the grid.
    pub fn grid_blocks(&self) -> u64 {
        self.grid.iter().map(|&g| u64::from(g)).product()
    }

    /// Bytes of shared memory of a block: the static part, and behind it the dynamic one.
    pub(crate) fn shared_total(&self, kernel: &Kernel) -> usize {
        kernel.dynamic_start() + self.shared
    }

    /// Refuses what a card would refuse.
    ///
    /// # Errors
    /// [`Error::Launch`] with what is wrong.
    pub fn check(&self, kernel: &Kernel, card: &Card) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Launch { kernel: self.kernel.clone(), what });
        let threads = self.block_threads();
        if threads == 0 || self.grid.contains(&0) {
            return refuse(format!("a grid of {:?} blocks of {:?} threads is empty", self.grid, self.block));
        }
        if self.grid[1] > Card::GRID_YZ || self.grid[2] > Card::GRID_YZ {
            return refuse(format!(
                "a grid may have {} blocks along y and z, not {:?}",
                Card::GRID_YZ,
                self.grid
            ));
        }
        let most = kernel.max_threads.unwrap_or(Card::THREADS);
        if threads > most {
            return refuse(format!(
                "{threads} threads are more than the {most} that its launch bounds allow"
            ));
        }
        if self.params.len() != kernel.param_bytes {
            return refuse(format!(
                "{} bytes of parameters are given where it declares {}",
                self.params.len(),
                kernel.param_bytes
            ));
        }
        if kernel.static_shared > Card::SHARED_UNASKED {
            return refuse(format!(
                "{} bytes of static shared memory are more than 48 KiB",
                kernel.static_shared
            ));
        }
        let total = self.shared_total(kernel);
        if total > card.shared_per_block {
            return refuse(format!(
                "{total} bytes of shared memory are more than the {} that a block may have",
                card.shared_per_block
            ));
        }
        if self.shared == 0 && kernel.uses_dynamic {
            return refuse("it uses dynamic shared memory and is given none".into());
        }
        Ok(())
    }
}
