//! The kinds of tries.

pub(crate) mod damage;
mod disk;
mod errors;
pub(crate) mod kills;
pub(crate) mod mangled;
mod paths;
mod small;
mod stale;
mod streams;
mod twice;

use crate::harness::{Lab, Plan};

/// Makes the plan of a kind.
type Make = fn(&Lab) -> Plan;

/// The kinds by name, in the order in which they are tried.
pub(crate) const KINDS: &[(&str, Make)] = &[
    ("damage", damage::plan),
    ("kills", kills::plan),
    ("errors", errors::plan),
    ("disk", disk::plan),
    ("paths", paths::plan),
    ("streams", streams::plan),
    ("twice", twice::plan),
    ("stale", stale::plan),
    ("small", small::plan),
    ("mangled", mangled::plan),
];
