//! Holds the scan to its definition: golden tensors, identities, finite differences, determinism.
#![cfg(feature = "nn")]

mod card;
mod case;
mod differences;
mod emulated;
mod golden;
mod identities;
mod implementation;
mod planted;
mod tolerance;
