//! The language models give what the original programs gave, in every layout of their files, and each mistake that is
//! easily made would show.
#![cfg(feature = "nn")]

mod fixture;
mod mistakes;
mod places;
mod reference;

use crossmamba::lm::{Checkpoint, LanguageModel, Precision};

use self::fixture::Fixture;
use self::places::Place;
use self::reference::Reference;

/// A file of weights, the key of its tokens, and the start of the names of its expected hidden states.
struct Layout {
    fixture: &'static str,
    file: &'static str,
    ids: &'static str,
    prefix: &'static str,
    suffix: &'static str,
}

const fn layout(
    fixture: &'static str,
    file: &'static str,
    ids: &'static str,
    prefix: &'static str,
    suffix: &'static str,
) -> Layout {
    Layout { fixture, file, ids, prefix, suffix }
}

const STATE: &str = "last_hidden_state.";
const HF: &str = "hf.last_hidden_state.";
const IBM: &str = "ibm.last_hidden_state.";
const LAYOUTS: [Layout; 13] = [
    layout("esm2", "", "policy_ids", STATE, ".policy"),
    layout("esm2", "model.safetensors", "policy_ids", STATE, ".policy"),
    layout("esm2", "pytorch_model.bin", "policy_ids", STATE, ".policy"),
    layout("esm2", "esm2_tiny.pt", "policy_ids", STATE, ".policy"),
    layout("rinalmo", "rinalmo_tiny_pretrained.pt", "official_ids", STATE, ""),
    layout("rinalmo", "official.safetensors", "official_ids", STATE, ""),
    layout("rinalmo", "", "multimolecule28_ids", STATE, ""),
    layout("molformer_small", "", "ids", HF, ""),
    layout("molformer_small", "pytorch_model.bin", "ids", HF, ""),
    layout("molformer_small", "molformer_tiny.ckpt", "ids", IBM, ""),
    layout("molformer", "", "ids", HF, ""),
    layout("molformer", "pytorch_model.bin", "ids", HF, ""),
    layout("molformer", "molformer_tiny.ckpt", "ids", IBM, ""),
];

fn checkpoint(fixture: &Fixture, file: &str) -> Checkpoint {
    Checkpoint::open(fixture.folder.join(file)).unwrap()
}

fn model(fixture: &Fixture, file: &str, precision: Precision) -> LanguageModel {
    LanguageModel::load(&checkpoint(fixture, file), precision).unwrap()
}

fn wide(values: &[f32]) -> impl Iterator<Item = f64> + '_ {
    values.iter().map(|x| f64::from(*x))
}

#[test]
fn every_layout_gives_the_golden_states_alone_and_in_a_batch_wherever_it_is_computed() {
    for (at, layout) in LAYOUTS.iter().enumerate() {
        let Some(fixture) = Fixture::open(layout.fixture) else { continue };
        // The weights of the others are the same, and so is what reads them.
        let first =
            !LAYOUTS[..at].iter().any(|other| (other.fixture, other.ids) == (layout.fixture, layout.ids));
        let places = Place::all(&checkpoint(&fixture, layout.file), Precision::F32);
        for place in places.iter().filter(|place| first || !place.slow) {
            assert_golden(layout, &fixture, place);
        }
    }
}

fn assert_golden(layout: &Layout, fixture: &Fixture, place: &Place) {
    let what = format!("{}/{} on {}", layout.fixture, layout.file, place.name);
    let (mut all, mut offsets, mut alone) = (Vec::new(), vec![0], Vec::new());
    for (case, ids) in fixture.cases(layout.ids) {
        let name = format!("{}{case}{}", layout.prefix, layout.suffix);
        let other_tokens = layout.ids == "multimolecule28_ids"
            && !fixture.inputs["cases"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| c["name"] == case.as_str() && c["same_tokens"] == true);
        let states = place.forward(&ids, &[0, ids.len()], None).unwrap();
        if !other_tokens && fixture.has(&name) {
            let error = fixture.error(wide(&states), &name);
            assert!(error <= 1.0, "{what}, {name}: {error} of the tolerance");
        }
        all.extend(ids);
        offsets.push(all.len());
        alone.extend_from_slice(&states);
    }
    assert!(offsets.len() > 5);
    let batch = place.forward(&all, &offsets, None).unwrap();
    assert_eq!(batch.len(), alone.len());
    for (a, b) in batch.iter().zip(&alone) {
        let same = if place.same_bits { a.to_bits() == b.to_bits() } else { (a - b).abs() < 1e-4 };
        assert!(same, "{what}: {a} in a batch, {b} alone");
    }
}

#[test]
fn layers_count_as_in_fair_esm_and_long_sequences_keep_their_positions() {
    let fixture = Fixture::open("esm2").unwrap();
    for place in Place::all(&checkpoint(&fixture, ""), Precision::F32) {
        assert_layers_of_esm2(&fixture, &place);
    }
    let fixture = Fixture::open("rinalmo").unwrap();
    for place in Place::all(&checkpoint(&fixture, "official.safetensors"), Precision::F32) {
        let cases = fixture.cases("official_ids");
        let (_, ids) = cases.iter().find(|(name, _)| name == "rna_acgu").unwrap();
        for block in 0..2 {
            let states = place.forward(ids, &[0, ids.len()], Some(block + 1)).unwrap();
            let error = fixture.error(wide(&states), &format!("block{block}.rna_acgu"));
            assert!(error <= 1.0, "block {block} on {}: {error}", place.name);
        }
    }
}

