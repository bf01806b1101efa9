//! Reads and writes ZIP archives as far as `.npz` files need them: stored or deflated entries, ZIP64. The directory is
//! read as that of checkpoints is.

mod reader;
mod writer;

pub(super) use reader::ZipReader;
pub(super) use writer::ZipWriter;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// The extra field that holds what 32 bits cannot.
const EXTRA_64: u16 = 1;
