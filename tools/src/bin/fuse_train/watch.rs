//! Shows how far training has come.

use crossmamba::nn::train::{EpochRow, Watch};
use crossmamba::pair::{Sides, Task};

use crossmamba_tools::kit::{Progress, StopRequest};

/// Progress over the steps of all fits, with the latest epoch in words.
pub(super) struct Shown {
    progress: Progress,
    stop: StopRequest,
    metric: &'static str,
}

impl Shown {
    pub(super) fn new(steps: usize, task: Task, stop: StopRequest) -> Self {
        let metric = match task {
            Task::Classification => "AUROC",
            Task::Affinity => "Pearson's r",
        };
        Self { progress: Progress::new("training", steps as u64), stop, metric }
    }

    pub(super) fn end(&self) {
        self.progress.end();
    }
}

impl Watch for Shown {
    fn step(&self) {
        self.progress.add(1);
    }

    fn skip(&self, steps: usize) {
        self.progress.add(steps as u64);
    }

    fn epoch(&self, fit: &str, row: &EpochRow) {
        let mut words = format!("{fit} epoch {}: loss {:.4}", row.epoch, row.loss);
        if let Some(metric) = row.metric {
            words.push_str(&format!(", {} {metric:.3}", self.metric));
        }
        if let Some(Sides { rna, partner }) = row.crosstalk {
            words.push_str(&format!(", cross/pool {rna:.2} {partner:.2}"));
        }
        tracing::debug!("{words}");
        self.progress.say(words);
    }

    fn stopped(&self) -> bool {
        self.stop.asked()
    }
}
