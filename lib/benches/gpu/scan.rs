//! The scan, forward and backward, at the sizes of Mamba's layers and at our own.

use candle_core::{DType, Device, Result, Tensor, Var};
use crossmamba::nn::ops::scan::{Job, ScanInputs, scan};
use crossmamba::nn::{Direction, Segments};

use crate::clock::milliseconds;
use crate::table::{Row, Table, told};

/// Least milliseconds of 33.6 million channel-steps (1024 steps of 16 sequences of 2048 channels, 16 states) on an H200,
/// which the units for special functions allow, forward and backward; of other sizes in proportion.
const FLOORS: [f64; 2] = [0.160, 0.281];
const OF: f64 = 16.0 * 1024.0 * 2048.0;

/// A case: sequences, their length, channels, and whether both directions go side by side.
struct Size {
    batch: usize,
    length: usize,
    channels: usize,
    both: bool,
}

pub(crate) fn time(device: &Device, table: &mut Table) {
    // The longest with half as many sequences: the kernels count to 2³¹ values.
    let mut sizes: Vec<Size> = [(16, 1024), (16, 4096), (16, 16384), (8, 65536)]
        .map(|(batch, length)| Size { batch, length, channels: 2048, both: false })
        .into();
    sizes.extend([(512, 25, 128), (512, 25, 256), (64, 1022, 256)].map(|(batch, length, channels)| Size {
        batch,
        length,
        channels,
        both: true,
    }));
    if table.tiny {
        sizes = vec![Size { batch: 1, length: 20, channels: 32, both: true }];
    }
    for dtype in [DType::BF16, DType::F32] {
        for size in &sizes {
            time_one(device, dtype, size, table);
        }
    }
}

fn time_one(device: &Device, dtype: DType, size: &Size, table: &mut Table) {
    let Size { batch, length, channels, both } = *size;
    let number = if dtype == DType::BF16 { "bf16" } else { "f32" };
    let ways = if both { 2 } else { 1 };
    let what = format!("B{batch} L{length} D{channels} N16 {number} directions={ways}");
    let [forward, backward] = ["forward", "backward"].map(|pass| format!("scan {pass} {what}"));
    if !table.wants(&forward) && !table.wants(&backward) {
        return;
    }
    let times = run(device, dtype, size, table.tiny);
    // What a peer needs to start, or to compile, is much beside these.
    let said = if dtype == DType::BF16 && (1000..=1024).contains(&length) {
        let sizes = ["scan".to_owned(), number.to_owned()].into_iter();
        table.ask(
            &sizes.chain([batch, length, channels, ways].map(|size| size.to_string())).collect::<Vec<_>>(),
        )
    } else {
        Vec::new()
    };
    let share = (batch * length * channels * ways) as f64 / OF;
    for (at, case) in [forward, backward].iter().enumerate() {
        let (ours, limit) = (times[at], Some(FLOORS[at] * share));
        let of_pass = said.iter().filter_map(|(name, times)| Some((name.clone(), *times.get(at)?)));
        table.row(&Row { case, ours, unit: "ms", rate: false, limit }, of_pass.collect());
    }
}

/// Gives milliseconds of the forward alone and of the backward: both passes without the forward that keeps nothing.
fn run(device: &Device, dtype: DType, size: &Size, tiny: bool) -> [Option<f64>; 2] {
    let what = format!("scan of {} steps in {dtype:?}", size.length);
    let Some(x) = told(&what, inputs(device, dtype, size)) else { return [None; 2] };
    let forward = told(&what, milliseconds(device, tiny, || scan(&jobs(&x, size)).map(drop).map_err(failed)));
    let backward = told(&what, both_passes(device, x, size, tiny)).zip(forward);
    [forward, backward.map(|(all, forward)| all - forward)]
}

fn inputs(device: &Device, dtype: DType, size: &Size) -> Result<ScanInputs<Tensor>> {
    let (t, e, n) = (size.batch * size.length, size.channels, 16);
    Ok(ScanInputs {
        u: fill(device, dtype, t, e, 1.0, 0.0)?,
        delta: fill(device, dtype, t, e, 1.0, 0.0)?,
        a: fill(device, dtype, e, n, 0.4, -1.0)?,
        b: fill(device, dtype, t, n, 1.0, 0.0)?,
        c: fill(device, dtype, t, n, 1.0, 0.0)?,
        d: Some(Tensor::ones(e, dtype, device)?),
        z: Some(fill(device, dtype, t, e, 1.0, 0.0)?),
        delta_bias: Some(Tensor::full(-4.0_f32, e, device)?.to_dtype(dtype)?),
        h0: None,
    })
}

fn jobs(x: &ScanInputs<Tensor>, size: &Size) -> Vec<Job> {
    let segments = Segments::from_lengths(vec![size.length; size.batch]);
    let ways = if size.both { &[Direction::Forward, Direction::Reverse][..] } else { &[Direction::Forward] };
    let job = |&direction: &Direction| Job { x: x.clone(), w: None, segments: segments.clone(), direction };
    ways.iter().map(job).collect()
}

fn failed(error: crossmamba::Error) -> candle_core::Error {
    candle_core::Error::wrap(error)
}

fn both_passes(device: &Device, x: ScanInputs<Tensor>, size: &Size, tiny: bool) -> Result<f64> {
    let var = |x: Tensor| Ok::<_, candle_core::Error>(Var::from_tensor(&x)?.into_inner());
    let x = ScanInputs {
        u: var(x.u)?,
        delta: var(x.delta)?,
        a: var(x.a)?,
        b: var(x.b)?,
        c: var(x.c)?,
        d: x.d.map(var).transpose()?,
        z: x.z.map(var).transpose()?,
        delta_bias: x.delta_bias.map(var).transpose()?,
        h0: None,
    };
    let jobs = jobs(&x, size);
    milliseconds(device, tiny, || {
        let mut outputs = scan(&jobs).map_err(failed)?.into_iter().map(|y| y.out);
        let first = outputs.next();
        let sum = outputs.try_fold(first, |sum, out| sum.map(|sum| sum + out).transpose())?;
        sum.map_or(Ok(()), |sum| sum.backward().map(drop))
    })
}

/// Draws some rows and repeats them.
fn fill(device: &Device, dtype: DType, rows: usize, width: usize, scale: f32, shift: f32) -> Result<Tensor> {
    let own = rows.min(512);
    let mut seed = 1_u64;
    let next = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 40) as f32 / (1 << 24) as f32 - 0.5) * 2.0 * scale + shift
    };
    let values: Vec<f32> = (0..own * width).map(next).collect();
    let block = Tensor::from_vec(values, (1, own, width), device)?.to_dtype(dtype)?;
    let all = block.broadcast_as((rows.div_ceil(own), own, width))?.contiguous()?;
    all.flatten_to(1)?.narrow(0, 0, rows)
}
