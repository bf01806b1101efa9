//! The kernels of a CUDA card on the emulated one: they equal the composites, waste nothing and depend on no order.

use candle_core::{DType, Device, Result, Tensor, bail};
use cuda_emulator::bug::Noticed;
use cuda_emulator::value::Short;
use cuda_emulator::{Emulator, Error, Report, Settings};

use super::{F32, LENGTHS, assert_close, draw, pairs, run, segments};
use crate::nn::ops::card::desk::{CardOp, Desk, Lies, module};
use crate::nn::ops::card::{Launch, Number};
use crate::nn::ops::contract::Contract;
use crate::nn::ops::conv::Conv;
use crate::nn::ops::draw::What;
use crate::nn::ops::draw::card::launch as drawing;
use crate::nn::ops::gather::Gather;
use crate::nn::{Direction, Indices, Segments};
use crate::rng::Rng;

/// A desk before the emulated card.
pub(super) struct Work {
    emulator: Emulator,
    number: Number,
    /// What each launch did.
    reports: Vec<Report>,
    /// What the card answered when it failed.
    fault: Option<Error>,
}

impl Work {
    pub(super) fn new(ptx: &str, number: Number, settings: Settings) -> Self {
        let mut emulator = Emulator::new(&[ptx]).unwrap();
        emulator.settings = settings;
        Self { emulator, number, reports: Vec::new(), fault: None }
    }

    fn upload(&mut self, x: &Tensor) -> Result<u64> {
        let values: Vec<f32> = x.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
        let short = |kind: Short| values.iter().flat_map(|&x| kind.round(x).to_le_bytes()).collect();
        let bytes: Vec<u8> = match self.number {
            Number::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Number::BF16 => short(Short::Brain),
            Number::F16 => short(Short::Half),
        };
        Ok(self.emulator.upload(&bytes, "an input"))
    }

    fn download(&mut self, at: u64, count: usize) -> Result<Vec<f64>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = match self.emulator.download(at) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(error),
        };
        let short = |kind: Short| {
            let widen = |b: &[u8; 2]| f64::from(kind.widen(u16::from_le_bytes(*b)));
            bytes.as_chunks().0.iter().map(widen).collect()
        };
        Ok(match self.number {
            Number::F32 => bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
            Number::BF16 => short(Short::Brain),
            Number::F16 => short(Short::Half),
        })
    }

    /// Says how the card noticed that something failed, and in which words.
    pub(super) fn noticed(&self) -> (Noticed, String) {
        let error = self.fault.as_ref().expect("a fault of the card");
        (Noticed::of(error), error.to_string())
    }

    fn fail<T>(&mut self, error: Error) -> Result<T> {
        let text = error.to_string();
        self.fault = Some(error);
        bail!("{text}")
    }

    /// Draws so many numbers.
    pub(super) fn draw(&mut self, what: What, rng: &mut Rng, count: usize) -> Result<Vec<f64>> {
        let number = self.number;
        let to = self.alloc(number, count)?;
        if let Some(launch) = drawing(what, rng, number, to, count) {
            self.launch(launch)?;
        }
        self.download(to, count)
    }

    /// Asserts that no launch so far wasted anything.
    pub(super) fn assert_thrifty(&self) {
        self.reports.iter().for_each(Report::assert_thrifty);
    }

    /// Computes outputs and gradients of the loss that `super::run` has.
    pub(super) fn run<O: CardOp>(&mut self, op: &O, shapes: &[&[usize]]) -> Result<Vec<Vec<f64>>> {
        assert!(op.fits(shapes));
        let mut x = Vec::new();
        for (at, shape) in (0..).zip(shapes) {
            x.push(Lies { at: self.upload(&draw(at, shape))?, dims: shape.to_vec() });
        }
        let outputs = op.forward(self, &x)?;
        let mut grads = Vec::new();
        for (at, output) in (100..).zip(&outputs) {
            grads.push(Some(self.upload(&draw(at, &output.dims))?));
        }
        let gradients = op.backward(self, &x, &grads)?;
        let outputs = outputs.iter().map(|out| (Some(out.at), out.count()));
        let gradients = gradients.into_iter().zip(&x).map(|(at, x)| (at, x.count()));
        let all: Vec<_> = outputs.chain(gradients).collect();
        let mut get = |(at, count): (Option<u64>, usize)| match at {
            Some(at) => self.download(at, count),
            None => Ok(vec![0.0; count]),
        };
        all.into_iter().map(&mut get).collect()
    }
}

impl Desk for Work {
    fn number(&self) -> Number {
        self.number
    }

    fn alloc(&mut self, number: Number, count: usize) -> Result<u64> {
        Ok(self.emulator.alloc(count * number.bytes(), "what is computed"))
    }

    fn positions(&mut self, of: &Indices) -> Result<u64> {
        let bytes: Vec<u8> = of.positions().iter().flat_map(|x| x.to_le_bytes()).collect();
        Ok(self.emulator.upload(&bytes, "positions"))
    }

    fn launch(&mut self, launch: Launch) -> Result<()> {
        let bytes: Vec<u8> = launch.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let emulated = cuda_emulator::Launch {
            grid: launch.grid,
            block: [launch.threads, 1, 1],
            shared: launch.shared as usize,
            ..cuda_emulator::Launch::new(&launch.kernel)
        };
        match self.emulator.launch(&emulated.param(&bytes)) {
            Ok(report) => self.reports.push(report),
            Err(error) => return self.fail(error),
        }
        Ok(())
    }
}

