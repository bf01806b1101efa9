//! Runs cases by the kernels of a CUDA card, on the emulated one.

use crossmamba::nn::ops::card::{Launch, Number};
use crossmamba::nn::ops::scan::cuda::{
    self, Backward, By, Chunks, Forward, Kept, OnCard, Parts, Size, Split,
};
use crossmamba::nn::ops::scan::{Gradients, Outputs, ScanInputs};
use cuda_emulator::value::Short;
use cuda_emulator::{Emulator, Error, Report, Settings};

use crate::case::Case;
use crate::implementation::Results;

/// States, sums and weights of the channels are f32 whatever the tokens are.
const CHANNELS: Number = Number::F32;

/// An emulated card with the kernels of one number.
pub(crate) struct EmulatedCard {
    emulator: Emulator,
    number: Number,
    /// Cuts scans into chunks of so many tokens.
    pub(crate) chunk: Option<usize>,
    /// What each launch did.
    pub(crate) reports: Vec<Report>,
}

impl EmulatedCard {
    pub(crate) fn new(number: Number, settings: Settings) -> Self {
        Self::with_ptx(cuda::module(number).ptx, number, settings)
    }

    /// Takes other kernels of the same names.
    pub(crate) fn with_ptx(ptx: &str, number: Number, settings: Settings) -> Self {
        let mut emulator = Emulator::new(&[ptx]).unwrap();
        emulator.settings = settings;
        Self { emulator, number, chunk: None, reports: Vec::new() }
    }

    /// Runs several scans side by side, forward and backward.
    pub(crate) fn run(&mut self, cases: &[&Case]) -> Result<Vec<Results>, Error> {
        let forward: Vec<Forward> = cases.iter().map(|case| self.forward(case)).collect();
        self.launch(&cuda::forward(self.number, &forward).unwrap())?;
        let backward: Vec<Backward> =
            cases.iter().zip(&forward).map(|(case, forward)| self.backward(case, forward)).collect();
        self.launch(&cuda::backward(self.number, &backward).unwrap())?;
        forward.iter().zip(&backward).map(|(forward, backward)| self.collect(forward, backward)).collect()
    }

    fn forward(&mut self, case: &Case) -> Forward {
        let ((e, n), t, s) = (case.size, case.segments.tokens(), case.segments.count());
        let readout = case.w.is_some();
        let cut = self.chunk.filter(|_| !readout).map(|length| Chunks::new(&case.segments, length));
        let segments = cut.as_ref().map_or(&case.segments, |cut| &cut.chunks);
        let longest = segments.ranges().map(|range| range.len()).max().unwrap_or(0);
        let size = Size { t, s: segments.count(), e, n, longest, readout };
        let split = cut.as_ref().map(|cut| Split {
            s,
            first: self.positions(cut.first.positions(), "first chunks"),
            states: self.alloc(size.s * e * n, CHANNELS, "states of chunks"),
            gradients: self.alloc(size.s * e * n, CHANNELS, "gradients by states of chunks"),
            times: self.alloc(size.s * e, CHANNELS, "times of chunks"),
        });
        let number = self.number;
        let x = each(case.x.as_ref(), number, |x, number, name| self.upload(x, number, name));
        let w = case.w.as_ref().map(|w| self.upload(w, number, "w"));
        let offsets = self.positions(segments.bounds().positions(), "offsets");
        let to = Outputs {
            out: self.alloc(if readout { s } else { t } * e, number, "out"),
            h_last: self.alloc(s * e * n, CHANNELS, "h_last"),
            k: readout.then(|| self.alloc(s * e * n, CHANNELS, "k")),
        };
        let [states, times] = size.kept().map(|count| self.alloc(count, CHANNELS, "what is kept"));
        let scan = OnCard { x, w, offsets, size, split, direction: case.direction };
        Forward { scan, to, kept: Some(Kept { states, times }) }
    }

