//! What the tools of `CrossMamba` share: one way to start, log, count, fail and end ([`kit`]), to read sequences of others
//! ([`sequences`]), to embed them ([`embedding`]), to take clusters ([`clusters`]), and to find models ([`models`])
//! and configurations ([`presets`]) by their names.
pub mod clusters;
pub mod embedding;
pub mod kit;
pub mod models;
pub mod presets;
pub mod sequences;
