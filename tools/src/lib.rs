//! The kit that the tools of `CrossMamba` share: one way to start, log, count, fail and end.
pub mod kit;
