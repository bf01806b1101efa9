//! The demo, whole and small: a card gives the figures of the CPU.

use std::path::Path;
use std::process::Command;

use crate::card::assert_close;
use crate::support::{Place, binary};

/// Runs the demo on a device and gives the last line of what it says.
fn demo(place: &Place, device: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/demo.sh");
    let output = Command::new("bash")
        .arg(script)
        .env("CROSSMAMBA_BIN", Path::new(binary("simulate")).parent().expect("a folder"))
        .env("DEMO_FOLDER", place.path(device))
        .env("DEMO_DEVICE", device)
        .env("DEMO_SMALL", "1")
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_demo_runs_whole_on_a_card_and_gives_the_figures_of_the_cpu() {
    let place = Place::new();
    let last = ["cpu", "cuda"].map(|device| demo(&place, device));
    let of = |line: &str| line.split_once(';').map(|(figure, _)| figure.to_owned());
    assert_eq!(of(&last[1]).expect("a last line"), of(&last[0]).expect("a last line"));
    let files = place.files();
    let names = |device: &str| -> Vec<&str> {
        files.iter().filter_map(|name| name.strip_prefix(device)?.strip_prefix('/')).collect()
    };
    assert_eq!(names("cuda"), names("cpu"));
    // The index of a store has checksums of what is compared elsewhere.
    let table =
        |name: &&str| Path::new(name).extension() == Some("tsv".as_ref()) && !name.contains(".store/");
    for name in names("cpu").into_iter().filter(table) {
        eprint!("{name}: ");
        assert_close(&place.read(&format!("cuda/{name}")), &place.read(&format!("cpu/{name}")));
    }
    // Whatever can compute on a card did.
    let made = ["rna.store", "protein.store", "trained/predictions.tsv", "other/predictions.tsv"];
    for name in made.into_iter().chain(["interaction/product-learnt/predictions.tsv"]) {
        let record = place.read(&format!("cuda/{name}.provenance.json"));
        assert!(record.contains("\"device\": \"cuda ("), "{name}: {record}");
    }
}
