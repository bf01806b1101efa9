//! Files of named tensors, as `PyTorch` and safetensors write them, give their values back.

use std::path::PathBuf;

use crossmamba::tensors::{ElementType, TensorFile};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/lm/torch")).join(name)
}

/// The generator puts 0, 1, 2, … into every tensor.
fn count(from: usize, to: usize) -> Vec<f32> {
    (from..to).map(|value| value as f32).collect()
}

#[test]
fn what_torch_saves_today_is_read_in_every_protocol() {
    for name in ["values_2.pt", "values_4.pt"] {
        let file = TensorFile::open(fixture(name)).unwrap();
        let read = |name: &str| file.tensor(name).unwrap();
        for (name, dtype) in [
            ("f32", ElementType::F32),
            ("f16", ElementType::F16),
            ("bf16", ElementType::Bf16),
            ("f64", ElementType::F64),
        ] {
            assert_eq!((read(name).dtype, read(name).shape), (dtype, vec![2, 3]));
            assert_eq!(read(name).to_f32().unwrap(), count(0, 6), "{name}");
        }
        assert_eq!((read("i64").dtype, read("i64").bytes.len()), (ElementType::I64, 24));
        assert_eq!((read("u16").dtype, &*read("u16").bytes), (ElementType::U16, &[0, 0, 1, 0, 2, 0][..]));
        assert_eq!(&*read("truth").bytes, [0, 1]);
        assert_eq!((read("scalar").shape, read("scalar").to_f32().unwrap()), (vec![], vec![7.0]));
        assert_eq!((read("empty").shape, read("empty").count()), (vec![0, 3], 0));
        assert_eq!(read("whole").to_f32().unwrap(), count(0, 24));
        assert_eq!(read("tied").to_f32().unwrap(), count(0, 24));
        assert_eq!(read("transposed").shape, [6, 4]);
        assert_eq!(read("transposed").to_f32().unwrap()[..5], [0.0, 6.0, 12.0, 18.0, 1.0]);
        assert_eq!(read("part").to_f32().unwrap(), [8.0, 9.0, 10.0, 14.0, 15.0, 16.0]);
        assert_eq!(read("column").to_f32().unwrap(), [5.0, 11.0, 17.0, 23.0]);
        assert_eq!(read("parameter").to_f32().unwrap(), count(0, 4));

        let object = file.object().unwrap();
        assert_eq!(object.get("epoch").unwrap().integer(), Some(3));
        assert_eq!(object.get("rate").unwrap().number(), Some(0.5));
        assert_eq!(object.get("long").unwrap().integer(), None);
        let flags: Vec<_> =
            object.get("flags").unwrap().elements().map(|flag| flag.truth().unwrap()).collect();
        assert_eq!(flags, [true, false]);
        assert_eq!(object.get("options").unwrap().get("heads").unwrap().integer(), Some(4));
        assert_eq!(object.get("options").unwrap().get("label").unwrap().text(), Some("é"));
        assert_eq!(object.get("counts").unwrap().get("a").unwrap().integer(), Some(1));
        assert_eq!(object.get("names").unwrap().elements().count(), 2);
        assert!(object.get("absent").is_none());
    }
}

#[test]
fn tensors_without_a_state_dict_are_named_by_their_keys() {
    let file = TensorFile::open(fixture("extract.pt")).unwrap();
    let names: Vec<_> = file.names().collect();
    assert_eq!(names, ["mean_representations.6", "representations.2", "representations.6"]);
    assert_eq!(file.tensor("representations.6").unwrap().to_f32().unwrap(), count(0, 12));
    let object = file.object().unwrap();
    assert_eq!(object.get("label").unwrap().text(), Some("a"));
    let layers: Vec<_> = object.get("representations").unwrap().entries().collect();
    let (layer, tensor) = layers[1];
    assert_eq!(layer.integer(), Some(6));
    assert_eq!(tensor.checked_tensor().unwrap().unwrap().shape, [3, 4]);
}

#[test]
fn a_view_of_row_major_values_copies_nothing() {
    let file = TensorFile::open(fixture("values_2.pt")).unwrap();
    assert!(matches!(file.get("whole").unwrap().bytes, std::borrow::Cow::Borrowed(_)));
    assert!(matches!(file.get("transposed").unwrap().bytes, std::borrow::Cow::Owned(_)));
}

#[test]
fn other_formats_of_torch_are_refused_by_name() {
    for (name, problem) in [
        ("legacy.pt", "has the format of torch before 1.6"),
        ("script.pt", "is a TorchScript program"),
        (
            "module.pt",
            "names `torch.nn.modules.linear.Linear`, which is not among the classes that weights need",
        ),
    ] {
        let message = TensorFile::open(fixture(name)).err().unwrap().to_string();
        assert!(message.contains(problem), "{message}");
    }
}
