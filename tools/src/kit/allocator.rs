//! Tells glibc's allocator to keep large buffers, and how much address space its arenas may take.

/// The address space that an arena reserves while it starts, in bytes (twice glibc's greatest heap).
const ARENA: u64 = 128 << 20;

/// What every growth of the heap asks for beyond its need, in bytes.
const PADDING: u64 = 64 << 20;

/// Keeps freed memory in the process: by default each large tensor is mapped and unmapped again, and the page
/// faults cost as much as the arithmetic (measured: a training step takes 1.8 times as long).
///
/// Where the address space has a limit, of which so many bytes are left, arenas share an eighth of it: glibc gives
/// threads up to eight arenas per core, whatever the limit is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt is a C function")]
pub(super) fn keep_large_buffers(address_space: Option<u64>) {
    // SAFETY: called first in `main`, before any other thread exists; the arguments are documented values.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, PADDING as i32);
        if let Some(left) = address_space {
            libc::mallopt(libc::M_ARENA_MAX, arenas(left).try_into().unwrap_or(i32::MAX));
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn keep_large_buffers(_: Option<u64>) {}

/// Gives the address space that the allocator takes for its own ends, in bytes, where so many are left.
pub(super) fn overhead(address_space: u64) -> u64 {
    PADDING + (arenas(address_space) - 1) * ARENA
}

/// Gives the number of arenas where so many bytes of address space are left; the first one is the process's own heap.
fn arenas(address_space: u64) -> u64 {
    (address_space / (8 * ARENA)).max(1)
}
