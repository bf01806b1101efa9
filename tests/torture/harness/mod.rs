//! What makes tries, runs them and judges how they ended.

mod call;
mod files;
mod interrupted;
mod judge;
mod lab;
mod numbers;
mod run;
mod set;
pub(crate) mod strace;
mod task;
pub(crate) mod tasks;

pub(crate) use call::{Call, Ended, Running, Tools};
pub(crate) use files::{Files, copy};
pub(crate) use interrupted::{Left, goes_on};
pub(crate) use judge::{refused, same, unchanged};
pub(crate) use lab::{Lab, Place};
pub(crate) use numbers::Numbers;
pub(crate) use run::{Choice, Plan, Score, Verdict, run};
pub(crate) use task::{Expected, Task};
