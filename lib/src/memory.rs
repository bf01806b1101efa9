//! Asks how much memory this process may still take.

use std::fs;
use std::path::Path;

/// Gives the bytes that can still be had before something gives way: the machine's free memory, the limits of every
/// control group around the process (containers and batch systems set them), or the limit on its address space.
/// Nothing where the system does not say.
pub(crate) fn available() -> Option<u64> {
    let machine = field(Path::new("/proc/meminfo"), "MemAvailable:").map(|kilobytes| kilobytes * 1024);
    [machine, groups(Path::new("/sys/fs/cgroup"), "/proc/self/cgroup"), address_space()]
        .into_iter()
        .flatten()
        .min()
}

/// Tells whether the allocator gives this many bytes in one piece; nothing stays taken.
pub(crate) fn can_reserve(bytes: u64) -> bool {
    usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
}

/// Gives the least of what the control groups leave, from the process's own up to the root.
fn groups(root: &Path, membership: &str) -> Option<u64> {
    let text = fs::read_to_string(membership).ok()?;
    let mut least: Option<u64> = None;
    for line in text.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (folder, limit, usage) = if controllers.is_empty() {
            (root.to_path_buf(), "memory.max", "memory.current")
        } else if controllers.split(',').any(|name| name == "memory") {
            (root.join("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes")
        } else {
            continue;
        };
        // Inside a container the path may be that of the host: then only the root of what is mounted is there.
        let own = folder.join(path.trim_start_matches('/'));
        let inner = if own.is_dir() { own } else { folder.clone() };
        for group in inner.ancestors().take_while(|group| group.starts_with(&folder)) {
            let left = number(&group.join(limit)).zip(number(&group.join(usage))).map(|(limit, used)| {
                // Pages of files that nobody uses now are given up before memory runs out.
                let files = field(&group.join("memory.stat"), "inactive_file").unwrap_or(0);
                limit.saturating_sub(used.saturating_sub(files))
            });
            least = least.into_iter().chain(left).min();
        }
    }
    least
}

/// Gives the bytes that are left of the limit on the address space (`ulimit -v`); nothing where there is no limit.
pub fn address_space() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    let used = field(Path::new("/proc/self/status"), "VmSize:")? * 1024;
    Some(limit.saturating_sub(used))
}

/// Reads a file that holds one number; nothing where it says `max` or is not there.
fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Reads the number behind a name at the start of a line.
fn field(path: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_group_counts_and_idle_files_are_no_loss() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let membership = root.path().join("self");
        let ask = || groups(root.path(), membership.to_str().unwrap());
        fs::write(&membership, "0::/job/step\n").unwrap();
        assert_eq!(ask(), None);
        write("job/memory.max", "1000\n");
        write("job/memory.current", "700\n");
        write("job/step/memory.max", "max\n");
        write("job/step/memory.current", "500\n");
        assert_eq!(ask(), Some(300));
        write("job/memory.stat", "anon 400\ninactive_file 250\nactive_file 50\n");
        assert_eq!(ask(), Some(550));
        // A path of the host that is not there: the root of the mount is asked.
        fs::write(&membership, "4:memory:/outside/7\n0::/other\n").unwrap();
        assert_eq!(ask(), None);
        write("memory/memory.limit_in_bytes", "9000");
        write("memory/memory.usage_in_bytes", "8000");
        assert_eq!(ask(), Some(1000));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_some_and_not_everything() {
        assert!(available().is_some_and(|bytes| bytes > 1 << 20));
        assert!(can_reserve(1 << 20));
        assert!(!can_reserve(1 << 62));
        assert!(!can_reserve(u64::MAX));
    }
}
