//! The bidirectional Mamba block: Vim's second parameterisation (Zhu et al. 2024, arXiv 2401.09417), with states that
//! can be handed in and out.

use candle_core::{DType, Device, Tensor};

use super::layers::{Linear, RmsNorm};
use crate::Result;
use crate::config::{ModelConfig, Reading};
use crate::nn::ops::scan::{Job, ScanInputs, scan};
use crate::nn::ops::{conv_silu, linear, mean_gate, split_columns};
use crate::nn::params::{Builder, Init, ParamStore};
use crate::nn::{Direction, Segments};
use crate::rng::Rng;

/// The sizes of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockShape {
    /// Width d of a token.
    pub width: usize,
    /// Inner width e.
    pub inner: usize,
    /// States n per inner channel.
    pub state: usize,
    /// Width of the convolution.
    pub conv: usize,
    /// Rank of the time step's projection.
    pub dt_rank: usize,
    /// Range of the initial time steps.
    pub dt: [f64; 2],
    /// Which ways a sequence is read.
    pub reading: Reading,
}

impl From<&ModelConfig> for BlockShape {
    fn from(config: &ModelConfig) -> Self {
        Self {
            width: config.width,
            inner: config.inner,
            state: config.state,
            conv: config.conv,
            dt_rank: config.dt_rank(),
            dt: [config.dt_min, config.dt_max],
            reading: config.reading,
        }
    }
}

/// What a relay needs of encoded molecules; letters: `s` molecules, `e` inner width, `n` states.
#[derive(Debug, Clone)]
pub struct Readout {
    /// Mean over tokens of the gated output, averaged over directions (s, e).
    pub pool: Tensor,
    /// Final state of each direction (s, e, n).
    pub states: Vec<Tensor>,
    /// How the mean of each direction's gated output depends on its initial state (s, e, n).
    pub keys: Vec<Tensor>,
}

/// A bidirectional Mamba block: `in_proj`, `out_proj` and the gate are shared by the directions; convolution,
/// projections, decay rates and skip weights are not. The directions' outputs are averaged.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use crossmamba::nn::{BlockShape, MambaBlock, ModelConfig, Segments};
/// use crossmamba::rng::Rng;
///
/// let (block, _) = MambaBlock::new(&BlockShape::from(&ModelConfig::default()), &Rng::new(1), DType::F32)?;
/// let tokens = Tensor::ones((5, 64), DType::F32, &Device::Cpu)?;
/// let (output, states) = block.forward(&tokens, &Segments::new([0, 3, 5])?, None)?;
/// assert_eq!((output.dims(), states[0].dims()), (&[5, 64][..], &[2, 128, 16][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MambaBlock {
    inner: usize,
    compute: DType,
    in_proj: Tensor,
    directions: Vec<DirectionWeights>,
    out_proj: Linear,
}

#[derive(Debug)]
struct DirectionWeights {
    direction: Direction,
    dt_rank: usize,
    state: usize,
    conv_weight: Tensor,
    conv_bias: Tensor,
    x_proj: Tensor,
    dt_weight: Tensor,
    dt_bias: Tensor,
    a_log: Tensor,
    skip: Tensor,
}

impl MambaBlock {
    /// Makes a block of its own, with initial weights as in the reference implementation of Mamba.
    ///
    /// The parameters are `in_proj.weight` (2 e, d), `out_proj.weight` (d, e), and under `forward.` and `reverse.`:
    /// `conv.weight` (e, w), `conv.bias` (e), `x_proj.weight` (r + 2 n, e), `dt_proj.weight` (e, r), `dt_proj.bias`
    /// (e), `a_log` (e, n), `skip` (e).
    pub fn new(shape: &BlockShape, rng: &Rng, dtype: DType) -> Result<(Self, ParamStore)> {
        let mut store = ParamStore::default();
        let block = Self::build(Builder::new(&mut store, rng, dtype, &Device::Cpu), shape)?;
        Ok((block, store))
    }

    pub(crate) fn build(mut params: Builder<'_>, shape: &BlockShape) -> Result<Self> {
        let bound = 1.0 / (shape.width as f64).sqrt();
        let compute = params.compute();
        let in_proj =
            params.weight("in_proj.weight", &[2 * shape.inner, shape.width], Init::Uniform(bound))?;
        let out_proj = Linear::without_bias(params.at("out_proj"), shape.inner, shape.width)?;
        let directions = shape
            .reading
            .names()
            .iter()
            .zip([Direction::Forward, Direction::Reverse])
            .map(|(name, direction)| DirectionWeights::build(params.at(name), shape, direction))
            .collect::<Result<_>>()?;
        Ok(Self { inner: shape.inner, compute, in_proj, directions, out_proj })
    }

