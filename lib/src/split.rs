//! Divides pairs into folds or into training, validation and test parts.

mod audit;
mod fixed;
mod groups;
mod name;
mod negatives;
mod part;
mod random;
mod read;
mod regime;
mod strata;
mod unseen;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

pub use audit::{Audit, FoldAudit, Overlap, PartAudit};
pub use fixed::{FixedFolds, FoldColumns, LeftOut};
pub use groups::Groups;
pub use name::FoldName;
pub use negatives::{Draw, Negatives};
pub use part::Part;
pub use random::{HoldOut, RandomFolds};
pub use regime::{InnerFold, Regime, Together};
pub use strata::Stratify;
pub use unseen::{Divided, HeldOut, Unseen};

use crate::identity::{Identity, mirrors};
use crate::io::{AtomicFile, Source};
use crate::pair::PairTable;
use crate::{Error, Place, Result};

/// For each pair of a table, the part it plays.
///
/// ```
/// use crossmamba::split::{Groups, Part, Split};
///
/// let split = Split::new(vec![Part::Fold(0), Part::Fold(1), Part::Fold(0)], Groups::default())?;
/// let folds = split.folds();
/// assert_eq!((folds[1].name.as_str(), &folds[1].train[..], &folds[1].test[..]), ("fold-1", &[0, 2][..], &[1][..]));
/// # Ok::<(), crossmamba::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    parts: Vec<Part>,
    groups: Groups,
}

/// One training and its test, as indices into the table of pairs, each list ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// `fold-0`, `fold-1`, …, or `holdout`.
    pub name: FoldName,
    /// The pairs to learn from.
    pub train: Vec<usize>,
    /// The pairs to stop and calibrate on; empty when the split names none.
    pub validation: Vec<usize>,
    /// The pairs to report on.
    pub test: Vec<usize>,
}

/// A rule that divides pairs.
pub trait Splitter {
    /// Divides the pairs of a table, whose molecules are numbered.
    ///
    /// # Errors
    /// A rule that these pairs cannot follow.
    fn split(&self, pairs: &PairTable, molecules: &Identity) -> Result<Split>;
}

impl Split {
    /// Makes a split from the part of each pair and, where inner parts must be drawn by whole groups of molecules, the
    /// groups of each.
    ///
    /// # Errors
    /// Folds mixed with validation or test, fewer than two folds, a hold-out without training or test pairs, or
    /// another number of groups than of parts.
    pub fn new(parts: Vec<Part>, groups: Groups) -> Result<Self> {
        let wrong = |problem: &str, remedy: &str| Err(Error::setting("split", problem, remedy));
        let folds = parts.iter().filter_map(|part| part.fold()).collect::<BTreeSet<_>>().len();
        let has = |part| parts.contains(&part);
        if folds > 0 && (has(Part::Validation) || has(Part::Test)) {
            return wrong("mixes numbered folds with validation or test", "use one of the two");
        }
        if folds == 0 && !(has(Part::Train) && has(Part::Test)) {
            return wrong("has no training or no test pairs", "give each part at least one pair");
        }
        if folds == 1 {
            return wrong("has one fold only", "two or more are needed");
        }
        if groups.sides().into_iter().flatten().any(|groups| groups.len() != parts.len()) {
            return wrong("has another number of groups than of pairs", "give each pair one group of a side");
        }
        Ok(Self { parts, groups })
    }

    /// Reads `rna_id`, `partner_id`, `fold` and perhaps `rna_group` and `partner_group`, and matches the rows with the
    /// pairs of a table. Rows about other pairs are passed over.
    ///
    /// ```
    /// use crossmamba::pair::PairTable;
    /// use crossmamba::split::Split;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let (pairs, splits) = (folder.path().join("pairs.tsv"), folder.path().join("splits.tsv"));
    /// std::fs::write(&pairs, "rna_id\tpartner_id\nr\tp\nr\tq\n")?;
    /// std::fs::write(&splits, "rna_id\tpartner_id\tfold\nr\tp\t0\nr\tq\t1\n")?;
    /// assert_eq!(Split::read(&splits, &PairTable::read(&pairs)?)?.folds().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A pair without a row, a pair with two different rows, a fold that is neither a number nor one of
    /// `train`, `validation`, `test` and `unused`, or what [`Split::new`] refuses.
    pub fn read(source: impl Into<Source>, pairs: &PairTable) -> Result<Self> {
        read::read(&source.into(), pairs)
    }

    /// Writes one row for each pair.
    pub fn write(&self, path: impl AsRef<Path>, pairs: &PairTable) -> Result<()> {
        let path = path.as_ref();
        if pairs.pairs.len() != self.parts.len() {
            return Err(
                Place::file(path).error("the split is of another table", "pass the table it was made of")
            );
        }
        let mut file = AtomicFile::create(path)?;
        self.write_to(&mut file, pairs).map_err(Error::io("write", path))?;
        file.commit()
    }

