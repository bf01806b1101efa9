//! Holds distances and transfer numbers to what an independent program computed (`golden/transfer/make_golden.py`).

use crossmamba::pair::{Side, Sides};
use crossmamba::transfer::{Asked, Block, Distances, Query, Transfer};
use serde_json::Value;

/// Largest allowed difference: the golden values are in double precision, the distances here in single.
const TOLERANCE: f64 = 2e-5;

fn numbers<T: serde::de::DeserializeOwned>(golden: &Value, key: &str) -> T {
    serde_json::from_value(golden[key].clone()).unwrap()
}

#[test]
fn distances_and_numbers_have_their_golden_values() {
    let golden: Value = serde_json::from_str(include_str!("golden/transfer/golden.json")).unwrap();
    let blocks: [Vec<Vec<Vec<f32>>>; 2] = numbers(&golden, "blocks");
    let known: [Vec<u32>; 2] = numbers(&golden, "known");
    let values = blocks.map(|blocks| {
        blocks.into_iter().map(|block| (block[0].len(), block.concat())).collect::<Vec<(usize, Vec<f32>)>>()
    });
    let values = Sides::from(values);
    let blocks = values.as_ref().map(|blocks| {
        blocks.iter().map(|(width, values)| Block { values, width: *width }).collect::<Vec<_>>()
    });
    let known = Sides::from(known);
    let distances = Sides::of(|side| Distances::fit(&blocks[side], &known[side]));
    let wanted: Sides<Vec<Vec<f64>>> = Sides::from(numbers::<[_; 2]>(&golden, "distances"));
    for side in Side::BOTH {
        let wanted = &wanted[side];
        let all: Vec<u32> = (0..wanted.len() as u32).collect();
        let found = distances[side].rows(&blocks[side], &all);
        assert_eq!(found.len(), wanted.len() * wanted[0].len());
        for (found, wanted) in found.iter().zip(wanted.iter().flatten()) {
            assert!(
                (f64::from(*found) - wanted).abs() < TOLERANCE * wanted.max(1.0),
                "{found}, not {wanted}"
            );
        }
    }
    let place =
        |side: &[u32], molecule: u32| side.iter().position(|&other| other == molecule).map(|at| at as u32);
    let pairs: Vec<[u32; 2]> = numbers(&golden, "pairs");
    let pairs = pairs.iter().map(|[rna, partner]| {
        Sides::new(place(&known.rna, *rna).unwrap(), place(&known.partner, *partner).unwrap())
    });
    let transfer = Transfer::new(distances, pairs.collect(), numbers(&golden, "labels"));
    let same = Sides::of(|side| {
        let count = values[side][0].1.len() / values[side][0].0;
        (0..count as u32).map(|molecule| place(&known[side], molecule)).collect::<Vec<_>>()
    });
    let query = Sides::of(|side| Query { blocks: &blocks[side], same: &same[side] });
    let asked: Vec<[u32; 2]> = numbers(&golden, "asked");
    let asked: Vec<Sides<u32>> = asked.into_iter().map(Sides::from).collect();
    let all = Asked { known: transfer.all(), places: (0..asked.len()).collect() };
    let found = transfer.numbers(&query, &asked, &[all]);
    let wanted: Vec<Vec<f64>> = numbers(&golden, "numbers");
    assert_eq!(found.len(), wanted.len() * transfer.width());
    for (found, wanted) in found.iter().zip(wanted.iter().flatten()) {
        assert!((f64::from(*found) - wanted).abs() < TOLERANCE, "{found}, not {wanted}");
    }
}
