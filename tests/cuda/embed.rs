//! Language models on the card embed as they do on the CPU.

use std::collections::BTreeMap;

use crossmamba::record::RecordId;
use crossmamba::store::{Embedding, Store};

use crate::card::run_with;
use crate::published::{expected, golden, text};
use crate::support::Place;

/// Greatest difference of a value from the golden one; values are of the order of 1.
const GOLDEN: f32 = 2e-4;

/// A model, the kind of molecule, its golden cases, and how the expected tensors are named.
struct Case {
    encoder: &'static str,
    file: &'static str,
    kind: &'static str,
    cases: &'static [&'static str],
    rows: (&'static str, &'static str),
    global: (&'static str, &'static str),
}

const CASES: [Case; 3] = [
    Case {
        encoder: "esm2",
        file: "esm2",
        kind: "protein",
        cases: &["natural65", "len1", "standard20"],
        rows: ("last_hidden_state.", ".policy"),
        global: ("mean_residues.", ".policy"),
    },
    Case {
        encoder: "rinalmo",
        file: "rinalmo",
        kind: "rna",
        cases: &["natural73", "len1", "rna_acgu"],
        rows: ("last_hidden_state.", ""),
        global: ("mean_residues.", ""),
    },
    Case {
        encoder: "molformer",
        file: "molformer_small",
        kind: "small-molecule",
        cases: &["aspirin", "len1", "caffeine"],
        rows: ("hf.last_hidden_state.", ""),
        global: ("hf.pooled_all_tokens.", ""),
    },
];

impl Case {
    /// Copies the checkpoint and writes the sequences into a folder of its own; gives the arguments of a run.
    fn prepare(&self) -> (Place, String) {
        let place = Place::new();
        place.copy(&golden(self.file), self.file);
        let line = |case: &&str| match self.kind {
            "small-molecule" => format!("{}\t{case}\n", text(self.file, case)),
            _ => format!(">{case}\n{}\n", text(self.file, case)),
        };
        place.write("in", self.cases.iter().map(line).collect::<String>());
        let Self { encoder, file, kind, .. } = self;
        (place, format!("--kind {kind} --encoder {encoder} --checkpoint {file} -i in --tokens residue"))
    }
}

fn read(place: &Place, store: &str) -> BTreeMap<String, Embedding> {
    let store = Store::open(place.path(store)).expect("a store");
    let ids: Vec<RecordId> = store.ids().to_vec();
    let get = |id: &RecordId| store.get(&store.require(id)?);
    ids.iter().map(|id| (id.to_string(), get(id).expect("an entry").expect("an embedding"))).collect()
}

fn bytes(place: &Place, store: &str) -> Vec<(String, Vec<u8>)> {
    let names = place.files().into_iter().filter(|name| name.starts_with(&format!("{store}/")));
    names.map(|name| (name[store.len()..].to_owned(), place.bytes(&name))).collect()
}

fn largest(found: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_language_model_embeds_on_a_card_as_the_original_did_and_says_where() {
    for case in &CASES {
        let (place, line) = case.prepare();
        place.run("embed", &format!("{line} --device cuda -o card")).done().says("computing on cuda:0, ");
        place.run("embed", &format!("{line} --device cpu -o cpu")).done();
        let expected = expected(case.file);
        for (id, found) in read(&place, "card") {
            let rows = &expected[&format!("{}{id}{}", case.rows.0, case.rows.1)];
            let error = largest(&found.values, &rows[32..rows.len() - 32]);
            assert!(error <= GOLDEN, "{} {id}: {error:e}", case.encoder);
            let error = largest(&found.global, &expected[&format!("{}{id}{}", case.global.0, case.global.1)]);
            assert!(error <= GOLDEN, "{} {id}, the whole: {error:e}", case.encoder);
        }
        // Stores of both devices are of one kind, and say where they were made.
        assert_eq!(place.read("card/manifest.json"), place.read("cpu/manifest.json"));
        assert!(place.read("card.provenance.json").contains("\"device\": \"cuda ("));
        assert!(!place.read("cpu.provenance.json").contains("\"device\""));
        place.run("embed", &format!("{line} --device cpu -o card")).done().says("0 computed, 3 in the store");
    }
}

#[test]
fn bf16_on_a_card_is_as_near_to_f32_as_on_the_cpu() {
    for case in &CASES {
        let (place, line) = case.prepare();
        place.run("embed", &format!("{line} --device cpu --precision f32 -o exact")).done();
        for device in ["cpu", "cuda"] {
            let line = format!("{line} --precision bf16 --device {device} -o {device}");
            place.run("embed", &line).done();
        }
        let (exact, cpu, card) = (read(&place, "exact"), read(&place, "cpu"), read(&place, "cuda"));
        for (id, exact) in exact {
            let (of_cpu, of_card) =
                (largest(&cpu[&id].values, &exact.values), largest(&card[&id].values, &exact.values));
            assert!(
                of_card > 0.0 && of_card < 0.02 + 2.0 * of_cpu,
                "{} {id}: {of_card:e}, {of_cpu:e}",
                case.encoder
            );
        }
    }
}

#[test]
fn the_bytes_depend_neither_on_the_batch_nor_on_the_run() {
    for case in &CASES {
        let (place, line) = case.prepare();
        place.run("embed", &format!("{line} --device cuda -o whole")).done();
        for (store, more) in [("again", ""), ("alone", "--max-tokens 1")] {
            place.run("embed", &format!("{line} --device cuda {more} -o {store}")).done();
            assert!(bytes(&place, store) == bytes(&place, "whole"), "{} {store}", case.encoder);
        }
    }
}

#[test]
fn a_card_that_runs_out_of_memory_gets_less_at_once_and_gives_the_same_bytes() {
    let (place, line) = CASES[0].prepare();
    let line = format!("{line} --device cuda");
    place.run("embed", &format!("{line} -o whole")).done();
    // One allocation in the midst of a batch is refused.
    let refused = ("CUDA_EMULATOR_FAIL", "cuMemAllocAsync@100=out-of-memory");
    run_with(&place, "embed", &format!("{line} --max-tokens 500 -o refused"), &[refused])
        .done()
        .says("tokens at once need")
        .says("of memory, which is not free: going on with");
    assert!(bytes(&place, "refused") == bytes(&place, "whole"));
    // A card that holds the weights and no sequence.
    run_with(&place, "embed", &format!("{line} -o none"), &[("CUDA_EMULATOR_MEMORY", "1000000")])
        .ended(2)
        .says("tokens of the record `")
        .says("of memory, which is not free");
}

#[test]
fn where_the_system_locks_no_pages_the_bytes_are_the_same() {
    let (place, line) = CASES[0].prepare();
    let line = format!("{line} --device cuda --max-tokens 30");
    place.run("embed", &format!("{line} -o locked")).done();
    let refused =
        (1..9).map(|call| format!("cuMemHostAlloc@{call}=out-of-memory")).collect::<Vec<_>>().join(",");
    run_with(&place, "embed", &format!("{line} -o ordinary"), &[("CUDA_EMULATOR_FAIL", &refused)]).done();
    assert!(bytes(&place, "ordinary") == bytes(&place, "locked"));
}
