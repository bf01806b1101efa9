//! Reads, normalises and writes at the same time, in order.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::kit::Progress;
use crossmamba::io::{Chunk, Chunks, Source};
use crossmamba::normalise::{Identifier, Normaliser};
use crossmamba::{Error, Result};
use rayon::prelude::*;

use super::piece::{Naming, Piece};
use super::sink::Sink;

/// Chunks that each thread gets at a time: with two batches waiting on each side, memory stays within about
/// twenty chunks of 1 MiB per thread.
const CHUNKS_PER_THREAD: usize = 2;

/// Sends one file through the normaliser into the sink. One thread reads, the pool normalises, this thread
/// writes; the order of the file is kept, so that the result does not depend on the number of threads.
pub fn run(
    source: &Source,
    normaliser: &Normaliser,
    naming: Naming<'_>,
    sink: &mut Sink<'_, impl Write>,
    progress: &Progress,
) -> Result<()> {
    let (path, rules) = (source.path(), normaliser.rules());
    let mut chunks = Chunks::new(source.open()?, path, rules.kind, normaliser.longest_text())?;
    if rules.identifier == Identifier::Before {
        chunks = chunks.identifier_before();
    }
    let format = chunks.format();
    let batch = rayon::current_num_threads() * CHUNKS_PER_THREAD;
    std::thread::scope(|scope| {
        let (to_normalise, read) = sync_channel(1);
        let (to_write, normalised) = sync_channel(1);
        let thread = || std::thread::Builder::new();
        let refused = |error| Error::io("start a thread to read", path)(error);
        thread().spawn_scoped(scope, move || read_chunks(chunks, batch, &to_normalise)).map_err(refused)?;
        let normalise = move || {
            let normalise = |chunk| Piece::new(&chunk, format, path, normaliser, naming);
            relay(&read, &to_write, |batch: Vec<Chunk>| batch.into_par_iter().map(normalise).collect());
        };
        thread().spawn_scoped(scope, normalise).map_err(refused)?;
        while let Ok(pieces) = normalised.recv() {
            let pieces: Vec<Result<Piece>> = pieces?;
            for piece in pieces {
                let piece = piece?;
                sink.take(&piece, path)?;
                progress.add(piece.items.len() as u64);
            }
        }
        Ok(())
    })
}

type Batch<T> = Result<Vec<T>>;

/// Reads until the end, a fault, or until nobody listens any more.
fn read_chunks(mut chunks: Chunks, size: usize, out: &SyncSender<Batch<Chunk>>) {
    loop {
        let mut batch = Vec::with_capacity(size);
        let fault = loop {
            match chunks.next_chunk() {
                Ok(Some(chunk)) => batch.push(chunk),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
            if batch.len() == size {
                break None;
            }
        };
        let ended = batch.len() < size;
        let sent = (batch.is_empty() || out.send(Ok(batch)).is_ok())
            && fault.is_none_or(|error| out.send(Err(error)).is_ok());
        if ended || !sent {
            return;
        }
    }
}

fn relay<T, U>(from: &Receiver<Batch<T>>, to: &SyncSender<Batch<U>>, work: impl Fn(Vec<T>) -> Vec<U>) {
    while let Ok(batch) = from.recv() {
        if to.send(batch.map(&work)).is_err() {
            return;
        }
    }
}