    fn backward(&mut self, case: &Case, forward: &Forward) -> Backward {
        let number = self.number;
        let by = By {
            out: case.dout.as_ref().map(|by| self.upload(by, number, "dout")),
            h_last: case.dh_last.as_ref().map(|by| self.upload(by, CHANNELS, "dh_last")),
            k: case.dk.as_ref().map(|by| self.upload(by, CHANNELS, "dk")),
        };
        let x =
            each(case.x.as_ref(), number, |x, number, name| self.alloc(x.len(), number, &format!("d{name}")));
        let w = case.w.as_ref().map(|w| self.alloc(w.len(), number, "dw"));
        let [tokens, rates, skips, biases] =
            forward.scan.size.parts().map(|count| self.alloc(count, CHANNELS, "parts"));
        Backward {
            scan: forward.scan.clone(),
            kept: forward.kept.expect("the forward keeps what the backward needs"),
            by,
            to: Gradients { x, w },
            parts: Parts { tokens, rates, skips, biases },
        }
    }

    fn collect(&mut self, forward: &Forward, backward: &Backward) -> Result<Results, Error> {
        let (number, mut failed) = (self.number, None);
        let mut get = |at: u64, number: Number| match self.emulator.download(at) {
            Ok(bytes) => values(&bytes, number),
            Err(error) => {
                failed.get_or_insert(error);
                Vec::new()
            }
        };
        let to = &forward.to;
        let out = get(to.out, number);
        let outputs = Outputs { out, h_last: get(to.h_last, CHANNELS), k: to.k.map(|k| get(k, CHANNELS)) };
        let x = each(backward.to.x.clone(), number, |at, number, _| get(at, number));
        let gradients = Gradients { x, w: backward.to.w.map(|w| get(w, number)) };
        failed.map_or(Ok((outputs, gradients)), Err)
    }

    fn launch(&mut self, launches: &[Launch]) -> Result<(), Error> {
        for launch in launches {
            let bytes: Vec<u8> = launch.words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let emulated = cuda_emulator::Launch {
                grid: launch.grid,
                block: [launch.threads, 1, 1],
                shared: launch.shared as usize,
                ..cuda_emulator::Launch::new(&launch.kernel)
            };
            let report = self.emulator.launch(&emulated.param(&bytes))?;
            self.reports.push(report);
        }
        Ok(())
    }

    fn positions(&mut self, positions: &[u32], name: &str) -> u64 {
        let bytes: Vec<u8> = positions.iter().flat_map(|at| at.to_le_bytes()).collect();
        self.emulator.upload(&bytes, name)
    }

    fn upload(&mut self, values: &[f64], number: Number, name: &str) -> u64 {
        let short = |kind: Short| values.iter().flat_map(|&x| kind.round(x as f32).to_le_bytes()).collect();
        let bytes: Vec<u8> = match number {
            Number::F32 => values.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect(),
            Number::BF16 => short(Short::Brain),
            Number::F16 => short(Short::Half),
        };
        self.emulator.upload(&bytes, name)
    }

    fn alloc(&mut self, count: usize, number: Number, name: &str) -> u64 {
        self.emulator.alloc(count * number.bytes(), name)
    }
}

/// Changes every input, with its number and its name.
fn each<A, B>(x: ScanInputs<A>, tokens: Number, mut f: impl FnMut(A, Number, &str) -> B) -> ScanInputs<B> {
    ScanInputs {
        u: f(x.u, tokens, "u"),
        delta: f(x.delta, tokens, "delta"),
        a: f(x.a, CHANNELS, "a"),
        b: f(x.b, tokens, "b"),
        c: f(x.c, tokens, "c"),
        d: x.d.map(|x| f(x, CHANNELS, "d")),
        z: x.z.map(|x| f(x, tokens, "z")),
        delta_bias: x.delta_bias.map(|x| f(x, CHANNELS, "delta_bias")),
        h0: x.h0.map(|x| f(x, CHANNELS, "h0")),
    }
}

fn values(bytes: &[u8], number: Number) -> Vec<f64> {
    let short = |kind: Short| {
        let widen = |b: &[u8; 2]| f64::from(kind.widen(u16::from_le_bytes(*b)));
        bytes.as_chunks().0.iter().map(widen).collect()
    };
    match number {
        Number::F32 => bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
        Number::BF16 => short(Short::Brain),
        Number::F16 => short(Short::Half),
    }
}
