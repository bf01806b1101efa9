//! Stores as files for Python: what goes out comes in again, and Python reads the same.

use std::path::PathBuf;
use std::process::Command;

use crossmamba::store::Store;

use super::{Place, get, place};

const FORMATS: [&str; 4] = ["out.safetensors", "out.npz", "out.h5", "folder"];

/// Makes a store of a built-in encoder from `proteins.fa`, with names that formats stumble over.
fn store(place: &Place, arguments: &str) {
    place.write("in.fa", ">a/b.c\nMKVLAAGIVGLCA\n>.\nGSHMKRR\n>ä|1\nGSHMKRRGSHMKRR\n>twin\nMKVLAAGIVGLCA\n");
    place.run("embed", &format!("--kind protein --input in.fa --output s {arguments}")).done();
}

#[test]
fn what_is_exported_comes_in_again() {
    for made in [
        "--encoder kmer --window 4",
        "--encoder kmer --tokens pooled",
        "--encoder kmer --tokens residue --dtype f16",
        "--encoder onehot --window 4 --max-windows 2 --dtype bf16",
        "--encoder onehot --tokens pooled",
    ] {
        let place = Place::new();
        store(&place, made);
        let tokens: String = made
            .split(" --dtype")
            .next()
            .unwrap()
            .replace("--encoder kmer", "")
            .replace("--encoder onehot", "");
        let first = Store::open(place.path("s")).unwrap();
        for out in FORMATS {
            place.run("embed", &format!("export --store s --output {out}")).done().says("4 records as");
            let back = format!("--encoder import --from {out} --name back {tokens}");
            place.run("embed", &format!("--kind protein --input in.fa --output {out}.store {back}")).done();
            let second = Store::open(place.path(&format!("{out}.store"))).unwrap();
            for id in ["a/b.c", ".", "ä|1", "twin"] {
                let (mut wanted, found) = (get(&first, id), get(&second, id));
                if wanted.rows == 0 {
                    // Of a molecule without rows the one vector is what there is.
                    wanted.values = std::mem::take(&mut wanted.global);
                    wanted.rows = 1;
                }
                assert_eq!(found, wanted, "{made} {out} {id}");
            }
        }
        // The same store gives the same bytes.
        place.run("embed", "export --store s --output again.h5").done();
        assert!(place.bytes("again.h5") == place.bytes("out.h5"), "{made}");
    }
}

#[test]
fn an_export_says_what_it_cannot_do_and_leaves_nothing() {
    let place = Place::new();
    store(&place, "--dtype bf16");
    place.write("taken/file", "mine").write("many.fa", ">a/b\nMK\n>a%2Fb\nMKK\n");
    place.run("embed", "--kind protein --input many.fa --output many").done();
    let before = place.files();
    for (arguments, words) in [
        ("export --store none --output out.npz", "none: does not exist; make the store"),
        (
            "export --store s --output out.csv",
            "setting `export`: `.csv` is not the suffix of a format; use .safetensors",
        ),
        ("export --store s --output taken", "taken: exists; name a new file or folder"),
        ("export --store s --output -", "setting `output`: an export cannot be written to standard output"),
        ("export --store s --output no/where.npz", "no/where.npz: cannot write"),
        (
            "export --store s --output out.npz --dtype bf16",
            "setting `dtype`: NumPy and HDF5 have no such numbers",
        ),
        ("export --store many --output out.h5", "record `a%2Fb`: would be the name of two data sets in HDF5"),
        ("export --output out.npz", "--store <FOLDER>"),
        ("export --store s --output out.npz --input in.fa", "unexpected argument '--input'"),
        (
            "--kind protein export --store s --output out.npz",
            "the subcommand 'export' cannot be used with '--kind <KIND>'",
        ),
    ] {
        place.run("embed", arguments).ended(2).says(words);
        assert_eq!(place.files(), before, "{arguments}");
    }
    let windows = "--encoder import --from out.npz --name x --window 8";
    place.run("embed", "export --store s --output out.npz").done();
    place
        .run("embed", &format!("--kind protein --input in.fa --output t {windows}"))
        .ended(2)
        .says("setting `tokens`: the files were exported with other rows (windows of 32, at most 32)");
}

/// Compares what Python's packages read from the four exports, and prints how many arrays there were.
const READ: &str = r#"
import json, sys, h5py, numpy
from safetensors.numpy import load_file
tensors, npz, hdf5 = load_file("out.safetensors"), numpy.load("out.npz"), h5py.File("out.h5")
index = json.load(open("folder/embeddings.safetensors.index.json"))["weight_map"]
about = "crossmamba manifest"
assert json.loads(npz[about].item()) == json.loads(hdf5.attrs[about].decode())
names = sorted(tensors)
assert sorted(index) == names == sorted(set(npz.files) - {about})
assert len(hdf5) == len(names), (sorted(hdf5), names)
for name in names:
    data = hdf5[name.replace("/", "%2F") if name != "." else "%2E"]
    for other in (npz[name], data[...], load_file("folder/" + index[name])[name]):
        assert other.dtype == tensors[name].dtype and other.shape == tensors[name].shape
        assert (other == tensors[name]).all(), name
    if "original_id" in data.attrs:
        assert data.attrs["original_id"].decode() == name.split(" ")[0]
print(len(names))
"#;

/// Finds a Python with numpy, h5py and safetensors: what `CROSSMAMBA_PYTHON` names, or the folder that CONTRIBUTING.md
/// tells to make.
fn python() -> Option<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/venv-exchange/bin/python");
    let python =
        std::env::var_os("CROSSMAMBA_PYTHON").filter(|name| !name.is_empty()).map_or(own, PathBuf::from);
    let probe = Command::new(&python).args(["-c", "import numpy, h5py, safetensors"]).output().ok()?;
    probe.status.success().then_some(python)
}

#[test]
fn python_reads_the_same_from_every_export() {
    let Some(python) = python() else {
        eprintln!(
            "NOT RUN: no Python with numpy, h5py and safetensors; see CONTRIBUTING.md, or set CROSSMAMBA_PYTHON"
        );
        return;
    };
    for made in ["--window 4", "--tokens residue --dtype f16"] {
        let place = Place::new();
        store(&place, made);
        for out in FORMATS {
            place.run("embed", &format!("export --store s --output {out}")).done();
        }
        let output = Command::new(&python).args(["-c", READ]).current_dir(place.path("")).output().unwrap();
        assert!(output.status.success(), "{made}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "8", "{made}");
    }
    let place = place();
    place.run("embed", "--kind protein --input proteins.fa --output s --tokens pooled").done();
    place.run("embed", "export --store s --output one.h5").done();
    let read = "import h5py; f = h5py.File('one.h5'); print(len(f), f['b'] == f['again'], f['b'].shape)";
    let output = Command::new(&python).args(["-c", read]).current_dir(place.path("")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "5 True (426,)");
}
