//! Puts scans into launches: eight by eight, those together that one kernel computes.

use super::size::{Size, THREADS};
use super::{JOBS, OnCard, module, split, words};
use crate::Result;
use crate::nn::ops::card::{Launch, Number};
use crate::nn::ops::scan::{Gradients, Outputs};

/// Sums over segments that one block of `finish.cuh` does.
const SUMS: usize = 8;

/// What the forward of a scan keeps for its backward: addresses of as many f32 as [`Size::kept`] says.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// States before each tile.
    pub states: u64,
    /// Time since the segment's beginning before each tile, of a read-out.
    pub times: u64,
}

/// A scan, and where its outputs go.
#[derive(Debug, Clone)]
pub struct Forward {
    /// The scan.
    pub scan: OnCard,
    /// Addresses of the outputs: `out` in the number of the call, all else in f32.
    pub to: Outputs<u64>,
    /// What is kept for a backward, if there may be one.
    pub kept: Option<Kept>,
}

/// Addresses of the gradients by the outputs, numbers as of the outputs; an absent one is zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct By {
    /// By `out` (t, e), or by the pool (s, e).
    pub out: Option<u64>,
    /// By the final states (s, e, n).
    pub h_last: Option<u64>,
    /// By the read-out (s, e, n).
    pub k: Option<u64>,
}

/// Addresses of the parts that are summed in the end: as many f32 as [`Size::parts`] says.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// By `b` and `c`.
    pub tokens: u64,
    /// By `a`.
    pub rates: u64,
    /// By `d`.
    pub skips: u64,
    /// By the bias.
    pub biases: u64,
}

/// A scan that ran forward, and where its gradients go.
#[derive(Debug, Clone)]
pub struct Backward {
    /// The scan.
    pub scan: OnCard,
    /// What the forward kept.
    pub kept: Kept,
    /// Gradients by the outputs.
    pub by: By,
    /// Addresses of the gradients by the inputs, numbers as of the inputs.
    pub to: Gradients<u64>,
    /// Memory for parts of sums.
    pub parts: Parts,
}

/// Plans the launches of a call forward.
///
/// # Errors
///
/// [`Error::Defect`](crate::Error::Defect) for more states or tokens than the kernels can count.
pub fn forward(number: Number, jobs: &[Forward]) -> Result<Vec<Launch>> {
    let (mut launches, jobs) = split::forward(number, jobs);
    for (group, size) in groups(&jobs, |job| job.scan.size)? {
        launches.extend(scans(number, "forward", &group, size, |job| &job.scan, words::forward, 0));
    }
    Ok(launches)
}

/// Plans the launches of a call backward.
///
/// # Errors
///
/// [`Error::Defect`](crate::Error::Defect) for more states or tokens than the kernels can count.
pub fn backward(number: Number, jobs: &[Backward]) -> Result<Vec<Launch>> {
    let (mut launches, jobs) = split::backward(number, jobs);
    for (group, size) in groups(&jobs, |job| job.scan.size)? {
        let shared = size.backward_shared();
        launches.extend(scans(number, "backward", &group, size, |job| &job.scan, words::backward, shared));
        let sums = |Size { t, e, n, .. }: Size| {
            (t * n).div_ceil(THREADS) + (e * n).div_ceil(SUMS) + e.div_ceil(SUMS)
        };
        let blocks = group.iter().map(|job| sums(job.scan.size)).max().unwrap_or(0);
        launches.push(Launch {
            module: module(number),
            kernel: format!("scan_finish_{}", number.name()),
            grid: [blocks as u32, 1, group.len() as u32],
            threads: THREADS as u32,
            shared: 0,
            words: table(&group, words::finish),
        });
    }
    Ok(launches)
}

/// Gathers the jobs that one kernel computes, in their order, up to [`JOBS`] at a time.
fn groups<J>(jobs: &[J], size: impl Fn(&J) -> Size) -> Result<Vec<(Vec<&J>, Size)>> {
    let mut groups: Vec<(Vec<&J>, Size)> = Vec::new();
    for job in jobs {
        let own = size(job);
        own.check()?;
        match groups.iter_mut().find(|(group, first)| first.form() == own.form() && group.len() < JOBS) {
            Some((group, _)) => group.push(job),
            None => groups.push((vec![job], own)),
        }
    }
    Ok(groups)
}

