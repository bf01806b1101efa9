//! Tensors of `golden/scan/make_golden_scan.py`, which checked them against `PyTorch`'s f64 autograd.

use std::collections::HashMap;
use std::path::Path;

use crossmamba::nn::ops::scan::{Gradients, Outputs, ScanInputs};
use crossmamba::nn::{Direction, Segments};
use safetensors::SafeTensors;

use crate::case::Case;
use crate::implementation::{Implementation, Results, assert_same};

/// A fixture: tensors by name, and its metadata.
struct Fixture {
    tensors: HashMap<String, (Vec<usize>, Vec<f64>)>,
    metadata: HashMap<String, String>,
}

impl Fixture {
    fn read(name: &str) -> Self {
        // Where the crate lies as the test runs, which need not be where it was built.
        let home =
            std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let folder = Path::new(&home).join("tests/golden/scan");
        let bytes = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let read = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
            let words = view.data().chunks_exact(8).map(|b| b.try_into().unwrap());
            let values = match view.dtype() {
                safetensors::Dtype::I64 => words.map(|b| i64::from_le_bytes(b) as f64).collect(),
                _ => words.map(f64::from_le_bytes).collect(),
            };
            (name, (view.shape().to_vec(), values))
        };
        Self { tensors: tensors.tensors().into_iter().map(read).collect(), metadata }
    }

    fn get(&self, name: &str) -> Option<Vec<f64>> {
        self.tensors.get(name).map(|(_, values)| values.clone())
    }

    fn need(&self, name: &str) -> Vec<f64> {
        self.get(name).unwrap_or_else(|| panic!("the fixture has no {name}"))
    }

    fn case(&self) -> Case {
        let a_shape = &self.tensors["A"].0;
        let u_shape = &self.tensors["u"].0;
        let segments = match self.get("cu_seqlens") {
            Some(offsets) => Segments::new(offsets.iter().map(|&x| x as usize).collect::<Vec<_>>()).unwrap(),
            None => Segments::from_lengths(vec![u_shape[1]; u_shape[0]]),
        };
        let mut delta = self.need("delta");
        if self.steps_given() {
            // Our step always goes through softplus: invert it.
            for x in &mut delta {
                *x = x.exp_m1().ln();
            }
        }
        Case {
            x: ScanInputs {
                u: self.need("u"),
                delta,
                a: self.need("A"),
                b: self.need("B"),
                c: self.need("C"),
                d: self.get("D"),
                z: self.get("z"),
                delta_bias: self.get("delta_bias"),
                h0: self.get("h0"),
            },
            w: None,
            size: (a_shape[0], a_shape[1]),
            segments,
            direction: match self.metadata["reverse"].as_str() {
                "True" => Direction::Reverse,
                _ => Direction::Forward,
            },
            dout: self.get("dout"),
            dh_last: self.get("dh_last"),
            dk: None,
        }
    }

    fn steps_given(&self) -> bool {
        self.metadata["delta_softplus"] == "False"
    }

    fn expected(&self) -> Results {
        let x = self.case().x;
        let mut ddelta = self.need("ddelta");
        if self.steps_given() {
            ddelta.iter_mut().zip(&x.delta).for_each(|(g, p)| *g /= 1.0 + (-p).exp());
        }
        let gradients = ScanInputs {
            u: self.need("du"),
            delta: ddelta,
            a: self.need("dA"),
            b: self.need("dB"),
            c: self.need("dC"),
            d: x.d.map(|_| self.need("dD")),
            z: x.z.map(|_| self.need("dz")),
            delta_bias: x.delta_bias.map(|_| self.need("ddelta_bias")),
            h0: x.h0.map(|_| self.need("dh0")),
        };
        let outputs = Outputs { out: self.need("out"), h_last: self.need("h_last"), k: None };
        (outputs, Gradients { x: gradients, w: None })
    }
}

#[test]
fn every_implementation_reproduces_the_golden_scans() {
    let kinds = ["full", "reverse", "plain", "noz", "state"];
    let scans = kinds.iter().flat_map(|kind| [1, 2, 7, 33].map(|l| format!("scan_{kind}_L{l}")));
    for name in scans.chain(["packed_fwd_T33".into(), "packed_rev_T33".into()]) {
        let fixture = Fixture::read(&name);
        for implementation in Implementation::all() {
            let got = implementation.run(&fixture.case());
            let what = format!("{name}, {implementation:?}");
            assert_same(&what, &got, &fixture.expected(), implementation.tolerance());
        }
    }
}