fn assert_layers_of_esm2(fixture: &Fixture, place: &Place) {
    let cases = fixture.cases("policy_ids");
    let (_, ids) = cases.iter().find(|(name, _)| name == "natural65").unwrap();
    for layer in 0..=3 {
        let states = place.forward(ids, &[0, ids.len()], Some(layer)).unwrap();
        let error = fixture.error(wide(&states), &format!("layer{layer}.natural65.policy"));
        assert!(error <= 1.0, "layer {layer} on {}: {error}", place.name);
    }
    let mut ids = vec![0];
    ids.extend((0..600_u32).map(|i| 4 + (7 * i * i + 3 * i) % 20));
    ids.push(2);
    let states = place.forward(&ids, &[0, ids.len()], None).unwrap();
    let ends = states[..4 * 32].iter().chain(&states[states.len() - 4 * 32..]);
    let error = fixture.error(ends.map(|x| f64::from(*x)), "last_hidden_state.long600.first4_last4");
    assert!(error <= 1.0, "{}: {error}", place.name);
}

#[test]
fn bf16_stays_near_f32_and_does_not_depend_on_the_batch_either() {
    for (name, limit) in [("esm2", 0.15), ("rinalmo", 0.15), ("molformer_small", 0.15)] {
        let fixture = Fixture::open(name).unwrap();
        let file = if name == "rinalmo" { "official.safetensors" } else { "" };
        let checkpoint = checkpoint(&fixture, file);
        let exact = LanguageModel::load(&checkpoint, Precision::F32).unwrap();
        let ids = LAYOUTS.iter().find(|layout| layout.fixture == name).unwrap().ids;
        for near in Place::all(&checkpoint, Precision::Bf16) {
            let (mut all, mut offsets, mut alone) = (Vec::new(), vec![0], Vec::new());
            for (_, ids) in fixture.cases(ids) {
                let states = near.forward(&ids, &[0, ids.len()], None).unwrap();
                let wanted = exact.forward(&ids, &[0, ids.len()], None).unwrap();
                let error = states.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(error < limit && error > 0.0, "{name} on {}: {error}", near.name);
                all.extend(ids);
                offsets.push(all.len());
                alone.extend_from_slice(&states);
            }
            if near.same_bits {
                assert_eq!(*near.forward(&all, &offsets, None).unwrap(), alone, "{name} on {}", near.name);
            }
        }
    }
}

#[test]
fn a_sequence_gets_the_same_bits_beside_thousands_of_tokens() {
    let fixture = Fixture::open("esm2").unwrap();
    let lengths = [100; 23];
    let ids: Vec<u32> =
        (0..lengths.iter().sum::<usize>() as u32).map(|i| 4 + (7 * i * i + 3 * i) % 20).collect();
    let offsets: Vec<usize> = (0..=lengths.len()).map(|i| 100 * i).collect();
    for precision in [Precision::F32, Precision::Bf16] {
        for place in Place::all(&checkpoint(&fixture, ""), precision).iter().filter(|place| place.same_bits) {
            let all = place.forward(&ids, &offsets, Some(1)).unwrap();
            for own in [0..100, 1000..1100, 2200..2300] {
                let alone = place.forward(&ids[own.clone()], &[0, 100], Some(1)).unwrap();
                let width = alone.len() / 100;
                let beside = &all[own.start * width..own.end * width];
                assert!(*beside == *alone, "{precision:?} on {}, tokens {own:?}", place.name);
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let fixture = Fixture::open("esm2").unwrap();
    let model = model(&fixture, "", Precision::Bf16);
    let lengths = [300, 7, 65, 2, 129];
    let ids: Vec<u32> =
        (0..lengths.iter().sum::<usize>() as u32).map(|i| 4 + (7 * i * i + 3 * i) % 20).collect();
    let mut offsets = vec![0];
    offsets.extend(lengths.iter().scan(0, |at, n| {
        Some({
            *at += n;
            *at
        })
    }));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.forward(&ids, &offsets, None).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn the_reference_agrees_with_the_golden_states_too() {
    for layout in LAYOUTS.iter().filter(|layout| layout.ids != "multimolecule28_ids") {
        let Some(fixture) = Fixture::open(layout.fixture) else { continue };
        let reference = Reference::new(&Checkpoint::open(fixture.folder.join(layout.file)).unwrap());
        for (case, ids) in fixture.cases(layout.ids) {
            let name = format!("{}{case}{}", layout.prefix, layout.suffix);
            let states = reference.forward(&ids, 3, None);
            let error = fixture.error(states.into_iter().flatten(), &name);
            assert!(error <= 1.0, "{name}: {error}");
        }
    }
}

#[test]
fn what_cannot_be_computed_is_said() {
    let fixture = Fixture::open("esm2").unwrap();
    let model = model(&fixture, "", Precision::F32);
    let said =
        |ids: &[u32], offsets: &[usize], layer| model.forward(ids, offsets, layer).unwrap_err().to_string();
    assert!(said(&[0, 33, 2], &[0, 3], None).contains("token 33"));
    assert!(said(&[0, 4, 2], &[0, 2], None).contains("offsets"));
    assert!(said(&[0, 4, 2], &[0, 3], Some(4)).contains("layer 4"));
    assert!(model.forward(&[], &[0], None).unwrap().is_empty());
}
