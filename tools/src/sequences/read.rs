//! Reads sequences of others into memory.

use crossmamba::Result;
use crossmamba::alphabet::look_like_nucleotides;
use crossmamba::io::{Source, read_sequences_from};
use crossmamba::normalise::{Normaliser, Rules};
use crossmamba::record::{Molecule, Record};

use super::{Naming, Sink, run};
use crate::kit::{Progress, Rejects};

/// Reads the sequences of a file as `crossmamba-parse sequences` does by its usual rules: what that tool would write is what
/// comes back, and what it would reject goes to the rejects.
///
/// # Errors
/// A file that cannot be read, or of which nothing is left.
pub fn read(source: &Source, kind: Molecule, rejects: &mut Rejects) -> Result<Vec<Record>> {
    rejects.next_input();
    let normaliser = Normaliser::new(Rules::new(kind));
    let mut sink = Sink::new(Vec::new(), source.path(), rejects);
    let progress = Progress::new("records", 0);
    let done = run(source, &normaliser, Naming::default(), &mut sink, &progress);
    progress.end();
    done?;
    sink.rejects.log();
    if kind == Molecule::Protein && look_like_nucleotides(&sink.letter_counts()) {
        tracing::warn!(
            "{}: the letters look like nucleotides, and the model takes proteins here",
            source.path().display()
        );
    }
    if sink.kept == 0 {
        return Err(sink.rejects.nothing_left(source.path(), "record", sink.records));
    }
    read_sequences_from(sink.into_output().as_slice(), source.path(), kind)
}
