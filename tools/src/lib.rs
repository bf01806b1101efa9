//! The kit that the tools of CrossMamba share, and the tools that are more than one file.
pub mod evaluate;
pub mod fuse_train;
pub mod kit;
pub mod predict;
