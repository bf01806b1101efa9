//! Scans packed sequences with the selective state-space recurrence (S6, Mamba-1), with an initial state in and
//! the final state out, and gradients through both.
//!
//! Letters: `t` packed tokens, `s` segments (sequences), `e` channels, `n` states per channel. For each segment,
//! walked in either [`Direction`](crate::nn::Direction), with `softplus(x) = ln(1 + eˣ)`:
//!
//! ```text
//! dtₜ = softplus(deltaₜ + delta_bias)                                            (e)
//! hₜ  = exp(dtₜ A) ⊙ hₜ₋₁ + (dtₜ uₜ) Bₜ                h before the first = h0   (e, n)
//! yₜ  = Σₙ Cₜ[n] hₜ[·,n] + D uₜ                                                  (e)
//! ```
//!
//! (Gu and Dao 2023, arXiv 2312.00752: zero-order hold for A, Euler for B.) Two operations share it:
//!
//! - a scan gives `outₜ = yₜ silu(zₜ)` for every token, and the final states;
//! - a read-out (with pooling weights `w`) gives what a late relay needs of a sequence once and for all: the pooled
//!   output `pool = Σₜ wₜ yₜ`, the final state, and `K = ∂pool/∂h0 = Σₜ wₜ Cₜ exp(A Σ_{r≤t} dtᵣ)`. As the scan is
//!   linear in `h0`, the pool from any other initial state is `pool + Σₙ K[·,n] h0[·,n]`, exactly.
//!
//! [`scan`] takes a list of [`Job`]s, such as the two directions of a block, and does them side by side. On the CPU,
//! tensors in f64 run [`mod@reference`], plain loops that are the definition, and tensors in f32 the vectorised kernels
//! of [`mod@cpu`]; neither depends on the number of threads, not even in the last bit. All else runs [`mod@composite`].

pub mod composite;
pub mod cpu;
pub mod cuda;
pub mod reference;

mod geometry;
mod graph;
mod inputs;
mod job;
mod op;
mod problem;

pub use inputs::ScanInputs;
pub use job::Job;
pub use op::scan;
pub use problem::{Gradients, OutputGradients, Outputs, Problem};
