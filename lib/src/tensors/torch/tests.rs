//! No bytes make the reader panic, or give a tensor that its file does not hold.

use proptest::prelude::*;

use super::read;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_files_do_not_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        short in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(format!("{}/../tests/data/lm/torch/values_2.pt", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if short {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(torch) = read(&bytes) {
            for slot in torch.slots.values() {
                let count: usize = slot.shape.iter().product();
                prop_assert_eq!(slot.values(&bytes).len(), count * slot.dtype.size());
            }
        }
    }
}
