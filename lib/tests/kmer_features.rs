//! Holds the first version of the k-mer features to values that an independent program computed (`golden/kmer/make_golden.py`).

use crossmamba::encoder::built_in;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::store::{Dtype, Embedding, TokenRule};
use serde_json::Value;

/// Largest allowed difference of a value from its golden value.
const TOLERANCE: f32 = 1e-6;

fn dense(sparse: &Value, length: usize) -> Vec<f32> {
    let mut values = vec![0.0; length];
    for pair in sparse.as_array().unwrap() {
        values[pair[0].as_u64().unwrap() as usize] = pair[1].as_f64().unwrap() as f32;
    }
    values
}

fn error(found: &[f32], golden: &[f32]) -> f32 {
    assert_eq!(found.len(), golden.len());
    found.iter().zip(golden).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn embed(molecule: Molecule, tokens: TokenRule, sequence: &str) -> Embedding {
    let record = Record { id: RecordId::new("x").unwrap(), sequence: sequence.into() };
    built_in("kmer", molecule, tokens).unwrap().encode(&[&record]).unwrap().remove(0).embedding
}

#[test]
fn windows_and_global_vectors_have_their_golden_values() {
    let text = include_str!("golden/kmer/golden.json");
    let golden: Value = serde_json::from_str(text).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 10);
    for case in cases {
        let molecule = match case["kind"].as_str().unwrap() {
            "rna" => Molecule::Rna,
            _ => Molecule::Protein,
        };
        let number = |key: &str| case[key].as_u64().unwrap() as usize;
        let tokens = TokenRule::Window { size: number("window"), cap: number("cap") };
        let sequence = case["sequence"].as_str().unwrap();
        let found = embed(molecule, tokens, sequence);
        assert_eq!(found.rows, number("rows"), "{sequence}");
        let worst = error(&found.values, &dense(&case["values"], found.values.len()))
            .max(error(&found.global, &dense(&case["global"], found.global.len())));
        assert!(worst <= TOLERANCE, "{molecule} {sequence}: {worst}");
    }
}

#[test]
fn stores_of_version_1_are_those_that_earlier_programs_wrote() {
    for (molecule, size, digest) in [
        (Molecule::Rna, 128, "ca687875dd65829f8208be08c437989ec7d84997a48a63a3261fe2db8106f826"),
        (Molecule::Protein, 32, "8873ecce59182f830ebc6993074f14bc4deb2c4849552cbe53abdf980ae7b769"),
    ] {
        let encoder = built_in("kmer", molecule, TokenRule::Window { size, cap: 32 }).unwrap();
        assert_eq!(encoder.manifest(Dtype::F32).digest.to_string(), digest);
    }
}

#[test]
fn residue_rows_add_up_to_the_spectrum_of_the_whole() {
    let sequence = "ACGUNACGGU";
    let rows = embed(Molecule::Rna, TokenRule::Residue, sequence);
    let whole = embed(Molecule::Rna, TokenRule::Pooled, sequence);
    assert_eq!((rows.rows, whole.rows, whole.values.len()), (sequence.len(), 0, 0));
    assert_eq!(rows.global, whole.global);
    for column in 0..84 {
        let k = if column < 4 { 1 } else { 1 + usize::from(column >= 4) + usize::from(column >= 20) };
        let places = (sequence.len() + 1 - k) as f32;
        let sum: f32 = rows.values.chunks_exact(84).map(|row| row[column]).sum();
        assert!((sum / places - whole.global[column]).abs() < TOLERANCE, "column {column}");
    }
}

#[test]
fn molecules_are_embedded_whether_their_graph_can_be_read_or_not() {
    let encoder = built_in("kmer", Molecule::SmallMolecule, TokenRule::Window { size: 4, cap: 2 }).unwrap();
    let records = ["CC(=O)Oc1ccccc1C(=O)O", "C1CC(", "&&", "C"]
        .map(|smiles| Record { id: RecordId::new("x").unwrap(), sequence: smiles.into() });
    let found = encoder.encode(&records.iter().collect::<Vec<_>>()).unwrap();
    let manifest = encoder.manifest(Dtype::F32);
    for (record, encoded) in records.iter().zip(&found) {
        let embedding = &encoded.embedding;
        assert_eq!(embedding.global.len(), manifest.global_width);
        assert_eq!(embedding.values.len(), embedding.rows * manifest.width);
        assert_eq!(embedding.rows, encoder.rows(encoder.length(&record.sequence)));
        assert!(embedding.global.iter().chain(&embedding.values).all(|value| value.is_finite()));
    }
    let read: Vec<bool> = found.iter().map(|encoded| encoded.remark.is_none()).collect();
    assert_eq!(read, [true, false, false, true]);
}
