//! Modules, functions and launches.

use std::sync::Arc;

use cuda_emulator::{Card, Launch, ptx};

use crate::call::Refusal;
use crate::driver::{Driver, Function, Handle};
use crate::status::Status;
use crate::stream::Work;

impl Driver {
    /// Loads PTX.
    ///
    /// # Errors
    /// If it cannot be read, is newer than the driver, or is for a newer card.
    pub fn module_load(&mut self, text: &str) -> Result<Handle, Refusal> {
        let module = ptx::parse(text)?;
        let ((major, minor), newest) = (module.version, self.settings.ptx());
        if module.version > newest {
            let (a, b) = newest;
            let what = format!("PTX {major}.{minor} is newer than the {a}.{b} of this driver");
            return Err(Refusal::new(Status::UnsupportedPtxVersion, what));
        }
        let ((major, minor), (a, b)) = (module.target, self.settings.emulator.card.capability);
        if module.target > (a, b) {
            let what = format!("PTX for {major}.{minor} does not run on a card of {a}.{b}");
            return Err(Refusal::new(Status::NoBinaryForGpu, what));
        }
        let handle = self.handle();
        let kernels = module.kernels.into_iter().map(|k| (k.name.clone(), Arc::new(k))).collect();
        self.modules.insert(handle, kernels);
        Ok(handle)
    }

    /// Forgets a module, after everything that was asked for.
    ///
    /// # Errors
    /// If it is none, or if something before fails.
    pub fn module_unload(&mut self, module: Handle) -> Result<(), Refusal> {
        self.synchronize()?;
        self.modules.remove(&module).map(|_| ()).ok_or_else(|| none("module", module))
    }

    /// Finds a kernel.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn function(&mut self, module: Handle, name: &str) -> Result<Handle, Refusal> {
        let kernels = self.modules.get(&module).ok_or_else(|| none("module", module))?;
        let kernel = kernels.get(name).cloned();
        let kernel =
            kernel.ok_or_else(|| Refusal::new(Status::NotFound, format!("there is no kernel {name}")))?;
        let handle = self.handle();
        self.functions.insert(handle, Function { kernel, dynamic_limit: Card::SHARED_UNASKED });
        Ok(handle)
    }

    pub(crate) fn known_function(&self, function: Handle) -> Result<&Function, Refusal> {
        self.functions.get(&function).ok_or_else(|| none("function", function))
    }

    /// Lets a kernel have more dynamic shared memory than 48 KiB.
    ///
    /// # Errors
    /// If it is more than a block may have.
    pub fn allow_dynamic(&mut self, function: Handle, bytes: usize) -> Result<(), Refusal> {
        let most = self.settings.emulator.card.shared_per_block;
        let function = self.functions.get_mut(&function).ok_or_else(|| none("function", function))?;
        if function.kernel.static_shared + bytes > most {
            let name = &function.kernel.name;
            return Err(Refusal::invalid(format!(
                "{name}: {bytes} bytes of dynamic shared memory, of {most} in all"
            )));
        }
        function.dynamic_limit = bytes;
        Ok(())
    }

    /// Says a property of a function, by its number in `cuda.h`.
    ///
    /// # Errors
    /// If it is no function.
    pub fn function_attribute(&self, function: Handle, attribute: i32) -> Result<i32, Refusal> {
        let function = self.known_function(function)?;
        Ok(match attribute {
            0 => function.kernel.max_threads.unwrap_or(Card::THREADS) as i32,
            1 => function.kernel.static_shared as i32,
            3 => function.kernel.local_bytes as i32,
            8 => function.dynamic_limit as i32,
            _ => 0,
        })
    }

    /// Launches a kernel in the order of a stream; `launch` names grid, block, shared memory and parameters.
    ///
    /// # Errors
    /// For what a card refuses at once. What goes wrong inside the kernel is said when the stream is synchronised.
    pub fn launch(&mut self, function: Handle, launch: Launch, stream: Handle) -> Result<(), Refusal> {
        let function = self.known_function(function)?.clone();
        let (name, limit) = (&function.kernel.name, function.dynamic_limit);
        let launch = Launch { kernel: name.clone(), ..launch };
        if launch.shared > limit {
            let what = format!(
                "{name}: {} bytes of dynamic shared memory, of {limit} that are allowed",
                launch.shared
            );
            return Err(Refusal::invalid(format!("{what}: raise MAX_DYNAMIC_SHARED_SIZE_BYTES first")));
        }
        launch.check(&function.kernel, &self.settings.emulator.card)?;
        self.put(stream, Work::Launch(Box::new((function, launch)))).map(|_| ())
    }

    pub(crate) fn perform_launch(&mut self, function: &Function, launch: &Launch) -> Result<(), Refusal> {
        let report = self.emulator.launch_kernel(&function.kernel, launch)?;
        self.clock += report.instructions;
        if self.settings.log {
            let Launch { kernel, grid, block, shared, .. } = launch;
            let count = report.instructions;
            eprintln!(
                "emulated card: {kernel} {grid:?} x {block:?} + {shared} bytes: {count} warp instructions"
            );
            for finding in report.findings() {
                eprintln!("emulated card: {finding}");
            }
        }
        Ok(())
    }
}

fn none(what: &str, handle: Handle) -> Refusal {
    Refusal::new(Status::InvalidHandle, format!("{handle:#x} is no {what}"))
}
