//! Times calls on a card.

use std::time::{Duration, Instant};

use candle_core::{Device, Result};

/// Gives the median milliseconds of a call, each waited for; `once` for a call that takes long.
pub(crate) fn milliseconds(device: &Device, once: bool, mut call: impl FnMut() -> Result<()>) -> Result<f64> {
    call()?;
    device.synchronize()?;
    let (least, most) = if once { (1, Duration::ZERO) } else { (5, Duration::from_millis(300)) };
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < least || start.elapsed() < most {
        let start = Instant::now();
        call()?;
        device.synchronize()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
