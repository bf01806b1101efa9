//! Times what a card computes, each case beside its peers and its limit, in one run.
//!
//! `gpu --output FILE [--tiny] [--only TEXT] [--scratch FOLDER] [--peer NAME=PROGRAM]…`, called by `gpu.sh` and by the check
//! of a card. `--tiny` takes sizes that the emulated card can compute, whose times mean nothing. `--only` times the cases
//! whose name holds a text. A peer is run as `PROGRAM… CASE SIZES…` (`peers/gpu/with_torch.py`) and prints milliseconds (of
//! a scan forward and backward), or nothing if it has no such case.

#![allow(missing_docs, reason = "a program")]

mod clock;
mod encoder;
mod model;
mod scan;
mod table;
mod weights;

use crossmamba::nn::device::DeviceChoice;

use self::table::Table;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut scratch, mut table) = (std::env::temp_dir(), Table::default());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--output" => table.output = arguments.next(),
            "--only" => table.only = arguments.next().unwrap_or_default(),
            "--scratch" => scratch = arguments.next().unwrap_or_default().into(),
            "--peer" => table.add_peer(&arguments.next().unwrap_or_default()),
            "--tiny" => table.tiny = true,
            // Cargo adds flags of its own.
            _ => {}
        }
    }
    let opened = match DeviceChoice::Cuda(0).open() {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("bench gpu: SKIPPED: {error}");
            return;
        }
    };
    table.begin(&opened.words);
    // What takes longest, with peers that compile, comes last.
    model::time(&opened.device, &mut table);
    encoder::time(&opened.device, &scratch, &mut table);
    scan::time(&opened.device, &mut table);
}
