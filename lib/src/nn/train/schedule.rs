//! Says how large a step is: a linear warm-up, then half a cosine.

use crate::config::TrainingConfig;

/// The learning rate over the steps of one fit.
///
/// ```
/// use crossmamba::config::TrainingConfig;
/// use crossmamba::nn::train::Schedule;
///
/// let schedule = Schedule::new(&TrainingConfig::default(), 200);
/// assert!(schedule.rate(0) < schedule.rate(19) && schedule.rate(19) > schedule.rate(199));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    steps: usize,
    peak: f64,
    last: f64,
    warm_up: f64,
}

impl Schedule {
    /// Makes the schedule of `steps` steps.
    pub fn new(config: &TrainingConfig, steps: usize) -> Self {
        Self { steps, peak: config.learning_rate, last: config.final_rate, warm_up: config.warm_up }
    }

    /// Gives the learning rate of a step, counted from 0.
    pub fn rate(&self, step: usize) -> f64 {
        let total = self.steps.max(1) as f64;
        let rise = ((step + 1) as f64 / (self.warm_up * total).max(1.0)).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * (step as f64 / total).min(1.0)).cos());
        self.peak * rise * (self.last + (1.0 - self.last) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_the_peak_and_falls_to_its_last_value() {
        let schedule = Schedule::new(&TrainingConfig::default(), 200);
        let rates: Vec<f64> = (0..=200).map(|step| schedule.rate(step)).collect();
        let highest = rates.iter().copied().fold(0.0, f64::max);
        assert!((0..19).all(|i| rates[i] < rates[i + 1]) && (25..200).all(|i| rates[i] > rates[i + 1]));
        assert!(highest > 1.9e-3 && highest <= 2e-3);
        assert!((rates[200] - 4e-5).abs() < 1e-12);
    }

    #[test]
    fn one_step_has_a_rate() {
        let rate = Schedule::new(&TrainingConfig::default(), 1).rate(0);
        assert!(rate.is_finite() && rate > 0.0);
    }
}
