//! Reads labels as people write them, and never takes one thing for another in silence.

use std::collections::BTreeMap;

use crossmamba::normalise::{Fault, Reason};
use crossmamba::pair::{Task, Unit};
use serde::Serialize;

use crate::merge::MirrorRule;

/// What the labels are said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TaskRule {
    /// Told by the labels, or refused where they tell nothing
    Auto,
    /// 0 and 1, or words for them
    Classification,
    /// Numbers
    Affinity,
}

/// What becomes of labels that are no single number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inexact {
    /// The row is rejected
    #[default]
    Reject,
    /// The row is left out and counted, but it is no reject
    Drop,
    /// The number that stands there is taken
    Value,
}

/// How labels are read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LabelRules {
    pub(crate) task: TaskRule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) positive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inexact: Option<Inexact>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) decimal_comma: bool,
    pub(crate) mirrors: MirrorRule,
}

/// Words for 1 and for 0.
const WORDS: [(&str, &str); 9] = [
    ("true", "false"),
    ("t", "f"),
    ("yes", "no"),
    ("y", "n"),
    ("positive", "negative"),
    ("pos", "neg"),
    ("hit", "non-hit"),
    ("interacting", "non-interacting"),
    ("+", "-"),
];

/// Words for a label that nobody knows.
const MISSING: [&str; 6] = ["na", "n/a", "#n/a", "null", "none", "?"];

/// A label that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Label {
    /// The number that stands there.
    Number(f64),
    /// A word for 0 or 1, or a choice by `--positive`.
    Word(f64),
    /// To be left out.
    Dropped,
}

impl LabelRules {
    /// Reads one label.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn read(&self, text: &[u8]) -> Result<Label, Fault> {
        let shown = String::from_utf8_lossy(text);
        let text = shown.trim();
        let bad = |problem: &str| Fault::new(Reason::BadLabel, format!("`{text}` {problem}"));
        if text.is_empty() {
            return Err(Fault::new(Reason::NoLabel, ""));
        }
        if let Some(positive) = &self.positive {
            let same = text.eq_ignore_ascii_case(positive)
                || matches!((self.number(text), self.number(positive)), (Some(a), Some(b)) if a == b);
            if !same && is_missing(text) {
                return Err(Fault::new(Reason::NoLabel, text));
            }
            return Ok(Label::Word(f64::from(u8::from(same))));
        }
        if let Some(value) = word(text) {
            return match self.task {
                TaskRule::Affinity => Err(bad("is a word, not a number")),
                _ => Ok(Label::Word(value)),
            };
        }
        if is_missing(text) {
            return Err(Fault::new(Reason::NoLabel, text));
        }
        let number = match self.number(text) {
            Some(number) => number,
            None => match self.inexact(text) {
                Some((number, what)) => match self.inexact.unwrap_or_default() {
                    Inexact::Drop => return Ok(Label::Dropped),
                    Inexact::Value => number,
                    Inexact::Reject => {
                        let detail = format!("`{text}` {what}; see --inexact");
                        return Err(Fault::new(Reason::InexactLabel, detail));
                    }
                },
                None if !self.decimal_comma && text.matches(',').count() == 1 => {
                    return Err(bad("is not a number; see --decimal-comma"));
                }
                None => return Err(bad("is not a number")),
            },
        };
        if !number.is_finite() {
            return Err(bad("is not finite"));
        }
        if self.task == TaskRule::Classification && number != 0.0 && number != 1.0 {
            return Err(bad("is neither 0 nor 1"));
        }
        let number = match self.unit {
            None => number,
            Some(unit) => unit.to_p(number).ok_or_else(|| bad("is a concentration that is not above 0"))?,
        };
        // Adding zero makes -0 a 0.
        Ok(Label::Number(number + 0.0))
    }

    fn number(&self, text: &str) -> Option<f64> {
        if self.decimal_comma { text.replace(',', ".").parse().ok() } else { text.parse().ok() }
    }

    /// Reads a bound, or a value with its uncertainty, and says which it is.
    fn inexact(&self, text: &str) -> Option<(f64, &'static str)> {
        const SIGNS: [&str; 9] = ["<=", ">=", "=<", "=>", "<", ">", "≤", "≥", "~"];
        if let Some(rest) = SIGNS.iter().find_map(|sign| text.strip_prefix(sign)) {
            return Some((self.number(rest.trim())?, "is a bound, not a value"));
        }
        let (value, error) = text.split_once('±').or_else(|| text.split_once("+/-"))?;
        self.number(error.trim())?;
        Some((self.number(value.trim())?, "holds an uncertainty"))
    }
}

