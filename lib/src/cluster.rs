//! Finds out which molecules are relatives, so that whole families can be held out.
//!
//! Molecules belong to one cluster where they are alike, or are joined by a chain of such: [`ClusterRule`] compares
//! sequences by alignment and small molecules by fingerprints, [`Clusters::read`] takes what another program found.

mod align;
mod components;
mod import;
mod lcs;
mod likeness;
mod molecules;
mod nearest;
mod reward;
mod rule;
mod scores;
mod sketch;

use std::collections::HashMap;
use std::io::Write;

#[cfg(test)]
pub(crate) use align::score as aligned;
pub(crate) use components::Sets;
pub use likeness::{Compared, Likeness};
pub use nearest::{Question, Relatives};
pub use rule::{Apart, Candidates, ClusterRule, Comparison, Missed};
pub(crate) use scores::{Scores, codes};

use crate::record::RecordId;

/// For each molecule, the number of its cluster.
///
/// ```
/// use crossmamba::cluster::Clusters;
/// use crossmamba::record::RecordId;
///
/// let ids = ["a", "b", "c"].map(RecordId::new).into_iter().collect::<Result<_, _>>()?;
/// let clusters = Clusters::new(ids, &[7, 3, 7]);
/// assert_eq!((clusters.numbers(), clusters.count()), (&[0, 1, 0][..], 2));
/// assert_eq!(clusters.of(&RecordId::new("b")?), Some(1));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    ids: Vec<RecordId>,
    numbers: Vec<u32>,
    index: HashMap<RecordId, u32>,
    count: usize,
}

impl Clusters {
    /// Takes molecules and numbers that are equal where they belong together; clusters are numbered anew, by first appearance.
    pub fn new(ids: Vec<RecordId>, together: &[u32]) -> Self {
        let mut known = HashMap::new();
        let numbers: Vec<u32> = together
            .iter()
            .map(|number| {
                let next = known.len() as u32;
                *known.entry(number).or_insert(next)
            })
            .collect();
        let count = known.len();
        let index = ids.iter().cloned().zip(numbers.iter().copied()).collect();
        Self { ids, numbers, index, count }
    }

    /// Gives the cluster of each molecule, in their order.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Gives the cluster of a molecule.
    pub fn of(&self, id: &RecordId) -> Option<u32> {
        self.index.get(id).copied()
    }

    /// Gives the number of clusters.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Gives the number of molecules in the largest cluster.
    pub fn largest(&self) -> usize {
        let mut sizes = vec![0; self.count];
        for &number in &self.numbers {
            sizes[number as usize] += 1;
        }
        sizes.into_iter().max().unwrap_or(0)
    }

    /// Writes `id cluster`, one row for each molecule.
    pub fn write_to(&self, mut out: impl Write) -> std::io::Result<()> {
        writeln!(out, "id\tcluster")?;
        self.ids.iter().zip(&self.numbers).try_for_each(|(id, number)| writeln!(out, "{id}\t{number}"))
    }
}
