//! How well the lanes of a warp use shared and global memory together.

use crate::exec::lanes;

/// Banks of shared memory, each four bytes wide.
const BANKS: usize = 32;
/// Bytes of a sector of global memory.
const SECTOR: u64 = 32;

/// Passes that shared memory takes, and passes that would do. Accesses of 8 and 16 bytes go by halves and quarters
/// of a warp; lanes that want the same word share it.
pub(super) fn passes(at: &[u64; 32], mask: u32, bytes: usize) -> (u64, u64) {
    let each = bytes.div_ceil(4);
    let phase = BANKS / each;
    let (mut took, mut ideal) = (0, 0);
    for start in (0..32).step_by(phase) {
        let (mut words, mut n) = ([0u64; BANKS], 0);
        for lane in (start..start + phase).filter(|lane| mask >> lane & 1 == 1) {
            for k in 0..each {
                words[n] = at[lane] / 4 + k as u64;
                n += 1;
            }
        }
        let words = &mut words[..n];
        words.sort_unstable();
        let mut loads = [0u64; BANKS];
        let mut distinct = 0;
        for k in 0..n {
            if k == 0 || words[k] != words[k - 1] {
                loads[words[k] as usize % BANKS] += 1;
                distinct += 1;
            }
        }
        took += loads.iter().max().copied().unwrap_or(0);
        ideal += u64::div_ceil(distinct, BANKS as u64);
    }
    (took, ideal)
}

/// Sectors that are touched, and sectors that the distinct bytes would fill.
pub(super) fn sectors(at: &[u64; 32], mask: u32, bytes: usize) -> (u64, u64) {
    let (mut addresses, mut n) = ([0u64; 32], 0);
    for lane in lanes(mask) {
        addresses[n] = at[lane];
        n += 1;
    }
    let addresses = &mut addresses[..n];
    addresses.sort_unstable();
    let (mut touched, mut distinct) = (0, 0);
    for k in 0..n {
        let new = k == 0 || addresses[k] != addresses[k - 1];
        distinct += u64::from(new);
        touched += u64::from(k == 0 || addresses[k] / SECTOR != addresses[k - 1] / SECTOR);
    }
    (touched, (distinct * bytes as u64).div_ceil(SECTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strided(stride: u64) -> [u64; 32] {
        std::array::from_fn(|lane| 0x2000_0000 + stride * lane as u64)
    }

    #[test]
    fn passes_follow_the_banks() {
        assert_eq!(passes(&strided(4), !0, 4), (1, 1));
        assert_eq!(passes(&strided(0), !0, 4), (1, 1));
        assert_eq!(passes(&strided(8), !0, 4), (2, 1));
        assert_eq!(passes(&strided(128), !0, 4), (32, 1));
        assert_eq!(passes(&strided(132), !0, 4), (1, 1));
        assert_eq!(passes(&strided(16), !0, 16), (4, 4));
        assert_eq!(passes(&strided(2), !0, 2), (1, 1));
        assert_eq!(passes(&strided(4), 0, 4), (0, 0));
    }

    #[test]
    fn sectors_follow_the_addresses() {
        assert_eq!(sectors(&strided(4), !0, 4), (4, 4));
        assert_eq!(sectors(&strided(0), !0, 4), (1, 1));
        assert_eq!(sectors(&strided(64), !0, 4), (32, 4));
        assert_eq!(sectors(&strided(16), !0, 16), (16, 16));
        assert_eq!(sectors(&strided(4), 0xff, 4), (1, 1));
    }
}