    /// Writes as [`Split::write`] does.
    pub fn write_to(&self, mut out: impl Write, pairs: &PairTable) -> std::io::Result<()> {
        write!(out, "rna_id\tpartner_id\tfold")?;
        for (name, _) in Groups::COLUMNS.iter().zip(self.groups.sides()).filter(|(_, side)| side.is_some()) {
            write!(out, "\t{name}")?;
        }
        writeln!(out)?;
        for (i, (pair, part)) in pairs.pairs.iter().zip(&self.parts).enumerate() {
            write!(out, "{}\t{}\t{part}", pair.rna, pair.partner)?;
            for groups in self.groups.sides().into_iter().flatten() {
                write!(out, "\t{}", groups[i])?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Gives the part of each pair.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Gives the groups of each pair's molecules, if inner parts must be drawn by whole groups.
    pub const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Finds the first pair that was predicted in another fold than that in which this split tests it, and says so; `folds` has
    /// the fold of each pair, where it is known, and `path` is where the split stands.
    ///
    /// ```
    /// use crossmamba::split::{FoldName, Groups, Part, Split};
    ///
    /// let split = Split::new(vec![Part::Train, Part::Test], Groups::default())?;
    /// let own = FoldName::of_cell("3");
    /// let (pair, problem) = split.contradiction([None, Some(&own)], "splits.tsv".as_ref()).unwrap();
    /// assert_eq!((pair, &*problem), (1, "the pair was predicted in fold 3, in splits.tsv it is in test"));
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn contradiction<'a>(
        &self,
        folds: impl IntoIterator<Item = Option<&'a FoldName>>,
        path: &Path,
    ) -> Option<(usize, String)> {
        self.parts.iter().zip(folds).enumerate().find_map(|(at, (part, own))| {
            let own = own?;
            let differs = match part {
                Part::Fold(number) => own.as_number() != Some(*number),
                Part::Test => own.as_number().is_some(),
                _ => false,
            };
            let (own, path) = (own.cell(), path.display());
            differs.then(|| (at, format!("the pair was predicted in fold {own}, in {path} it is in {part}")))
        })
    }

    /// Gives the pairs of which the mirror plays another part, both as indices into the table; pairs that play none are
    /// passed over.
    pub fn divided_mirrors(&self, molecules: &Identity) -> Vec<(usize, usize)> {
        let mut found = mirrors(molecules);
        let part = |pair: usize| self.parts[pair];
        found.retain(|&(a, b)| part(a) != part(b) && part(a) != Part::Unused && part(b) != Part::Unused);
        found
    }

    /// Gives the trainings that the split asks for: one for each fold, which is its test part, or one for a
    /// hold-out. Beside numbered folds, pairs of `train` are trained on by every fold and tested by none.
    ///
    /// Where the molecules of both sides have groups, a fold learns from the pairs that share neither group with its test
    /// part: numbered blocks of RNA groups × partner groups are then a cross-validation on pairs new in both.
    ///
    /// ```
    /// use crossmamba::split::{Groups, Part, Split};
    ///
    /// // Two RNAs and two partners, every pair a block of its own: only the opposite one shares nothing.
    /// let groups = Groups { rna: Some(vec![0, 0, 1, 1]), partner: Some(vec![0, 1, 0, 1]) };
    /// let split = Split::new((0..4).map(Part::Fold).collect(), groups)?;
    /// assert_eq!(split.folds().into_iter().map(|fold| fold.train).collect::<Vec<_>>(), [[3], [2], [1], [0]]);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn folds(&self) -> Vec<Fold> {
        self.each_fold().collect()
    }

    /// Gives the trainings one after the other: of thousands of folds, each with its training part, all together fill the
    /// memory.
    pub fn each_fold(&self) -> impl Iterator<Item = Fold> {
        let numbers: BTreeSet<u32> = self.parts.iter().filter_map(|part| part.fold()).collect();
        let holdout = numbers.is_empty().then_some(None);
        numbers.into_iter().map(Some).chain(holdout).map(|number| self.fold(number))
    }

    /// Gives the fold of this number, or the hold-out.
    fn fold(&self, number: Option<u32>) -> Fold {
        let having = |wanted: &dyn Fn(Part) -> bool| -> Vec<usize> {
            (0..self.parts.len()).filter(|&i| wanted(self.parts[i])).collect()
        };
        let Some(number) = number else {
            return Fold {
                name: FoldName::holdout(),
                train: having(&|part| part == Part::Train),
                validation: having(&|part| part == Part::Validation),
                test: having(&|part| part == Part::Test),
            };
        };
        let test = having(&|part| part == Part::Fold(number));
        let mut train = having(&|part| match part {
            Part::Fold(other) => other != number,
            part => part == Part::Train,
        });
        if let Groups { rna: Some(rna), partner: Some(partner) } = &self.groups {
            for groups in [rna, partner] {
                let tested: BTreeSet<u32> = test.iter().map(|&i| groups[i]).collect();
                train.retain(|&i| !tested.contains(&groups[i]));
            }
        }
        Fold { name: FoldName::number(number), train, validation: Vec::new(), test }
    }
}
