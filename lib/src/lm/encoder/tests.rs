//! What the encoder asks of an engine, seen from an engine of a few lines.

use std::num::NonZero;
use std::sync::Mutex;

use super::*;
use crate::record::RecordId;

/// An engine whose rows are a function of each token and its place, and which counts what it is given at once.
struct Toy {
    shape: Shape,
    most: u64,
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Engine for Toy {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn weights(&self) -> u64 {
        0
    }

    fn memory(&self, tokens: usize, _longest: usize) -> u64 {
        tokens as u64
    }

    fn available(&self) -> Option<u64> {
        None
    }

    fn can_take(&self, bytes: u64) -> bool {
        bytes <= self.most
    }

    fn prepare(&self) -> Result<()> {
        Ok(())
    }

    fn forward(&self, ids: &[u32], offsets: &[usize], _layer: Option<usize>) -> Result<OnHost> {
        self.batches.lock().unwrap().push(ids.len());
        let rows = offsets.windows(2).flat_map(|pair| ids[pair[0]..pair[1]].iter().enumerate());
        let rows = rows.flat_map(|(at, id)| vec![*id as f32 + at as f32 / 64.0; self.shape.width]);
        Ok(rows.collect::<Vec<_>>().into())
    }
}

/// Embeds three proteins with an engine of so many bytes; gives the embeddings, the batches and the warnings.
fn embed(most: u64) -> (Result<Vec<Encoded>>, Vec<usize>, Vec<String>) {
    let batches = Arc::default();
    let shape = Shape { width: 2, ..Shape::published(Family::Esm2, 6, 320, 1280, 33) };
    let engine = Toy { shape, most, batches: Arc::clone(&batches) };
    let settings = LmSettings {
        tokens: TokenRule::Residue,
        layer: None,
        precision: Precision::F32,
        context: NonZero::new(16).unwrap(),
        long: Long::Windows { stride: NonZero::new(8).unwrap() },
        max_tokens: NonZero::new(64),
    };
    let encoder = LmEncoder::with_engine(Box::new(engine), &Digest::of(b""), Tokenizer::esm2(), settings);
    let encoder = encoder.unwrap();
    let records = [("a", "MKTVRQERLK"), ("b", "GLDALQITV"), ("c", "MKTVRQERLKSIVRILERSKEPVSGAQL")]
        .map(|(id, letters)| Record { id: RecordId::new(id).unwrap(), sequence: letters.into() });
    let found = encoder.encode(&records.iter().collect::<Vec<_>>());
    let batches = batches.lock().unwrap().clone();
    (found, batches, encoder.warnings())
}

#[test]
fn an_engine_that_runs_short_of_memory_is_asked_for_less_and_gives_the_same() {
    let (plenty, batches, warnings) = embed(u64::MAX);
    assert_eq!((batches, warnings.len()), (vec![59, 18], 0));
    let (little, batches, warnings) = embed(20);
    assert_eq!(little.unwrap(), plenty.unwrap());
    assert!(batches.iter().all(|&tokens| tokens <= 20) && batches.len() > 2, "{batches:?}");
    assert!(warnings[0].contains("59 tokens at once"), "{warnings:?}");
}

#[test]
fn the_number_of_threads_that_pool_changes_nothing() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| embed(u64::MAX).0.unwrap())
    };
    let one = with(1);
    assert!(one.iter().all(|encoded| encoded.embedding.rows > 8));
    assert_eq!(one, with(2));
    assert_eq!(one, with(7));
}

#[test]
fn a_window_that_no_memory_suffices_for_names_the_record() {
    let (none, _, _) = embed(15);
    let message = none.unwrap_err().to_string();
    assert!(message.contains("18 tokens of the record `c`"), "{message}");
}
