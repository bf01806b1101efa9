//! The emulated card: modules, memory, launches.

use std::collections::HashMap;
use std::sync::Arc;

use crate::card::Card;
use crate::exec::{Block, Place};
use crate::fault::{Error, Fault};
use crate::launch::Launch;
use crate::memory::{Memory, Region};
use crate::ptx::{Kernel, LOCAL, Module, SHARED, parse};
use crate::report::Report;

/// What is looked for, and what of a card's freedom is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The card.
    pub card: Card,
    /// Whether races are searched for.
    pub races: bool,
    /// Whether approximate functions err as far as the manual lets them.
    pub noise: bool,
    /// Whether warps and blocks run in reverse order; nothing may depend on it.
    pub reverse: bool,
    /// Warp instructions that a launch may execute.
    pub instructions: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { card: Card::AMPERE, races: true, noise: false, reverse: false, instructions: 1 << 34 }
    }
}

/// A card that runs PTX on the CPU.
#[derive(Debug, Default)]
pub struct Emulator {
    /// What is looked for.
    pub settings: Settings,
    /// The card's memory.
    pub memory: Memory,
    kernels: HashMap<String, Arc<Kernel>>,
    /// Blocks that ran so far.
    blocks: u32,
}

impl Emulator {
    /// Makes a card with the kernels of some modules.
    ///
    /// # Errors
    /// [`Error::Ptx`] if one of them cannot be read.
    pub fn new(ptx: &[&str]) -> Result<Self, Error> {
        let mut emulator = Self::default();
        for text in ptx {
            emulator.load(text)?;
        }
        Ok(emulator)
    }

    /// Adds the kernels of a module; one of the same name replaces the earlier.
    ///
    /// # Errors
    /// [`Error::Ptx`] if it cannot be read.
    pub fn load(&mut self, ptx: &str) -> Result<Module, Error> {
        let module = parse(ptx)?;
        self.kernels.extend(module.kernels.iter().map(|k| (k.name.clone(), Arc::new(k.clone()))));
        Ok(module)
    }

    /// Lists the names of the kernels, sorted.
    pub fn kernels(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.kernels.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Finds a kernel.
    pub fn kernel(&self, name: &str) -> Option<&Arc<Kernel>> {
        self.kernels.get(name)
    }

    /// Copies bytes to the card; the name appears in what is said about them.
    pub fn upload(&mut self, bytes: &[u8], name: &str) -> u64 {
        let address = self.memory.alloc(bytes.len(), name);
        // The allocation was just made with this length.
        let _ = self.memory.write(address, bytes);
        address
    }

    /// Allocates bytes that nobody wrote.
    pub fn alloc(&mut self, bytes: usize, name: &str) -> u64 {
        self.memory.alloc(bytes, name)
    }

    /// Copies an allocation back.
    ///
    /// # Errors
    /// [`Error::Memory`] if a byte of it was never written.
    pub fn download(&mut self, address: u64) -> Result<Vec<u8>, Error> {
        self.memory.read_all(address).map(<[u8]>::to_vec)
    }

    /// Runs a kernel of a loaded module to its end.
    ///
    /// # Errors
    /// [`Error::Launch`] for what a card would refuse, [`Error::Fault`] for a rule that the kernel breaks.
    pub fn launch(&mut self, launch: &Launch) -> Result<Report, Error> {
        let kernel = self.kernels.get(&launch.kernel).cloned();
        let kernel = kernel.ok_or_else(|| Error::Launch {
            kernel: launch.kernel.clone(),
            what: "there is no such kernel".into(),
        })?;
        self.launch_kernel(&kernel, launch)
    }

    /// Runs a kernel that the caller keeps.
    ///
    /// # Errors
    /// As [`Self::launch`].
    pub fn launch_kernel(&mut self, kernel: &Arc<Kernel>, launch: &Launch) -> Result<Report, Error> {
        launch.check(kernel, &self.settings.card)?;
        Ok(self.run(kernel, launch)?)
    }

    fn run(&mut self, kernel: &Arc<Kernel>, launch: &Launch) -> Result<Report, Box<Fault>> {
        let mut report = Report::new(kernel);
        let (threads, blocks) = (launch.block_threads(), launch.grid_blocks());
        let mut order: Vec<u32> = (0..threads.div_ceil(32)).collect();
        if self.settings.reverse {
            order.reverse();
        }
        let mut shared = Region::new(SHARED, launch.shared_total(kernel), "shared memory");
        let own = |_| Region::new(LOCAL, kernel.local_bytes, "local memory");
        let mut local: Vec<Region> = (0..threads).filter(|_| kernel.local_bytes > 0).map(own).collect();
        let first = self.blocks + 1;
        let [gx, gy, _] = launch.grid.map(u64::from);
        for n in 0..blocks {
            let index = if self.settings.reverse { blocks - 1 - n } else { n };
            let at = [index % gx, index / gx % gy, index / (gx * gy)].map(|x| x as u32);
            self.blocks += 1;
            shared.forget();
            local.iter_mut().for_each(Region::forget);
            let place = Place { at, number: self.blocks, first };
            let spaces = (&mut shared, &mut local[..]);
            Block::new(kernel, launch, place, self.settings, &mut self.memory, spaces, &mut report)
                .run(&order)?;
        }
        report.blocks = blocks;
        Ok(report)
    }
}
