//! Says which molecules of a table are held out together.

use std::collections::HashMap;

use super::{Identity, Sequences};
use crate::cluster::{Clusters, Sets};
use crate::pair::{PairTable, Side, Sides};
use crate::{Place, Result};

/// For each molecule of an [`Identity`] by identifier, the number of its family: molecules of one cluster, of one sequence,
/// or joined by a chain of such.
///
/// ```
/// use crossmamba::cluster::Clusters;
/// use crossmamba::identity::{Families, Identity, Sequences};
/// use crossmamba::pair::{Pair, PairTable, Sides};
/// use crossmamba::record::RecordId;
///
/// let id = |text| RecordId::new(text);
/// let pair = |rna, partner| Ok::<_, &str>(Pair { rna: id(rna)?, partner: id(partner)?, label: None });
/// let pairs = PairTable::new(vec![pair("r", "p")?, pair("s", "p")?, pair("t", "q")?]);
/// let molecules = Identity::by_id(&pairs, None);
/// let rnas = Clusters::new(vec![id("r")?, id("s")?, id("t")?], &[0, 1, 0]);
/// let families = Families::of(&pairs, &molecules, &Sequences::default(), &Sides::new(Some(rnas), None));
/// let families = families.map_err(|_| "a molecule is in no cluster")?;
/// assert_eq!(families.numbers(), [0, 1, 0, 2, 3]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Families {
    numbers: Vec<u32>,
    count: usize,
}

impl Families {
    /// Joins the molecules of a table; numbers follow first appearance among the molecules.
    ///
    /// # Errors
    /// A molecule that is in none of the clusters of its side, or not among its sequences.
    pub fn of(
        pairs: &PairTable,
        molecules: &Identity,
        sequences: &Sequences,
        clusters: &Sides<Option<Clusters>>,
    ) -> Result<Self> {
        let mut sets = Sets::new(molecules.molecules());
        let by_sequence = Identity::by_sequence(pairs, sequences)?;
        let mut first = HashMap::new();
        for side in Side::BOTH {
            for (&number, key) in molecules.of(side).iter().zip(by_sequence.of(side)) {
                sets.join((*first.entry(*key).or_insert(number), number));
            }
        }
        // Two files number clusters each for itself; one file for both sides names a molecule alike in either column.
        let one = clusters.rna == clusters.partner;
        let mut first = HashMap::new();
        for side in Side::BOTH {
            let Some(clusters) = &clusters[side] else { continue };
            for (pair, &number) in pairs.pairs.iter().zip(molecules.of(side)) {
                let id = pair.id(side);
                let Some(cluster) = clusters.of(id) else {
                    let problem = format!("is in none of the clusters of the {} side", side.name());
                    let remedy = "cluster all molecules of the table";
                    return Err(Place::file(pairs.path()).record(id).error(problem, remedy));
                };
                let space = if one { Side::Rna } else { side };
                sets.join((*first.entry((space, cluster)).or_insert(number), number));
            }
        }
        let mut known = HashMap::new();
        let numbers: Vec<u32> = (0..molecules.molecules() as u32)
            .map(|at| {
                let next = known.len() as u32;
                *known.entry(sets.root(at)).or_insert(next)
            })
            .collect();
        Ok(Self { numbers, count: known.len() })
    }

    /// Gives the family of each molecule.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Gives the number of families.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Numbers molecules by their families, so that what counts molecules counts families.
    ///
    /// ```
    /// use crossmamba::identity::{Families, Identity, Sequences};
    /// use crossmamba::pair::{Pair, PairTable, Sides};
    /// use crossmamba::record::RecordId;
    ///
    /// let pair = |rna, partner| -> Result<Pair, &str> {
    ///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
    /// };
    /// let pairs = PairTable::new(vec![pair("r", "p")?]);
    /// let molecules = Identity::by_id(&pairs, None);
    /// let families = Families::of(&pairs, &molecules, &Sequences::default(), &Sides::new(None, None));
    /// assert_eq!(families.map_err(|_| "no families")?.identity(&molecules), molecules);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn identity(&self, molecules: &Identity) -> Identity {
        let column = |side| self.column(molecules, side);
        Identity { rna: column(Side::Rna), partner: column(Side::Partner), molecules: self.count }
    }

    /// Gives the family of each pair's molecule on a side.
    pub fn column(&self, molecules: &Identity, side: Side) -> Vec<u32> {
        molecules.of(side).iter().map(|&number| self.numbers[number as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::Pair;
    use crate::record::{Digest, RecordId};

    fn id(text: &str) -> RecordId {
        RecordId::new(text).unwrap()
    }

    fn table(pairs: &[(&str, &str)]) -> PairTable {
        PairTable::new(pairs.iter().map(|(r, p)| Pair { rna: id(r), partner: id(p), label: None }).collect())
    }

    fn clusters(of: &[(&str, u32)]) -> Clusters {
        Clusters::new(
            of.iter().map(|(name, _)| id(name)).collect(),
            &of.iter().map(|one| one.1).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn equal_sequences_join_clusters_and_two_files_share_no_number() {
        let pairs = table(&[("a", "x"), ("b", "y"), ("c", "z")]);
        let digests = [("a", "AC"), ("b", "AC"), ("c", "GU")];
        let rna = digests.map(|(name, text)| (id(name), Digest::of(text.as_bytes()))).into_iter().collect();
        let sequences = Sequences { rna: Some(rna), partner: None };
        let molecules = Identity::by_id(&pairs, Some(&sequences));
        let both = Sides::new(
            Some(clusters(&[("a", 0), ("b", 1), ("c", 1)])),
            Some(clusters(&[("x", 0), ("y", 0), ("z", 1)])),
        );
        let families = Families::of(&pairs, &molecules, &sequences, &both).unwrap();
        assert_eq!(families.numbers(), [0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn one_file_for_both_sides_joins_across_the_columns() {
        let pairs = table(&[("a", "b"), ("c", "d")]);
        let molecules = Identity::by_id(&pairs, None);
        let file = clusters(&[("a", 0), ("b", 1), ("c", 1), ("d", 2)]);
        let both = Sides::new(Some(file.clone()), Some(file));
        let families = Families::of(&pairs, &molecules, &Sequences::default(), &both).unwrap();
        assert_eq!((families.numbers(), families.count()), (&[0, 1, 1, 2][..], 3));
    }

    #[test]
    fn a_molecule_without_cluster_is_named() {
        let pairs = table(&[("a", "b")]);
        let rna = Sides::new(Some(clusters(&[("c", 0)])), None);
        let molecules = Identity::by_id(&pairs, None);
        let message = Families::of(&pairs, &molecules, &Sequences::default(), &rna).unwrap_err().to_string();
        assert!(message.contains("record `a`: is in none of the clusters of the rna side"), "{message}");
    }
}
