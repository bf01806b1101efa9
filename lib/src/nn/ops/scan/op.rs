//! Takes scans of tensors, and lets what suits the device compute them.

use candle_core::{DType, Tensor};

#[cfg(feature = "cuda")]
use super::cuda;
use super::geometry::Geometry;
use super::job::{Form, Job, Scan};
use super::{Outputs, composite, graph};
use crate::nn::ops::dispatch::{self, Operation};
use crate::{Error, Result};

/// Scans packed sequences, all jobs side by side; differentiable in every input, through all outputs.
///
/// # Shapes
///
/// Inputs as in [`ScanInputs`](super::ScanInputs), on one device and of one type; where the tokens are bf16 or f16, what the
/// channels have (`a`, `d`, `delta_bias`, `h0`) may all be f32, and the states then are. Returns for each job `out` (t, e) and
/// `h_last` (s, e, n), or of a read-out the pool (s, e), `h_last` and `k` (s, e, n).
///
/// # Errors
///
/// If shapes or types do not fit together, or a read-out has a gate.
///
/// ```
/// use crossmamba::nn::device::Device;
/// use crossmamba::nn::ops::scan::{Job, ScanInputs, scan};
/// use crossmamba::nn::{Direction, Segments};
/// use candle_core::{DType, Tensor};
///
/// # fn main() -> crossmamba::Result<()> {
/// // Two sequences of 3 and 2 tokens, 4 channels, 2 states.
/// let segments = Segments::from_lengths([3, 2]);
/// let ones = |shape: &[usize]| Tensor::ones(shape, DType::F32, &Device::Cpu);
/// let x = ScanInputs {
///     u: ones(&[5, 4])?,
///     delta: ones(&[5, 4])?,
///     a: ones(&[4, 2])?.neg()?,
///     b: ones(&[5, 2])?,
///     c: ones(&[5, 2])?,
///     d: None,
///     z: None,
///     delta_bias: None,
///     h0: None,
/// };
/// let job = |direction| Job { x: x.clone(), w: None, segments: segments.clone(), direction };
/// let both = scan(&[job(Direction::Forward), job(Direction::Reverse)])?;
/// assert_eq!(both[1].out.dims(), [5, 4]);
/// assert_eq!(both[1].h_last.dims(), [2, 4, 2]);
/// # Ok(())
/// # }
/// ```
pub fn scan(jobs: &[Job]) -> Result<Vec<Outputs<Tensor>>> {
    let mut inputs: Vec<&Tensor> = Vec::new();
    let mut forms = Vec::with_capacity(jobs.len());
    for job in jobs {
        let (e, n) = job.x.a.dims2()?;
        let (segments, direction) = (job.segments.clone(), job.direction);
        let geometry = Geometry { e, n, segments, direction };
        if job.w.is_some() && job.x.z.is_some() {
            return Err(Error::defect("scan", "a read-out has no gate: it belongs into w"));
        }
        let (tokens, channels) = (job.x.u.dtype(), job.x.a.dtype());
        let short = matches!(tokens, DType::BF16 | DType::F16) && channels == DType::F32;
        for (name, x, shape) in geometry.inputs(job.x.as_ref(), job.w.as_ref()) {
            let of_channels = matches!(name, "a" | "d" | "delta_bias" | "h0");
            let dtype = if short && of_channels { channels } else { tokens };
            if x.dims() != shape || x.dtype() != dtype {
                let (found, wanted) = ((x.dtype(), x.dims()), (dtype, shape));
                let problem = format!("{name} is {found:?} where {wanted:?} is expected");
                return Err(Error::defect("scan", problem));
            }
        }
        let first = inputs.len();
        inputs.extend(job.x.as_ref().into_vec().into_iter().chain(&job.w));
        let mut at = first..;
        let mut next = || at.next().unwrap_or(first);
        let x = job.x.as_ref().map(|_| next());
        forms.push(Form { x, w: job.w.as_ref().map(|_| next()), geometry });
    }
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let readouts: Vec<bool> = jobs.iter().map(|job| job.w.is_some()).collect();
    let mut outputs = dispatch::apply(Scan(forms), &inputs)?.into_iter();
    let mut next = || outputs.next().ok_or_else(|| Error::defect("scan", "an output is missing"));
    readouts
        .into_iter()
        .map(|readout| {
            Ok(Outputs { out: next()?, h_last: next()?, k: if readout { Some(next()?) } else { None } })
        })
        .collect()
}

impl Operation for Scan {
    const NAME: &'static str = "scan";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let mut all = Vec::new();
        for Form { x: positions, w, geometry } in &self.0 {
            // Channels in f32 want tokens in f32.
            let (tokens, channels) = (x[positions.u].dtype(), x[positions.a].dtype());
            let x = x.iter().map(|x| x.to_dtype(channels)).collect::<candle_core::Result<Vec<_>>>()?;
            let outputs = composite::scan(&Job {
                x: positions.clone().map(|at| x[at].clone()),
                w: w.map(|at| x[at].clone()),
                segments: geometry.segments.clone(),
                direction: geometry.direction,
            })?;
            all.extend([outputs.out.to_dtype(tokens)?, outputs.h_last]);
            all.extend(outputs.k);
        }
        Ok(all)
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        graph::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let sizes: Vec<_> = self.0.iter().map(cuda::graph::size).collect();
        if sizes.iter().all(cuda::size::Size::has_kernels) {
            cuda::graph::apply(self, x)
        } else {
            sizes.iter().try_for_each(cuda::size::Size::check_composite)?;
            self.composite(x)
        }
    }
}