    /// Scans packed tokens, from the given initial states or from zero.
    ///
    /// # Shapes
    ///
    /// `x` (t, d), `from` one (s, e, n) per direction → output (t, d) and one final state (s, e, n) per direction.
    ///
    /// # Errors
    ///
    /// If shapes or types do not fit together.
    pub fn forward(
        &self,
        x: &Tensor,
        segments: &Segments,
        from: Option<&[Tensor]>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let prepared = self.prepare(x, segments)?;
        let (sum, states) = prepared.scan(segments, from)?;
        Ok((self.project(&sum)?, states))
    }

    /// Encodes packed tokens for the relay.
    ///
    /// # Shapes
    ///
    /// `x` (t, d); the result as in [`Readout`], before `out_proj`.
    ///
    /// # Errors
    ///
    /// If shapes or types do not fit together.
    pub fn readout(&self, x: &Tensor, segments: &Segments) -> Result<Readout> {
        let prepared = self.prepare(x, segments)?;
        let weights = mean_gate(&prepared.gate, segments)?;
        let (mut pools, mut states, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for outputs in scan(&prepared.jobs(segments, |_, x| (x, Some(weights.clone()))))? {
            pools.push(outputs.out);
            states.push(outputs.h_last);
            keys.extend(outputs.k);
        }
        Ok(Readout { pool: average(&pools)?.to_dtype(x.dtype())?, states, keys })
    }

    /// Computes all that does not depend on initial states.
    pub(crate) fn prepare(&self, x: &Tensor, segments: &Segments) -> Result<Prepared> {
        let x = x.to_dtype(self.compute)?;
        let rows = |first| self.in_proj.narrow(0, first, self.inner)?.to_dtype(self.compute);
        let gate = linear(&x, &rows(self.inner)?, None)?; // (t, e)
        let x = linear(&x, &rows(0)?, None)?; // (t, e)
        let directions = self
            .directions
            .iter()
            .map(|weights| {
                let (u, low) = weights.convolve(&x, segments)?;
                let inputs = weights.select(u, &low)?;
                Ok(PreparedDirection { direction: weights.direction, low, inputs })
            })
            .collect::<Result<_>>()?;
        Ok(Prepared { gate, directions })
    }

    /// Shifts what time steps and projections are computed from, by one (t, r + 2 n) per direction.
    pub(crate) fn shift(&self, prepared: &Prepared, shifts: &[Tensor]) -> Result<Prepared> {
        let directions = self
            .directions
            .iter()
            .zip(&prepared.directions)
            .zip(shifts)
            .map(|((weights, prepared), shift)| {
                let low = (&prepared.low + shift.to_dtype(prepared.low.dtype())?)?;
                let inputs = weights.select(prepared.inputs.u.clone(), &low)?;
                Ok(PreparedDirection { direction: weights.direction, low, inputs })
            })
            .collect::<Result<_>>()?;
        Ok(Prepared { gate: prepared.gate.clone(), directions })
    }

    /// Applies `out_proj`: (…, e) → (…, d).
    pub(crate) fn project(&self, x: &Tensor) -> Result<Tensor> {
        self.out_proj.forward(x)
    }
}

impl DirectionWeights {
    fn build(mut params: Builder<'_>, shape: &BlockShape, direction: Direction) -> Result<Self> {
        let &BlockShape { inner: e, state: n, conv, dt_rank: r, dt, .. } = shape;
        let bound = |fan: usize| Init::Uniform(1.0 / (fan as f64).sqrt());
        Ok(Self {
            direction,
            dt_rank: r,
            state: n,
            conv_weight: params.weight("conv.weight", &[e, conv], bound(conv))?,
            conv_bias: params.free("conv.bias", &[e], bound(conv))?,
            x_proj: params.weight("x_proj.weight", &[r + 2 * n, e], bound(e))?,
            dt_weight: params.weight("dt_proj.weight", &[e, r], bound(r))?,
            dt_bias: params.free("dt_proj.bias", &[e], Init::TimeStep(dt[0], dt[1]))?,
            a_log: params.free("a_log", &[e, n], Init::LogRange)?,
            skip: params.free("skip", &[e], Init::Constant(1.0))?,
        })
    }