pub(super) fn conv(direction: Direction) -> Conv {
    Conv { segments: segments(), direction }
}

pub(super) fn contract() -> Contract {
    let [taker, giver] = pairs();
    Contract { taker, giver }
}

pub(super) fn gather(segments: Segments) -> Gather {
    let at = pairs()[0].clone();
    let taken = Segments::from_lengths(at.positions().iter().map(|&at| segments.range(at as usize).len()));
    Gather { segments, taken, at }
}

pub(super) fn single_rows() -> Segments {
    Segments::from_lengths([1; LENGTHS.len()])
}

/// Runs an operation and says what it gave beside what its composite gives.
fn both<O: CardOp>(make: impl Fn() -> O, shapes: &[&[usize]], work: &mut Work) -> [Vec<Vec<f64>>; 2] {
    let expected = run(|x| make().composite(x), shapes, DType::F64, &Device::Cpu).unwrap();
    [work.run(&make(), shapes).unwrap_or_else(|error| panic!("{}: {error}", O::NAME)), expected]
}

fn assert_agreement<O: CardOp>(make: impl Fn() -> O, shapes: &[&[usize]]) {
    let bits = |all: &[Vec<f64>]| -> Vec<u64> { all.iter().flatten().map(|x| x.to_bits()).collect() };
    let mut first = None;
    for (reverse, noise) in [(false, false), (true, false), (false, true)] {
        let settings = Settings { reverse, noise, ..Settings::default() };
        let mut work = Work::new(module(Number::F32).ptx, Number::F32, settings);
        let [found, expected] = both(&make, shapes, &mut work);
        assert_close(&found, &expected, F32, &format!("{} {shapes:?} on the emulated card", O::NAME));
        if !noise {
            let bits = bits(&found);
            assert_eq!(*first.get_or_insert_with(|| bits.clone()), bits, "{} in reverse order", O::NAME);
        }
    }
}

#[test]
fn kernels_of_a_card_equal_the_composites_in_any_order_of_blocks() {
    let (t, s) = (segments().tokens(), LENGTHS.len());
    for direction in [Direction::Forward, Direction::Reverse] {
        for width in [1, 3, 4] {
            assert_agreement(|| conv(direction), &[&[t, 5], &[5, width], &[5]]);
        }
    }
    for (e, n) in [(3, 5), (2, 16), (5, 20)] {
        let state = [s, e, n];
        assert_agreement(contract, &[&state, &state]);
        assert_agreement(contract, &[&state, &state, &state, &state]);
    }
    assert_agreement(|| gather(segments()), &[&[t, 5]]);
    assert_agreement(|| gather(single_rows()), &[&[s, 3, 2]]);
}

#[test]
fn nothing_is_launched_for_nothing() {
    let none = || Segments::from_lengths([0; 2]);
    let mut work = Work::new(module(Number::F32).ptx, Number::F32, Settings::default());
    let conv = Conv { segments: none(), direction: Direction::Forward };
    let found = work.run(&conv, &[&[0, 3], &[3, 4], &[3]]).unwrap();
    assert_eq!(found, [vec![], vec![], vec![0.0; 12], vec![0.0; 3]]);
    let nobody = || Indices::from(Vec::new());
    let found = work.run(&Contract { taker: nobody(), giver: nobody() }, &[&[2, 3, 4], &[1, 3, 4]]).unwrap();
    assert_eq!(found, [vec![], vec![0.0; 24], vec![0.0; 12]]);
}

/// Sizes at which rows are whole sectors.
fn regular(work: &mut Work) -> Result<()> {
    let (t, s) = (segments().tokens(), LENGTHS.len());
    work.run(&conv(Direction::Forward), &[&[t, 64], &[64, 4], &[64]])?;
    let state = [s, 32, 16];
    work.run(&contract(), &[&state, &state, &state, &state])?;
    work.run(&gather(segments()), &[&[t, 64]])?;
    work.run(&gather(single_rows()), &[&[s, 64]])?;
    Ok(())
}

#[test]
fn no_access_of_a_card_wastes_memory_and_nothing_is_summed_in_any_order() {
    for number in Number::ALL {
        let mut work = Work::new(module(number).ptx, number, Settings::default());
        regular(&mut work).unwrap();
        work.assert_thrifty();
    }
}

#[test]
fn half_precision_loses_on_a_card_what_rounding_loses() {
    for (number, tolerance) in [(Number::BF16, 2e-2), (Number::F16, 3e-3)] {
        let mut work = Work::new(module(number).ptx, number, Settings::default());
        let (t, s) = (segments().tokens(), LENGTHS.len());
        let shapes: [&[usize]; 3] = [&[t, 5], &[5, 4], &[5]];
        let [found, expected] = both(|| conv(Direction::Reverse), &shapes, &mut work);
        assert_close(&found, &expected, tolerance, &format!("{number:?}"));
        for n in [5, 16] {
            let [found, expected] = both(contract, &[&[s, 3, n], &[s, 3, n]], &mut work);
            assert_close(&found, &expected, tolerance, &format!("{number:?}"));
        }
        let [found, expected] = both(|| gather(segments()), &[&[t, 5]], &mut work);
        assert_close(&found, &expected, tolerance, &format!("{number:?}"));
    }
}