fn is_missing(text: &str) -> bool {
    MISSING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Reads a word for 1 or 0, in any case and with or without blanks and hyphens inside.
fn word(text: &str) -> Option<f64> {
    let plain = |word: &str| -> String {
        let inner = |c: &char| word.chars().count() == 1 || !matches!(c, '-' | '_' | ' ');
        word.chars().filter(inner).flat_map(char::to_lowercase).collect()
    };
    let text = plain(text);
    WORDS.iter().find_map(
        |(yes, no)| {
            if text == plain(yes) { Some(1.0) } else { (text == plain(no)).then_some(0.0) }
        },
    )
}

/// Counts the labels of a table, and tells from them what they are.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often each word was read, and as what.
    words: BTreeMap<String, (f64, u64)>,
    /// The first distinct numbers that are neither 0 nor 1, with how often and on which line first.
    others: Vec<(f64, u64, u64)>,
    zeros: u64,
    ones: u64,
    numbers: u64,
}

/// Distinct values of which a table is told to have few.
const FEW: usize = 3;

/// Distinct words that are remembered.
const WORDS_KEPT: usize = 12;

impl Tally {
    /// Counts one label.
    pub(crate) fn add(&mut self, text: &[u8], label: Label, line: u64) {
        match label {
            Label::Word(value) => {
                let text = String::from_utf8_lossy(text).trim().to_owned();
                // What is called positive decides, however late it comes.
                if value == 1.0 || self.words.len() < WORDS_KEPT || self.words.contains_key(&text) {
                    self.words.entry(text).or_insert((value, 0)).1 += 1;
                }
            }
            Label::Number(value) => {
                self.numbers += 1;
                self.zeros += u64::from(value == 0.0);
                self.ones += u64::from(value == 1.0);
                if value != 0.0 && value != 1.0 {
                    if let Some((_, count, _)) = self.others.iter_mut().find(|(other, ..)| *other == value) {
                        *count += 1;
                    } else if self.others.len() < FEW {
                        self.others.push((value, 1, line));
                    }
                }
            }
            Label::Dropped => {}
        }
    }

    /// Tells the task, or what is wrong with the labels and what to do.
    pub(crate) fn task(&self, rules: &LabelRules) -> Result<Option<Task>, (String, String)> {
        if self.numbers == 0 && self.words.is_empty() {
            return Ok(None);
        }
        if let Some(positive) = &rules.positive
            && !self.words.values().any(|(value, _)| *value == 1.0)
        {
            let labels: Vec<&str> = self.words.keys().map(String::as_str).collect();
            let problem = format!("no label is `{positive}`; the labels are {}", labels.join(", "));
            return Err((problem, "name the positive one with --positive".into()));
        }
        match rules.task {
            TaskRule::Classification => return Ok(Some(Task::Classification)),
            TaskRule::Affinity => return Ok(Some(Task::Affinity)),
            TaskRule::Auto => {}
        }
        let Some(&(first, count, line)) = self.others.first() else { return Ok(Some(Task::Classification)) };
        if let Some(word) = self.words.keys().next() {
            let problem = format!(
                "the labels are words, such as `{word}`, and numbers, such as {first} on line {line}"
            );
            return Err((problem, "say which is positive with --positive, or correct them".into()));
        }
        if let Some((a, b)) = self.two_values() {
            let problem =
                format!("the labels are {a} and {b} only, which look like classes and not like affinities");
            let remedy = format!(
                "say which is positive, as in `--positive {b}`, or that they are measured, with `--task affinity`"
            );
            return Err((problem, remedy));
        }
        let binary = self.zeros + self.ones;
        if self.zeros > 0 && self.ones > 0 && 2 * binary > self.numbers {
            let strays = self.numbers - binary;
            let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
            let problem = format!(
                "{binary} of {} labels are 0 or 1, and {strays} are not: {first} on line {line}{times}",
                self.numbers
            );
            let remedy = "correct it, reject such rows with `--task classification`, or say that all are measured, with \
                          `--task affinity`";
            return Err((problem, remedy.into()));
        }
        Ok(Some(Task::Affinity))
    }

    /// Gives the two values, ascending, where there are no others and each occurs again and again, or they are the
    /// usual names of two classes.
    fn two_values(&self) -> Option<(f64, f64)> {
        let all = [(0.0, self.zeros), (1.0, self.ones)].into_iter();
        let all = all.chain(self.others.iter().map(|&(value, count, _)| (value, count)));
        let mut found: Vec<(f64, u64)> = all.filter(|(_, count)| *count > 0).collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [(a, of_a), (b, of_b)] = found[..] else { return None };
        let usual = (a, b) == (-1.0, 1.0) || (a, b) == (1.0, 2.0);
        (usual || (of_a > 1 && of_b > 1)).then_some((a, b))
    }

