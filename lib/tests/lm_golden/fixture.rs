//! The fixtures: inputs and what the original programs made of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use serde_json::Value;

/// Where the fixtures of a model lie; `None` for those that are not part of the project and are not there.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    // Where the crate lies as the test runs, which need not be where it was built.
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let root = Path::new(&home).join("..");
    if name != "molformer" {
        return Some(root.join("tests/data/lm").join(name));
    }
    // Its vocabulary is not ours to copy.
    let Some(golden) = std::env::var_os("CROSSMAMBA_GOLDEN").filter(|name| !name.is_empty()) else {
        eprintln!("NOT RUN: MoLFormer's own vocabulary; see CONTRIBUTING.md, or set CROSSMAMBA_GOLDEN");
        return None;
    };
    Some(Path::new(&golden).join("molformer"))
}

/// One model's inputs and expected tensors.
pub(crate) struct Fixture {
    pub folder: PathBuf,
    pub inputs: Value,
    expected: HashMap<String, Vec<f32>>,
}

impl Fixture {
    pub(crate) fn open(name: &str) -> Option<Self> {
        let folder = folder(name)?;
        let inputs = serde_json::from_slice(&std::fs::read(folder.join("inputs.json")).unwrap()).unwrap();
        let file = std::fs::read(folder.join("expected.safetensors")).unwrap();
        let expected = SafeTensors::deserialize(&file).unwrap();
        let floats =
            |bytes: &[u8]| bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let expected = expected.iter().map(|(name, view)| (name.to_owned(), floats(view.data()))).collect();
        Some(Self { folder, inputs, expected })
    }

    /// The name and the tokens of each case.
    pub(crate) fn cases(&self, ids: &str) -> Vec<(String, Vec<u32>)> {
        let number = |id: &Value| u32::try_from(id.as_u64().unwrap()).unwrap();
        let case = |case: &Value| {
            (
                case["name"].as_str().unwrap().to_owned(),
                case[ids].as_array().unwrap().iter().map(number).collect(),
            )
        };
        self.inputs["cases"].as_array().unwrap().iter().map(case).collect()
    }

    pub(crate) fn expected(&self, name: &str) -> &[f32] {
        self.expected.get(name).unwrap_or_else(|| panic!("no expected tensor {name}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.expected.contains_key(name)
    }

    /// The largest error as a share of the stated tolerance: passes up to 1.
    pub(crate) fn error(&self, found: impl IntoIterator<Item = f64>, name: &str) -> f64 {
        let expected = self.expected(name);
        let tolerance = |key: &str| self.inputs["tolerance"][key].as_f64().unwrap();
        let (absolute, relative) = (tolerance("atol"), tolerance("rtol"));
        let mut count = 0;
        let mut worst: f64 = 0.0;
        for (found, expected) in found.into_iter().zip(expected) {
            let expected = f64::from(*expected);
            let error = (found - expected).abs() / (absolute + relative * expected.abs());
            worst = if error.is_nan() { f64::INFINITY } else { worst.max(error) };
            count += 1;
        }
        assert_eq!(count, expected.len(), "{name}");
        worst
    }
}
