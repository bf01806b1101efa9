//! Runs a case through any implementation and gives the results in f64.

use candle_core::{DType, Device, Tensor, Var};
use crossmamba::nn::ops::card::Number;
use crossmamba::nn::ops::scan::{
    self, Gradients, Job, OutputGradients, Outputs, Problem, ScanInputs, composite, cpu, reference,
};
use crossmamba::simd::Instructions;
use cuda_emulator::Settings;

use crate::case::Case;
use crate::emulated::EmulatedCard;
use crate::tolerance::{self, assert_close};

/// What a case gives, in f64.
pub(crate) type Results = (Outputs<Vec<f64>>, Gradients<Vec<f64>>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Implementation {
    Reference,
    Cpu(Instructions),
    Op(DType),
    /// The tensor operations that stand in on other devices.
    Composite,
    /// The kernels of a CUDA card, on the emulated one.
    Emulated,
    /// The same with segments cut into chunks of so many tokens.
    Chunks(usize),
    /// The same through candle, on the first card that the driver has: `make test-cuda` puts the emulated one there.
    #[cfg(feature = "cuda")]
    Card,
}

impl Implementation {
    /// All that can run on this machine.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Reference, Self::Op(DType::F64), Self::Op(DType::F32)];
        all.extend([Self::Composite, Self::Emulated, Self::Chunks(5), Self::Chunks(20)]);
        #[cfg(feature = "cuda")]
        all.push(Self::Card);
        all.extend(Instructions::available().into_iter().map(Self::Cpu));
        all
    }

    pub(crate) fn tolerance(self) -> f64 {
        match self {
            Self::Reference | Self::Op(DType::F64) => tolerance::F64,
            Self::Composite => tolerance::COMPOSITE,
            Self::Emulated | Self::Chunks(_) => tolerance::CUDA,
            #[cfg(feature = "cuda")]
            Self::Card => tolerance::CUDA,
            Self::Cpu(_) | Self::Op(_) => tolerance::F32,
        }
    }

    pub(crate) fn run(self, case: &Case) -> Results {
        match self {
            Self::Reference => {
                (reference::forward(&case.problem()), reference::backward(&case.problem(), &case.by()))
            }
            Self::Cpu(instructions) => {
                let (outputs, gradients) = run_cpu(case, instructions);
                let outputs = outputs.map(|x| widen(&x));
                let w = gradients.w.as_deref().map(widen);
                (outputs, Gradients { x: gradients.x.map(|x| widen(&x)), w })
            }
            Self::Op(dtype) => {
                // Beside another, as a block's two directions are.
                run_tensors(case, dtype, &Device::Cpu, |job| {
                    scan::scan(&[job.clone(), job.clone()]).unwrap().remove(1)
                })
            }
            // candle holds no tensor without values on a card.
            #[cfg(feature = "cuda")]
            Self::Card if case.segments.tokens() == 0 => Self::Emulated.run(case),
            #[cfg(feature = "cuda")]
            Self::Card => run_tensors(case, DType::F32, card(), |job| {
                scan::scan(std::slice::from_ref(job)).unwrap().remove(0)
            }),
            Self::Emulated | Self::Chunks(_) => {
                let mut card = EmulatedCard::new(Number::F32, Settings::default());
                if let Self::Chunks(length) = self {
                    card.chunk = Some(length);
                }
                card.run(&[case]).unwrap_or_else(|fault| panic!("{fault}")).remove(0)
            }
            Self::Composite => {
                run_tensors(case, DType::F64, &Device::Cpu, |job| composite::scan(job).unwrap())
            }
        }
    }
}

/// The card that all tests share.
#[cfg(feature = "cuda")]
pub(crate) fn card() -> &'static Device {
    static CARD: std::sync::LazyLock<Device> = std::sync::LazyLock::new(|| Device::new_cuda(0).unwrap());
    &CARD
}

