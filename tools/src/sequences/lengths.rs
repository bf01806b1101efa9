//! Counts lengths, and gives exact quantiles of them in little memory.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// How often each length was seen.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    counts: BTreeMap<usize, u64>,
    total: u64,
    records: u64,
}

impl Lengths {
    pub(crate) fn add(&mut self, length: usize) {
        *self.counts.entry(length).or_default() += 1;
        self.total += length as u64;
        self.records += 1;
    }

    /// Gives the smallest length that a share of the records does not exceed.
    fn quantile(&self, share: f64) -> Option<usize> {
        let wanted = ((share * self.records as f64).ceil() as u64).max(1);
        let mut seen = 0;
        self.counts.iter().find_map(|(&length, &count)| {
            seen += count;
            (seen >= wanted).then_some(length)
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "total": self.total,
            "mean": (self.records > 0).then(|| self.total as f64 / self.records as f64),
            "min": self.quantile(0.0),
            "q05": self.quantile(0.05),
            "q25": self.quantile(0.25),
            "median": self.quantile(0.5),
            "q75": self.quantile(0.75),
            "q95": self.quantile(0.95),
            "max": self.quantile(1.0),
        })
    }
}
