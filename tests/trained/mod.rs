//! A small set of pairs with its stores, and a configuration that trains in a moment.

#![allow(dead_code, reason = "each test file uses a part")]

use crate::support::Place;

/// The stores, as every command below names them.
pub(crate) const STORES: &str = "--rna-store rna.store --partner-store partner.store";

/// A network and a schedule small enough for tests.
pub(crate) const CONFIG: &str = "\
model: {width: 8, inner: 8, state: 4, hidden: 8}
training: {epochs: 3, batch: 16}
";

/// Molecules per side.
const COUNT: usize = 12;

/// A number that looks random and is always the same.
fn mix(seed: usize) -> usize {
    let mut x = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) as usize >> 8
}

fn sequences(prefix: &str, letters: &[u8], length: usize, salt: usize) -> String {
    let mut text = String::new();
    for i in 0..COUNT {
        let length = length + mix(salt + i) % length;
        let letters: String =
            (0..length).map(|j| letters[mix(salt + 1000 * i + j) % letters.len()] as char).collect();
        text.push_str(&format!(">{prefix}{i}\n{letters}\n"));
    }
    text
}

/// Writes sequences, pairs (120, of which a third is positive), splits and stores.
pub(crate) fn prepare(place: &Place) {
    // r0 and r12 are one sequence under two ids.
    let mut rna = sequences("r", b"ACGU", 150, 1);
    let first = rna.lines().nth(1).expect("a sequence").to_owned();
    rna.push_str(&format!(">r12\n{first}\n"));
    place.write("rna.fa", rna).write("partner.fa", sequences("p", b"ACDEFGHIKLMNPQRSTVWY", 50, 77));
    let mut pairs = String::from("rna_id\tpartner_id\tlabel\n");
    let mut affinities = pairs.clone();
    let mut splits = String::from("rna_id\tpartner_id\tfold\n");
    let mut holdout = splits.clone();
    for i in 0..120 {
        let (r, p) = (i % COUNT, (i / COUNT + i) % COUNT);
        let label = usize::from((r + p) % 3 == 0);
        pairs.push_str(&format!("r{r}\tp{p}\t{label}\n"));
        affinities.push_str(&format!("r{r}\tp{p}\t{}\n", 4.5 + (r * p % 7) as f64 / 4.0));
        splits.push_str(&format!("r{r}\tp{p}\t{}\n", mix(i) % 3));
        holdout.push_str(&format!("r{r}\tp{p}\t{}\n", ["train", "train", "validation", "test"][mix(i) % 4]));
    }
    place.write("pairs.tsv", pairs).write("affinities.tsv", affinities);
    place.write("splits.tsv", splits).write("holdout.tsv", holdout).write("config.yaml", CONFIG);
    place.run("embed", "--kind rna --input rna.fa --output rna.store").done();
    place.run("embed", "--kind protein --input partner.fa --output partner.store").done();
}
