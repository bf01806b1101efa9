//! Holds what an audit found: figures with names, in sections.

use serde_json::{Map, Value, json};

use crate::io::{Number, rounded};
use crate::metrics::Interval;
use crate::report::{Estimate, Remark};

/// How a figure is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A number of things.
    Count,
    /// A share of a whole, shown as a percentage.
    Share,
    /// A measure, such as a correlation.
    Measure,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its name in tables.
    pub name: String,
    /// What it is, in words.
    pub label: String,
    /// How it is read.
    pub form: Form,
    /// The figure; NaN where it is not defined.
    pub value: f64,
    /// The middle 95 % of resamples.
    pub interval: Option<Interval>,
}

/// Figures that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// A heading.
    pub title: String,
    /// What the figures are and how they were computed.
    pub text: String,
    /// The figures.
    pub findings: Vec<Finding>,
}

/// All that was found, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The figures.
    pub sections: Vec<Section>,
    /// What they mean, the weightiest first.
    pub verdict: Vec<Remark>,
}

impl Finding {
    pub(super) fn new(name: impl Into<String>, label: impl Into<String>, form: Form, value: f64) -> Self {
        Self { name: name.into(), label: label.into(), form, value, interval: None }
    }

    pub(super) fn count(name: impl Into<String>, label: impl Into<String>, value: usize) -> Self {
        Self::new(name, label, Form::Count, value as f64)
    }

    pub(super) fn share(
        name: impl Into<String>,
        label: impl Into<String>,
        part: usize,
        whole: usize,
    ) -> Self {
        let value = if whole == 0 { f64::NAN } else { part as f64 / whole as f64 };
        Self::new(name, label, Form::Share, value)
    }

    pub(super) fn estimate(name: impl Into<String>, label: impl Into<String>, estimate: Estimate) -> Self {
        let found = Self::new(name, label, Form::Measure, estimate.value);
        Self { interval: estimate.interval, ..found }
    }
}

impl Audit {
    /// Gives all figures in their order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|section| &section.findings)
    }

    /// Gives a figure by its name; `None` where it was not computed or is not defined.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.findings()
            .find(|found| found.name == name)
            .map(|found| found.value)
            .filter(|value| !value.is_nan())
    }

    /// Writes `name value low high`, one row for each figure; what is not known is `NA`.
    pub fn table(&self) -> String {
        let mut text = String::from("name\tvalue\tlow\thigh\n");
        for Finding { name, value, interval, .. } in self.findings() {
            let [low, high] = interval.map_or([f64::NAN; 2], |interval| [interval.low, interval.high]);
            let cells = [*value, low, high].map(|value| Number(value).to_string());
            text.push_str(&format!("{name}\t{}\n", cells.join("\t")));
        }
        text
    }

    /// Gives figures and verdict as JSON, beside what made them.
    pub fn json(&self, provenance: &Value) -> Value {
        let figure = |value: f64| if value.is_finite() { json!(rounded(value)) } else { Value::Null };
        let figures: Map<String, Value> = self
            .findings()
            .map(|found| {
                let [low, high] =
                    [found.interval.map(|i| figure(i.low)), found.interval.map(|i| figure(i.high))];
                let one =
                    json!({ "label": found.label, "value": figure(found.value), "low": low, "high": high });
                (found.name.clone(), one)
            })
            .collect();
        let verdict: Vec<Value> = self
            .verdict
            .iter()
            .map(|remark| json!({ "warning": remark.warning, "text": remark.text }))
            .collect();
        json!({ "verdict": verdict, "figures": figures, "provenance": provenance })
    }
}
