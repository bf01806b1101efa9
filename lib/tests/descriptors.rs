//! Holds the descriptors of sequences to values that an independent program computed
//! (`golden/descriptors/make_golden.py`).

use crossmamba::encoder::{Encoder as _, Kmer, blocks, column_names};
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::store::{Dtype, TokenRule};
use serde_json::Value;

/// Largest allowed difference of a value from its golden value, relative to the larger of that value and 1: the rounding
/// of f32, and what is left of the charge's root.
const TOLERANCE: f64 = 1e-6;

fn global(encoder: &Kmer, sequence: &str) -> Vec<f32> {
    let record = Record { id: RecordId::new("x").unwrap(), sequence: sequence.into() };
    encoder.encode(&[&record]).unwrap().remove(0).embedding.global
}

#[test]
fn the_blocks_of_version_2_have_their_golden_values() {
    let golden: Value = serde_json::from_str(include_str!("golden/descriptors/golden.json")).unwrap();
    let (mut compared, mut kinds) = (0, [0; 2]);
    for case in golden["cases"].as_array().unwrap() {
        let molecule = if case["kind"] == "rna" { Molecule::Rna } else { Molecule::Protein };
        kinds[usize::from(molecule == Molecule::Protein)] += 1;
        let names = column_names(molecule);
        let sequence = case["sequence"].as_str().unwrap();
        let encoder = Kmer::new(molecule, TokenRule::Pooled);
        let found = global(&encoder, sequence);
        for block in blocks(&encoder.manifest(Dtype::F32)) {
            let Some(sparse) = case["blocks"].get(&block.name) else { continue };
            let mut wanted = vec![0.0; block.columns.len()];
            for pair in sparse.as_array().unwrap() {
                wanted[pair[0].as_u64().unwrap() as usize] = pair[1].as_f64().unwrap();
            }
            for (column, wanted) in block.columns.zip(wanted) {
                let error = (f64::from(found[column]) - wanted).abs() / wanted.abs().max(1.0);
                assert!(
                    error <= TOLERANCE,
                    "{sequence}: {} is {}, not {wanted}",
                    names[column],
                    found[column]
                );
                compared += 1;
            }
        }
    }
    assert_eq!(kinds, [10, 13]);
    assert_eq!(compared, 10 * (463 - 85) + 13 * (650 - 426));
}

#[test]
fn version_1_is_the_beginning_of_version_2() {
    for (molecule, sequence) in [(Molecule::Rna, "ACGUNACGGU"), (Molecule::Protein, "MKRGGXWSRSRSC")] {
        let first = global(&Kmer::first(molecule, TokenRule::Pooled), sequence);
        let current = global(&Kmer::new(molecule, TokenRule::Pooled), sequence);
        assert_eq!(first, current[..first.len()]);
        assert!(current.len() > first.len() + 200);
    }
}

#[test]
fn an_empty_sequence_has_finite_values() {
    for molecule in [Molecule::Rna, Molecule::Protein] {
        let encoder = Kmer::new(molecule, TokenRule::Pooled);
        assert!(global(&encoder, "").iter().all(|value| value.is_finite()));
    }
}
