//! Settings that are a number, or `auto` for a documented rule.

use std::fmt;
use std::num::NonZero;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A whole number of at least 1, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AutoCount {
    /// The documented rule decides.
    #[default]
    Auto,
    /// This number.
    Of(NonZero<usize>),
}

/// A number from 0 to 1, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum AutoFraction {
    /// The documented rule decides.
    #[default]
    Auto,
    /// This number.
    Of(f64),
}

impl AutoCount {
    /// Gives the number, or what the rule says.
    pub fn or(self, rule: usize) -> usize {
        match self {
            Self::Auto => rule,
            Self::Of(count) => count.get(),
        }
    }
}

impl AutoFraction {
    /// Gives the number, or what the rule says.
    pub fn or(self, rule: f64) -> f64 {
        match self {
            Self::Auto => rule,
            Self::Of(fraction) => fraction,
        }
    }
}

impl Serialize for AutoCount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Of(count) => serializer.serialize_u64(count.get() as u64),
        }
    }
}

impl Serialize for AutoFraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Of(fraction) => serializer.serialize_f64(*fraction),
        }
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = AutoCount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of at least 1, or `auto`")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<AutoCount, E> {
        let count = usize::try_from(value).ok().and_then(NonZero::new);
        count
            .map(AutoCount::Of)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<AutoCount, E> {
        if value == "auto" {
            Ok(AutoCount::Auto)
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Str(value), &self))
        }
    }
}

struct FractionVisitor;

impl Visitor<'_> for FractionVisitor {
    type Value = AutoFraction;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 1, or `auto`")
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<AutoFraction, E> {
        Ok(AutoFraction::Of(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<AutoFraction, E> {
        Ok(AutoFraction::Of(value as f64))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<AutoFraction, E> {
        if value == "auto" {
            Ok(AutoFraction::Auto)
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Str(value), &self))
        }
    }
}

impl<'de> Deserialize<'de> for AutoCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AutoFraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FractionVisitor).map_err(D::Error::custom)
    }
}

impl JsonSchema for AutoCount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AutoCount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "integer", "minimum": 1 }] })
    }
}

impl JsonSchema for AutoFraction {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AutoFraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "number", "minimum": 0, "maximum": 1 }] })
    }
}
