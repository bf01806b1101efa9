//! What can be wrong with a card, each as one sentence with exit code 2, and with nothing half-written.
//!
//! The emulated driver is told to be wrong by the variables of `tests/cuda-emulator/driver/src/settings.rs`.

use crate::card::{PAIRS, run_with};
use crate::support::Place;
use crate::trained::{STORES, prepare};

/// A setting of the emulated card, and what the tools say of it.
struct Bad {
    variable: (&'static str, &'static str),
    device: &'static str,
    says: &'static str,
}

/// Before anything is computed.
const AT_THE_START: [Bad; 9] = [
    Bad {
        variable: ("LD_LIBRARY_PATH", ""),
        device: "cuda",
        says: "there is no NVIDIA driver (libcuda.so.1) on this machine",
    },
    Bad {
        variable: ("CUDA_EMULATOR_DRIVER", "12080"),
        device: "cuda",
        says: "the NVIDIA driver is too old: it has CUDA 12.8, and the kernels need 13.0 (R580)",
    },
    Bad { variable: ("CUDA_EMULATOR_DEVICES", "0"), device: "cuda", says: "the driver sees no card" },
    Bad {
        variable: ("CUDA_EMULATOR_DEVICES", "1"),
        device: "cuda:1",
        says: "the driver sees one card, cuda:0",
    },
    Bad {
        variable: ("CUDA_EMULATOR_DEVICES", "2"),
        device: "cuda:5",
        says: "the driver sees 2 cards, cuda:0 to cuda:1",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuDevicePrimaryCtxRetain@1=device-unavailable"),
        device: "cuda",
        says: "the card is taken by another program",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuDevicePrimaryCtxRetain@1=out-of-memory"),
        device: "cuda",
        says: "the card has too little free memory",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuInit@1=system-driver-mismatch"),
        device: "cuda",
        says: "are not of one version",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cublasCreate_v2@1=out-of-memory"),
        device: "cuda",
        says: "the card has too little free memory",
    },
];

/// Half-way.
const LATER: [Bad; 7] = [
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuModuleLoadData@2=unsupported-ptx-version"),
        device: "cuda",
        says: "the driver does not take the kernels of this program",
    },
    Bad {
        variable: ("CUDA_EMULATOR_MEMORY", "100000"),
        device: "cuda",
        says: "the card has too little free memory",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuMemAllocAsync@300=out-of-memory"),
        device: "cuda",
        says: "the card has too little free memory",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuLaunchKernel@100=illegal-address"),
        device: "cuda",
        says: "a kernel failed on the card",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuLaunchKernel@60=unknown"),
        device: "cuda",
        says: "the card was lost",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cuMemcpyDtoHAsync_v2@1=ecc-uncorrectable"),
        device: "cuda",
        says: "the card's memory is damaged",
    },
    Bad {
        variable: ("CUDA_EMULATOR_FAIL", "cublasGemmStridedBatchedEx@2=launch-failed"),
        device: "cuda",
        says: "failed on the card",
    },
];

/// Runs a tool with a bad card, and checks what it says and what it leaves.
fn refuse(place: &Place, tool: &str, arguments: &str, bad: &Bad, keeps: &str) {
    let before = place.files();
    let ran = run_with(place, tool, &format!("{arguments} --device {}", bad.device), &[bad.variable]);
    let ran = ran.ended(2).says(bad.says);
    let lines = ran.stderr.lines().filter(|line| line.starts_with("crossmamba-")).collect::<Vec<_>>();
    assert_eq!(lines.len(), 1, "{}", ran.stderr);
    assert!(lines[0].contains(bad.says) && lines[0].contains("--device cpu"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    let after = place.files().into_iter().filter(|name| keeps.is_empty() || !name.starts_with(keeps));
    assert_eq!(after.collect::<std::collections::BTreeSet<_>>(), before, "{:?}", bad.variable);
}

#[test]
fn a_card_that_cannot_be_used_is_one_sentence_before_anything_is_written() {
    let place = Place::new();
    prepare(&place);
    for bad in &AT_THE_START {
        refuse(&place, "fuse-train", &format!("{PAIRS} {STORES} --output model"), bad, "");
        assert!(!place.path("model").exists(), "{:?}", bad.variable);
    }
    let embed = "--kind rna --input rna.fa --output other.store --device cuda";
    place.run("embed", embed).ended(2).says("only language models compute on a GPU");
}

#[test]
fn a_model_that_the_card_cannot_hold_is_refused_before_it_is_made() {
    let place = Place::new();
    prepare(&place);
    place.write("config.yaml", "model: { width: 65536, inner: 65536, state: 65536 }\n");
    let bad = Bad {
        variable: ("CUDA_EMULATOR_DEVICES", "1"),
        device: "cuda",
        says: "setting `model.inner`: with 65536, the training needs about ",
    };
    refuse(&place, "fuse-train", &format!("{PAIRS} {STORES} --output model"), &bad, "");
    assert!(!place.path("model").exists());
}

#[test]
fn a_card_that_fails_half_way_is_one_sentence_and_leaves_no_half_output() {
    let place = Place::new();
    prepare(&place);
    place.run("fuse-train", &format!("{PAIRS} {STORES} --device cpu --output model")).done();
    for bad in &LATER {
        refuse(&place, "predict", &format!("--model model --all {STORES} --output out.tsv"), bad, "");
        // A training keeps its checkpoints, from which it goes on.
        let train = format!("{PAIRS} {STORES} --resume --output broken");
        refuse(&place, "fuse-train", &train, bad, "broken/checkpoints/");
        assert!(!place.path("broken/model.json").exists() && !place.path("broken/predictions.tsv").exists());
    }
    place.run("fuse-train", &format!("{PAIRS} {STORES} --resume --device cpu --output broken")).done();
    assert_eq!(place.bytes("broken/predictions.tsv"), place.bytes("model/predictions.tsv"));
}