/// Launches one kernel for a group, unless no job has a block.
fn scans<J>(
    number: Number,
    way: &str,
    group: &[&J],
    size: Size,
    scan: impl Fn(&J) -> &OnCard,
    words: impl Fn(&J) -> Vec<u64>,
    shared: usize,
) -> Option<Launch> {
    let most = |of: fn(&Size) -> usize| group.iter().map(|job| of(&scan(job).size)).max().unwrap_or(0) as u32;
    let grid = [most(|size| size.s), most(Size::tiles), group.len() as u32];
    let (form, padded) = size.form();
    (!grid.contains(&0)).then(|| Launch {
        module: module(number),
        kernel: format!("scan_{way}_{}_{form}{padded}", number.name()),
        grid,
        threads: THREADS as u32,
        shared: shared as u32,
        words: table(group, words),
    })
}

/// Launches a kernel for one job.
pub(super) fn beside(number: Number, kernel: &str, grid: [u32; 3], words: &[u64]) -> Launch {
    Launch {
        module: module(number),
        kernel: kernel.to_owned(),
        grid,
        threads: THREADS as u32,
        shared: 0,
        words: table(&[words], <[u64]>::to_vec),
    }
}

/// Lays the jobs side by side, and zeros in the places of those that are not there.
fn table<J: ?Sized>(group: &[&J], words: impl Fn(&J) -> Vec<u64>) -> Vec<u64> {
    let mut all: Vec<u64> = group.iter().flat_map(|job| words(job)).collect();
    all.resize(all.len() / group.len().max(1) * JOBS, 0);
    all
}

#[cfg(test)]
mod tests {
    use super::super::ScanInputs;
    use super::*;
    use crate::nn::Direction;

    fn job(size: Size) -> Forward {
        let x = ScanInputs { u: 1, delta: 2, a: 3, b: 4, c: 5, d: None, z: None, delta_bias: None, h0: None };
        let w = size.readout.then_some(6);
        let scan = OnCard { x, w, offsets: 7, size, split: None, direction: Direction::Reverse };
        Forward { scan, to: Outputs { out: 8, h_last: 9, k: w.map(|_| 10) }, kept: None }
    }

    #[test]
    fn jobs_of_one_form_share_launches_eight_by_eight() {
        let size = |s, e, readout| Size { t: 20, s, e, n: 16, longest: 20, readout };
        let mut jobs: Vec<Forward> = (1..=9).map(|s| job(size(s, 100 * s, false))).collect();
        jobs.insert(3, job(size(4, 1, true)));
        jobs.push(job(Size { longest: 16, ..size(2, 129, true) }));
        let launches = forward(Number::F32, &jobs).unwrap();
        let seen: Vec<_> = launches.iter().map(|l| (l.kernel.as_str(), l.grid)).collect();
        assert_eq!(
            seen,
            [
                ("scan_forward_f32_16", [8, 7, 8]),
                ("scan_forward_f32_readout_16", [4, 1, 1]),
                ("scan_forward_f32_16", [9, 8, 1]),
                ("scan_forward_f32_readout_short_16", [2, 2, 1])
            ]
        );
        assert!(launches.iter().all(|l| l.words.len() == 20 * JOBS));
    }

    #[test]
    fn what_the_kernels_cannot_count_is_refused_and_nothing_is_not_launched() {
        let size = Size { t: 20, s: 1, e: 4, n: 16, longest: 20, readout: false };
        for wrong in [Size { n: 65, ..size }, Size { n: 0, ..size }, Size { t: 1 << 29, ..size }] {
            let error = forward(Number::F32, &[job(wrong)]).unwrap_err().to_string();
            assert!(error.contains("too large for the kernels of a card"), "{error}");
        }
        assert!(forward(Number::F32, &[job(Size { s: 0, t: 0, ..size })]).unwrap().is_empty());
    }
}
