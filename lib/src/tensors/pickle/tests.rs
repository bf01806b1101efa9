//! No bytes make the reader panic, and what it reads is what Python wrote.

use proptest::prelude::*;

use super::super::archive;
use super::node::Node;
use super::run;

/// Every instruction that the reader knows, and some that it does not.
const KNOWN: &[u8] = b"\x80\x95.(012N\x88\x89KMJ\x8a\x8bGX\x8c\x8dUCTB\x8e\x96)\x85\x86\x87t]\x8fl\x91ae\x90}dsuqr\x94hjc\x93R\x81bQioPI";

#[test]
fn numbers_are_those_of_python() {
    for (bytes, value) in [
        (b"K\xff.".as_slice(), 255),
        (b"M\xff\xff.", 65_535),
        (b"J\xfe\xff\xff\xff.", -2),
        (b"\x8a\x00.", 0),
        (b"\x8a\x01\xff.", -1),
        (b"\x8a\x02\x00\x80.", -32_768),
        (b"\x8b\x03\x00\x00\x00\x00\x00\x01.", 65_536),
    ] {
        let nodes = run(bytes).unwrap();
        assert!(matches!(nodes.get(nodes.root()), Node::Int(found) if *found == value), "{bytes:?}");
    }
    let nodes = run(b"G\x3f\xf8\0\0\0\0\0\0.").unwrap();
    assert!(matches!(nodes.get(nodes.root()), Node::Float(found) if *found == 1.5));
}

#[test]
fn a_list_that_holds_itself_is_a_list() {
    let nodes = run(b"]q\x00h\x00a.").unwrap();
    let Node::List(parts) = nodes.get(nodes.root()) else { panic!("not a list") };
    assert_eq!(parts, &[nodes.root()]);
}

/// Reads a fixture's pickle.
fn published(name: &str) -> Vec<u8> {
    let file = std::fs::read(format!("{}/../tests/data/lm/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let entries = archive::read(&file).unwrap();
    let (_, entry) = entries.iter().find(|(name, _)| name.ends_with("data.pkl")).unwrap();
    file[entry.bytes.clone()].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = run(&bytes);
    }

    #[test]
    fn no_instructions_make_the_reader_panic(
        steps in prop::collection::vec((prop::sample::select(KNOWN), prop::collection::vec(0u8..4, 0..5)), 0..60)
    ) {
        let bytes: Vec<u8> = steps.into_iter().flat_map(|(step, rest)| [vec![step], rest].concat()).collect();
        let _ = run(&bytes);
    }

    #[test]
    fn changed_pickles_do_not_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(KNOWN)), 1..4),
        which in 0usize..4,
    ) {
        let names = [
            "esm2/esm2_tiny.pt",
            "molformer_small/molformer_tiny.ckpt",
            "torch/values_4.pt",
            "rinalmo/rinalmo_tiny_pretrained.pt",
        ];
        let mut bytes = published(names[which]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = run(&bytes);
    }
}