    /// Gives what is scanned (t, e), and what time steps and projections are computed from (t, r + 2 n).
    fn convolve(&self, x: &Tensor, segments: &Segments) -> Result<(Tensor, Tensor)> {
        let like = |weight: &Tensor| weight.to_dtype(x.dtype());
        let u = conv_silu(x, &like(&self.conv_weight)?, &like(&self.conv_bias)?, segments, self.direction)?;
        let low = linear(&u, &like(&self.x_proj)?, None)?;
        Ok((u, low))
    }

    fn select(&self, u: Tensor, low: &Tensor) -> Result<ScanInputs<Tensor>> {
        let [dt, b, c] = split_columns(low, [self.dt_rank, self.state, self.state])?;
        let delta = linear(&dt, &self.dt_weight.to_dtype(dt.dtype())?, None)?; // (t, e)
        Ok(ScanInputs {
            u,
            delta,
            a: self.a_log.exp()?.neg()?,
            b,
            c,
            d: Some(self.skip.clone()),
            z: None,
            delta_bias: Some(self.dt_bias.clone()),
            h0: None,
        })
    }
}

/// A block's inputs up to the scan.
pub(crate) struct Prepared {
    gate: Tensor,
    directions: Vec<PreparedDirection>,
}

struct PreparedDirection {
    direction: Direction,
    /// What time steps and projections are computed from (t, r + 2 n).
    low: Tensor,
    inputs: ScanInputs<Tensor>,
}

impl Prepared {
    /// Lists the scans of all directions; `complete` gets the position and the inputs of each, and gives inputs and
    /// pooling weights.
    fn jobs(
        &self,
        segments: &Segments,
        complete: impl Fn(usize, ScanInputs<Tensor>) -> (ScanInputs<Tensor>, Option<Tensor>),
    ) -> Vec<Job> {
        let job = |(at, prepared): (usize, &PreparedDirection)| {
            let (x, w) = complete(at, prepared.inputs.clone());
            Job { x, w, segments: segments.clone(), direction: prepared.direction }
        };
        self.directions.iter().enumerate().map(job).collect()
    }

    /// Scans; returns the gated output averaged over directions (t, e) and the final states (s, e, n).
    pub(crate) fn scan(&self, segments: &Segments, from: Option<&[Tensor]>) -> Result<(Tensor, Vec<Tensor>)> {
        let jobs = self.jobs(segments, |at, x| {
            let h0 = from.map(|states| states[at].clone());
            (ScanInputs { z: Some(self.gate.clone()), h0, ..x }, None)
        });
        let (outputs, states): (Vec<_>, Vec<_>) =
            scan(&jobs)?.into_iter().map(|outputs| (outputs.out, outputs.h_last)).unzip();
        Ok((average(&outputs)?, states))
    }
}

/// Averages one or two tensors.
pub(crate) fn average(all: &[Tensor]) -> Result<Tensor> {
    match all {
        [one] => Ok(one.clone()),
        [first, second] => Ok((first + second)?.affine(0.5, 0.0)?),
        _ => Err(crate::Error::defect(
            "mamba",
            format!("{} directions where one or two are expected", all.len()),
        )),
    }
}

/// A block behind a norm; its output is meant to be added to its input.
#[derive(Debug)]
pub(crate) struct MambaLayer {
    norm: RmsNorm,
    pub(crate) block: MambaBlock,
}

impl MambaLayer {
    pub(crate) fn build(mut params: Builder<'_>, config: &ModelConfig) -> Result<Self> {
        Ok(Self {
            norm: RmsNorm::new(params.at("norm"), config.width)?,
            block: MambaBlock::build(params, &config.into())?,
        })
    }

    /// Adds the block's output to the tokens: (t, d) → (t, d).
    pub(crate) fn forward(&self, x: &Tensor, segments: &Segments) -> Result<Tensor> {
        Ok((x + self.block.forward(&self.norm.forward(x)?, segments, None)?.0)?)
    }

    pub(crate) fn readout(&self, x: &Tensor, segments: &Segments) -> Result<Readout> {
        self.block.readout(&self.norm.forward(x)?, segments)
    }

    pub(crate) fn prepare(&self, x: &Tensor, segments: &Segments) -> Result<Prepared> {
        self.block.prepare(&self.norm.forward(x)?, segments)
    }
}

/// Makes the layers of a stack.
pub(crate) fn layers(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Vec<MambaLayer>> {
    (0..config.layers).map(|at| MambaLayer::build(params.at(&format!("layer{at}")), config)).collect()
}