/// Runs the f32 kernels.
pub(crate) fn run_cpu(case: &Case, instructions: Instructions) -> (Outputs<Vec<f32>>, Gradients<Vec<f32>>) {
    let x = case.x.as_ref().map(|x| narrow(x.as_slice()));
    let w = case.w.as_deref().map(narrow);
    let slices = x.as_ref().map(Vec::as_slice);
    let problem = Problem::new(slices, w.as_deref(), case.size, &case.segments, case.direction).unwrap();
    let [out, h_last, k] = [&case.dout, &case.dh_last, &case.dk].map(|g| g.as_deref().map(narrow));
    let by = OutputGradients { out: out.as_deref(), h_last: h_last.as_deref(), k: k.as_deref() };
    let problems = [problem];
    let (mut outputs, saved) = cpu::forward_saving(&problems, instructions);
    (outputs.remove(0), cpu::backward(&problems, &saved, &[by]).remove(0))
}

fn narrow(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

fn widen(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

fn run_tensors(
    case: &Case,
    dtype: DType,
    device: &Device,
    scan: impl FnOnce(&Job) -> Outputs<Tensor>,
) -> Results {
    let ((e, n), t, s) = (case.size, case.segments.tokens(), case.segments.count());
    let tensor = |values: &[f64], shape: &[usize]| {
        Tensor::from_slice(values, shape, device).unwrap().to_dtype(dtype).unwrap()
    };
    let var = |values: &Vec<f64>, shape: &[usize]| Var::from_tensor(&tensor(values, shape)).unwrap();
    let x = &case.x;
    let vars = ScanInputs {
        u: var(&x.u, &[t, e]),
        delta: var(&x.delta, &[t, e]),
        a: var(&x.a, &[e, n]),
        b: var(&x.b, &[t, n]),
        c: var(&x.c, &[t, n]),
        d: x.d.as_ref().map(|x| var(x, &[e])),
        z: x.z.as_ref().map(|x| var(x, &[t, e])),
        delta_bias: x.delta_bias.as_ref().map(|x| var(x, &[e])),
        h0: x.h0.as_ref().map(|x| var(x, &[s, e, n])),
    };
    let w = case.w.as_ref().map(|w| var(w, &[t, e]));
    let job = Job {
        x: vars.as_ref().map(|v| v.as_tensor().clone()),
        w: w.as_ref().map(|w| w.as_tensor().clone()),
        segments: case.segments.clone(),
        direction: case.direction,
    };
    let outputs = scan(&job);
    let mut loss = tensor(&[0.0], &[]);
    let y = outputs.as_ref();
    let pairs = [(Some(y.out), &case.dout), (Some(y.h_last), &case.dh_last), (y.k, &case.dk)];
    for (y, by) in pairs {
        if let (Some(y), Some(by)) = (y, by) {
            loss = (loss + (y * tensor(by, y.dims())).unwrap().sum_all().unwrap()).unwrap();
        }
    }
    let grads = loss.backward().unwrap();
    // What the outputs do not depend on, such as the rates of a sequence of one token from zero, may have no gradient.
    let of = |v: &Var| grads.get(v).map_or_else(|| vec![0.0; v.elem_count()], values);
    let g = Gradients { x: vars.as_ref().map(of), w: w.as_ref().map(of) };
    (outputs.map(|y| values(&y)), g)
}

fn values(x: &Tensor) -> Vec<f64> {
    x.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// Compares outputs and every gradient.
pub(crate) fn assert_same(what: &str, got: &Results, expected: &Results, tolerance: f64) {
    for (name, got, expected) in [
        ("out", &got.0.out, &expected.0.out),
        ("h_last", &got.0.h_last, &expected.0.h_last),
        ("k", got.0.k.as_ref().unwrap_or(&Vec::new()), expected.0.k.as_ref().unwrap_or(&Vec::new())),
    ] {
        assert_close(&format!("{what}: {name}"), got, expected, tolerance);
    }
    for ((name, got), (_, expected)) in named(&got.1).into_iter().zip(named(&expected.1)) {
        assert_close(&format!("{what}: gradient by {name}"), got, expected, tolerance);
    }
}

/// Lists the gradients that are there, with their names.
pub(crate) fn named(g: &Gradients<Vec<f64>>) -> Vec<(&'static str, &Vec<f64>)> {
    let x = &g.x;
    let mut all = vec![("u", &x.u), ("delta", &x.delta), ("a", &x.a), ("b", &x.b), ("c", &x.c)];
    let optional = [("d", &x.d), ("z", &x.z), ("delta_bias", &x.delta_bias), ("h0", &x.h0), ("w", &g.w)];
    all.extend(optional.into_iter().filter_map(|(name, g)| g.as_ref().map(|g| (name, g))));
    all
}
