//! Operations with hand-written gradients.

mod nary;
pub mod scan;
