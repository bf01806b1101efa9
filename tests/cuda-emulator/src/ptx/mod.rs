//! Reads PTX text into instructions with resolved registers, labels and symbols.

mod body;
mod declare;
mod instruction;
mod module;
mod operand;
mod scope;
mod tables;
mod text;

use std::sync::Arc;

pub use instruction::Instruction;
pub use module::{Module, parse};
pub use operand::{Operand, Relation, Special};
pub use text::Location;

/// Start of the window of parameters: a generic address tells its space by the window that it lies in.
pub const PARAM: u64 = 0x1000_0000;
/// Start of the window of shared memory.
pub const SHARED: u64 = 0x2000_0000;
/// Start of the window of local memory.
pub const LOCAL: u64 = 0x3000_0000;
/// Start of the window of a module's tables, which kernels only read.
pub const TABLES: u64 = 0x4000_0000;
/// Start of the window of global memory.
pub const GLOBAL: u64 = 0x7f00_0000_0000;

/// A kernel, ready to be executed.
#[derive(Debug, Clone, Default)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// Its instructions in order; a branch names its target by index.
    pub code: Vec<Instruction>,
    /// Registers of 32 bits and fewer.
    pub narrow: usize,
    /// Registers of 64 bits.
    pub wide: usize,
    /// Predicate registers.
    pub predicates: usize,
    /// Offset and size of each parameter.
    pub params: Vec<(usize, usize)>,
    /// Bytes of all parameters together.
    pub param_bytes: usize,
    /// Bytes of static shared memory.
    pub static_shared: usize,
    /// Whether it names dynamic shared memory.
    pub uses_dynamic: bool,
    /// Bytes of local memory per thread (a stack, arrays with an index known only at run time).
    pub local_bytes: usize,
    /// Threads that its launch bounds allow.
    pub max_threads: Option<u32>,
    /// The module's tables.
    pub(crate) tables: Arc<[u8]>,
    /// Names of the source files that its line information speaks of.
    pub files: Vec<(u32, String)>,
}

impl Kernel {
    /// Offset at which dynamic shared memory begins, behind the static part.
    pub fn dynamic_start(&self) -> usize {
        self.static_shared.next_multiple_of(16)
    }

    /// Lists the instructions that are not emulated; executed, each is a fault.
    pub fn unsupported(&self) -> impl Iterator<Item = &Instruction> {
        self.code.iter().filter(|i| i.unsupported().is_some())
    }

    /// File name (without folders) and line of the CUDA source of an instruction.
    pub fn source(&self, i: &Instruction) -> Option<(String, u32)> {
        i.source.map(|location| self.named(location.at))
    }

    /// The same of the call, if the line belongs to a function that was inlined.
    pub fn caller(&self, i: &Instruction) -> Option<(String, u32)> {
        i.source?.caller.map(|call| self.named(call))
    }

    fn named(&self, (file, line): (u32, u32)) -> (String, u32) {
        let path = self.files.iter().find(|(n, _)| *n == file).map_or("source", |(_, path)| path);
        (path.rsplit('/').next().unwrap_or(path).to_string(), line)
    }
}
