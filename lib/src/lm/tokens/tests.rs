use std::path::PathBuf;

use serde_json::Value;

use super::*;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/lm").join(name)
}

fn cases(model: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(data(model).join("inputs.json")).unwrap();
    let Value::Array(cases) = serde_json::from_str::<Value>(&text).unwrap()["cases"].take() else { panic!() };
    cases
}

fn ids(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn framed(tokenizer: &Tokenizer, text: &str) -> (Vec<u32>, usize, usize) {
    let tokens = tokenizer.encode(text.as_bytes());
    assert_eq!(tokens.ids.len(), tokenizer.length(text.as_bytes()), "{text}");
    let mut ids = Vec::new();
    tokenizer.frame(&tokens.ids, &mut ids);
    (ids, tokens.unknown, tokens.dropped)
}

#[test]
fn proteins_have_the_recorded_ids() {
    let tokenizer = Tokenizer::esm2();
    for case in cases("esm2") {
        let text = case["text"].as_str().unwrap();
        let (found, unknown, _) = framed(&tokenizer, text);
        assert_eq!(found, ids(&case["policy_ids"]), "{text}");
        assert_eq!(unknown, if text == "AAJJAA7AA*" { 3 } else { 0 }, "{text}");
    }
    let published = Vocabulary::read(&data("esm2/vocab.txt")).unwrap();
    assert_eq!(published.tokens(), Vocabulary::esm2().tokens());
}

#[test]
fn rnas_have_the_recorded_ids_in_each_of_the_three_vocabularies() {
    let read = |name: &str| Vocabulary::read(&data(name).join("vocab.txt")).unwrap();
    assert_eq!(read("rinalmo").tokens(), Vocabulary::rinalmo(28).unwrap().tokens());
    assert_eq!(read("rinalmo26").tokens(), Vocabulary::rinalmo(26).unwrap().tokens());
    let official = Tokenizer::rinalmo(Vocabulary::rinalmo(22).unwrap()).unwrap();
    let later = Tokenizer::rinalmo(read("rinalmo")).unwrap();
    let earlier = Tokenizer::rinalmo(read("rinalmo26")).unwrap();
    let mut compared = 0;
    for case in cases("rinalmo") {
        let Some(text) = case["text"].as_str() else { continue };
        let (found, unknown, _) = framed(&official, text);
        if text == "AC.GX*Z?U|" {
            // As documented: `.`, `X` and `?` are any nucleotide, the rest is unknown.
            assert_eq!((found, unknown), (vec![0, 5, 6, 20, 7, 20, 3, 3, 20, 8, 3, 2], 6));
            continue;
        }
        if text.contains(' ') {
            assert_eq!(
                found,
                ids(&case["official_ids"]).into_iter().filter(|&id| id != 3).collect::<Vec<_>>()
            );
            continue;
        }
        assert_eq!((found, unknown), (ids(&case["official_ids"]), 0), "{text}");
        assert_eq!(framed(&later, text).0, ids(&case["multimolecule28_ids"]), "{text}");
        // The two converted vocabularies name the same letters by other ids.
        let moved =
            |id: u32| earlier.vocabulary().id(later.vocabulary().tokens()[id as usize].as_bytes()).unwrap();
        assert_eq!(
            framed(&earlier, text).0,
            framed(&later, text).0.into_iter().map(moved).collect::<Vec<_>>()
        );
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} cases were compared");
}

#[test]
fn small_molecules_have_the_recorded_ids_and_what_is_left_out_is_counted() {
    let path = data("molformer_small/vocab.json");
    let vocabulary = Vocabulary::read(&path).unwrap();
    let published = Tokenizer::molformer(vocabulary.clone(), false).unwrap();
    let original = Tokenizer::molformer(vocabulary.clone(), true).unwrap();
    for case in cases("molformer_small") {
        let text = case["text"].as_str().unwrap();
        let (found, unknown, dropped) = framed(&published, text);
        assert_eq!(found, ids(&case["ids"]), "{text}");
        assert_eq!(framed(&original, text).0, ids(&case["ids_ibm_finetune_tokenizer"]), "{text}");
        let wanted = match text {
            "[Uuo]C>C" => (2, 0),
            "CC H\tOl" => (0, 4),
            _ => (0, 0),
        };
        assert_eq!((unknown, dropped), wanted, "{text}");
    }
    for other in ["bert_vocab.txt", "tokenizer.json"] {
        let found = Vocabulary::read(&path.with_file_name(other)).unwrap();
        assert_eq!(found.tokens(), vocabulary.tokens(), "{other}");
    }
}

#[test]
fn files_that_are_no_vocabulary_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vocab.json");
    for (text, words) in [
        ("a\nb\na\nc\n", "the token `a` has the ids 0 and 2"),
        ("x\ny\n", "it is too short"),
        (
            r#"{"a": 0, "b": 2, "c": 3, "d": 1, "e": 1}"#,
            "the id of `e` is 1, and 5 tokens have one each from 0",
        ),
        (r#"{"a": 0, "b": 9}"#, "the id of `b` is 9"),
        (r#"{"model": {"vocab": []}}"#, "it holds no object of ids by token"),
        ("{", "EOF while parsing"),
    ] {
        std::fs::write(&path, text).unwrap();
        let message = Vocabulary::read(&path).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    std::fs::write(&path, b"\xff\xfe\n").unwrap();
    assert!(Vocabulary::read(&path).unwrap_err().to_string().contains("it is not text"));
    let short = Vocabulary::new(["<bos>", "<eos>", "C", "O"].map(String::from).to_vec()).unwrap();
    let message = Tokenizer::molformer(short, false).unwrap_err().to_string();
    assert!(message.contains("has no `<unk>`"), "{message}");
}
