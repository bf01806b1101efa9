//! A bench before the emulated card: uploads, launches, and what the launches did.

use cuda_emulator::value::Short;
use cuda_emulator::{Emulator, Error, Report, Settings};

use crate::nn::ops::card::{Launch, Number};
use crate::rng::Rng;

/// Greatest difference over the greatest value.
pub(super) const F32: f64 = 1e-5;
pub(super) const BF16: f64 = 1.5e-2;

pub(super) struct Bench {
    emulator: Emulator,
    pub(super) number: Number,
    reports: Vec<Report>,
}

impl Bench {
    pub(super) fn new(ptx: &str, number: Number, settings: Settings) -> Self {
        let mut emulator = Emulator::new(&[ptx]).unwrap();
        emulator.settings = settings;
        Self { emulator, number, reports: Vec::new() }
    }

    pub(super) fn singles(&mut self, values: &[f32]) -> u64 {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.emulator.upload(&bytes, "an input")
    }

    pub(super) fn positions(&mut self, values: &[u32]) -> u64 {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.emulator.upload(&bytes, "positions")
    }

    /// Gives memory for so many of a number; what it holds is not set.
    pub(super) fn room(&mut self, number: Number, count: usize) -> u64 {
        self.emulator.alloc(count * number.bytes(), "what is computed")
    }

    pub(super) fn launch(&mut self, launch: &Launch) -> Result<(), Error> {
        let bytes: Vec<u8> = launch.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let emulated = cuda_emulator::Launch {
            grid: launch.grid,
            block: [launch.threads, 1, 1],
            shared: launch.shared as usize,
            ..cuda_emulator::Launch::new(&launch.kernel)
        };
        let report = self.emulator.launch(&emulated.param(&bytes))?;
        self.reports.push(report);
        Ok(())
    }

    pub(super) fn read(&mut self, number: Number, at: u64) -> Result<Vec<f64>, Error> {
        let bytes = self.emulator.download(at)?;
        Ok(match number {
            Number::F32 => bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
            Number::BF16 | Number::F16 => {
                let widen = |b: &[u8; 2]| f64::from(Short::Brain.widen(u16::from_le_bytes(*b)));
                bytes.as_chunks().0.iter().map(widen).collect()
            }
        })
    }

    /// Asserts that no launch wasted an access, met in a bank or used local memory.
    pub(super) fn assert_thrifty(&self) {
        self.reports.iter().for_each(Report::assert_thrifty);
    }
}

pub(super) fn draw(seed: u64, count: usize) -> Vec<f32> {
    let mut values = vec![0.0; count];
    Rng::new(seed).fill_normal(&mut values);
    values
}

/// Gives the greatest difference over the greatest value.
pub(super) fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-30, |most: f64, x| most.max(x.abs()));
    let worst =
        found.iter().zip(expected).map(|(a, b)| if a.is_nan() { f64::INFINITY } else { (a - b).abs() });
    worst.fold(0.0, f64::max) / scale
}

pub(super) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}
