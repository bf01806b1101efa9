//! The driver's state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread::ThreadId;

use cuda_emulator::Emulator;
use cuda_emulator::ptx::Kernel;

use crate::call::Refusal;
use crate::event::Event;
use crate::host::Pinned;
use crate::settings::Settings;
use crate::status::Status;
use crate::stream::Stream;

/// A handle: of a stream, an event, a module, a function. They are never used again.
pub type Handle = usize;

/// A driver with its card.
#[derive(Debug)]
pub struct Driver {
    /// What it was told to be.
    pub settings: Settings,
    pub(crate) emulator: Emulator,
    /// The status with which the context was lost.
    pub(crate) lost: Option<Status>,
    pub(crate) streams: BTreeMap<Handle, Stream>,
    /// Streams of single threads.
    pub(crate) own: HashMap<ThreadId, Handle>,
    pub(crate) events: HashMap<Handle, Event>,
    pub(crate) modules: HashMap<Handle, HashMap<String, Arc<Kernel>>>,
    pub(crate) functions: HashMap<Handle, Function>,
    /// Streams of handles of cuBLAS.
    pub(crate) blas: HashMap<Handle, Handle>,
    pub(crate) pinned: Pinned,
    /// Running number of what is put into streams.
    pub(crate) ticket: u64,
    /// Warp instructions so far: the card's clock.
    pub(crate) clock: u64,
    /// Allocations so far, which gives each its name.
    pub(crate) allocations: u64,
    handles: Handle,
}

/// A kernel, and the dynamic shared memory that it may have.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) dynamic_limit: usize,
}

impl Driver {
    /// The stream that everything without a stream goes to.
    pub const LEGACY: Handle = 0;
    /// Stands for a stream of the calling thread alone.
    pub const PER_THREAD: Handle = 2;

    /// Makes a driver.
    pub fn new(settings: Settings) -> Self {
        let mut emulator = Emulator::default();
        emulator.settings = settings.emulator;
        Self {
            settings,
            emulator,
            lost: None,
            streams: BTreeMap::from([(Self::LEGACY, Stream::blocking())]),
            own: HashMap::new(),
            events: HashMap::new(),
            modules: HashMap::new(),
            functions: HashMap::new(),
            blas: HashMap::new(),
            pinned: Pinned::default(),
            ticket: 0,
            clock: 0,
            allocations: 0,
            // Numbers below have a meaning of their own in `cuda.h`.
            handles: 0x1000,
        }
    }

    pub(crate) fn handle(&mut self) -> Handle {
        self.handles += 1;
        self.handles
    }

    /// Initialises.
    ///
    /// # Errors
    /// If there is no card.
    pub fn init(&mut self) -> Result<(), Refusal> {
        if self.settings.devices == 0 {
            return Err(Refusal::new(Status::NoDevice, "there is no card"));
        }
        Ok(())
    }

    /// Finds a card.
    ///
    /// # Errors
    /// If there are not so many.
    pub fn device(&mut self, ordinal: i32) -> Result<i32, Refusal> {
        if (0..self.settings.devices as i32).contains(&ordinal) {
            return Ok(ordinal);
        }
        Err(Refusal::new(
            Status::InvalidDevice,
            format!("there are {} cards, and none has number {ordinal}", self.settings.devices),
        ))
    }

    /// Says a property of a card, by its number in `cuda.h`.
    pub fn attribute(&self, attribute: i32) -> i32 {
        let card = self.settings.emulator.card;
        match attribute {
            // Threads of a block, and along x and y.
            1..=3 => 1024,
            // Threads along z.
            4 => 64,
            // Blocks along x, y and z.
            5 => i32::MAX,
            6 | 7 => 65_535,
            // Shared memory of a block that does not ask for more, and that asks.
            8 => 48 << 10,
            97 => card.shared_per_block as i32,
            // Shared memory of a multiprocessor: 1 KiB of each block's is the system's.
            81 => card.shared_per_block as i32 + 1024,
            // Lanes of a warp; registers of a block; multiprocessors; threads of one.
            10 => 32,
            12 | 82 => 65_536,
            16 => card.multiprocessors as i32,
            39 => 2048,
            // Compute capability.
            75 => card.capability.0 as i32,
            76 => card.capability.1 as i32,
            // Memory pools, unified addresses.
            41 | 115 => 1,
            _ => 0,
        }
    }
}

impl Default for Driver {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}