    /// Says which words were read as 1 and which as 0; nothing where there were none.
    pub(crate) fn words(&self) -> Option<String> {
        let listed = |wanted: f64| {
            let those = self.words.iter().filter(|(_, (value, _))| *value == wanted);
            let those: Vec<String> = those.map(|(word, (_, count))| format!("{word} ({count})")).collect();
            if those.is_empty() { "none".to_owned() } else { those.join(", ") }
        };
        let more = if self.words.len() >= WORDS_KEPT { ", and perhaps more" } else { "" };
        (!self.words.is_empty())
            .then(|| format!("labels read as 1: {}; as 0: {}{more}", listed(1.0), listed(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LabelRules {
        LabelRules {
            task: TaskRule::Auto,
            positive: None,
            unit: None,
            inexact: None,
            decimal_comma: false,
            mirrors: MirrorRule::Auto,
        }
    }

    fn task(rules: &LabelRules, labels: &str) -> Result<Option<Task>, String> {
        let mut tally = Tally::default();
        for (line, text) in (2..).zip(labels.split(' ')) {
            let label =
                rules.read(text.as_bytes()).map_err(|fault| format!("{} {}", fault.reason, fault.detail))?;
            tally.add(text.as_bytes(), label, line);
        }
        tally.task(rules).map_err(|(problem, remedy)| format!("{problem}; {remedy}"))
    }

    #[test]
    fn words_for_yes_and_no_are_a_classification() {
        for labels in [
            "True False TRUE",
            "yes no Y N",
            "+ -",
            "Positive negative interacting",
            "hit non-hit Non_Hit",
            "1 0 1.0",
            "yes 0 1",
        ] {
            assert_eq!(task(&rules(), labels), Ok(Some(Task::Classification)), "{labels}");
        }
        let affinity = LabelRules { task: TaskRule::Affinity, ..rules() };
        assert_eq!(task(&affinity, "5.1 yes"), Err("bad-label `yes` is a word, not a number".into()));
    }

    #[test]
    fn labels_that_tell_nothing_are_refused() {
        for (labels, says) in [
            ("1 -1 1 -1", "the labels are -1 and 1 only"),
            ("1 2 2 1", "the labels are 1 and 2 only"),
            ("5 7 5 7", "the labels are 5 and 7 only"),
            ("1 0 1 0 1 10", "5 of 6 labels are 0 or 1, and 1 are not: 10 on line 7; correct it"),
            ("yes no 5.3", "the labels are words, such as `no`, and numbers, such as 5.3 on line 4"),
        ] {
            let found = task(&rules(), labels).unwrap_err();
            assert!(found.starts_with(says), "{labels}: {found}");
        }
        for labels in ["5 7", "5.1 7.2 5.1", "0 0 0 5.5 6", "-7.2 -9.1 -7.2"] {
            assert_eq!(task(&rules(), labels), Ok(Some(Task::Affinity)), "{labels}");
        }
    }

    #[test]
    fn the_positive_label_can_be_named() {
        let named = |value: &str| LabelRules {
            task: TaskRule::Classification,
            positive: Some(value.into()),
            ..rules()
        };
        assert_eq!(named("binder").read(b"Binder"), Ok(Label::Word(1.0)));
        assert_eq!(named("binder").read(b"other"), Ok(Label::Word(0.0)));
        assert_eq!(named("2").read(b"2.0"), Ok(Label::Word(1.0)));
        assert_eq!(named("2").read(b"1"), Ok(Label::Word(0.0)));
        assert!(named("2").read(b"NA").is_err());
        assert_eq!(
            task(&named("x"), "a b"),
            Err("no label is `x`; the labels are a, b; name the positive one with --positive".into())
        );
    }

    #[test]
    fn bounds_and_uncertainties_have_one_clear_word() {
        for (text, says) in [
            (">10000", "inexact-label `>10000` is a bound, not a value; see --inexact"),
            ("≤ 0.1", "inexact-label `≤ 0.1` is a bound"),
            ("5.2±0.3", "inexact-label `5.2±0.3` holds an uncertainty"),
            ("5.2 +/- 0.3", "inexact-label `5.2 +/- 0.3` holds an uncertainty"),
            ("6,5", "bad-label `6,5` is not a number; see --decimal-comma"),
            (">many", "bad-label `>many` is not a number"),
            ("NA", "no-label NA"),
        ] {
            let fault = rules().read(text.as_bytes()).unwrap_err();
            assert!(format!("{} {}", fault.reason, fault.detail).starts_with(says), "{text}: {fault:?}");
        }
        let value = LabelRules { inexact: Some(Inexact::Value), decimal_comma: true, ..rules() };
        assert_eq!(value.read("5,2±0,3".as_bytes()), Ok(Label::Number(5.2)));
        let drop = LabelRules { inexact: Some(Inexact::Drop), ..rules() };
        assert_eq!(drop.read(b">1"), Ok(Label::Dropped));
    }

    #[test]
    fn concentrations_become_logarithms() {
        let rules = LabelRules { unit: Some(Unit::Nano), task: TaskRule::Affinity, ..rules() };
        let Ok(Label::Number(value)) = rules.read(b"10") else { panic!("a number") };
        assert!((value - 8.0).abs() < 1e-12);
        assert!(rules.read(b"0").unwrap_err().detail.contains("not above 0"));
    }
}
