//! Tells glibc's allocator to keep large buffers.

/// Keeps freed memory in the process: by default each large tensor is mapped and unmapped again, and the page
/// faults cost as much as the arithmetic (measured: a training step takes 1.8 times as long).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt is a C function")]
pub(super) fn keep_large_buffers() {
    // SAFETY: called first in `main`, before any other thread exists; the arguments are documented values.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn keep_large_buffers() {}
