//! Which classes bind each other: one to one, or a code in which no class stands out.

use super::settings::Settings;
use crate::rng::Rng;

/// For each class of RNA, the classes of partner that bind it and those that do not.
///
/// Both lists are Latin: at any place, going through the RNA classes names each partner class once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recognition {
    matching: Vec<Vec<usize>>,
    others: Vec<Vec<usize>>,
}

impl Recognition {
    /// Draws the recognition of a set.
    ///
    /// Usually a class binds the class of its own number. In an interaction-only set each class binds half of
    /// the classes of the other side. The pattern is the circulant whose spectrum is flattest (found by
    /// trying all), with rows and columns permuted: the further it is from a sum of few products, the more a
    /// model has to look at both molecules at once.
    pub(super) fn new(settings: &Settings, rng: &mut Rng) -> Self {
        let classes = settings.classes;
        if !settings.interaction_only {
            let others = |class| (1..classes).map(|step| (class + step) % classes).collect();
            return Self {
                matching: (0..classes).map(|class| vec![class]).collect(),
                others: (0..classes).map(others).collect(),
            };
        }
        let steps: &[usize] = match classes {
            2 => &[0],
            4 => &[0, 1],
            6 => &[0, 1, 3],
            _ => &[0, 1, 2, 4],
        };
        let rest: Vec<usize> = (0..classes).filter(|step| !steps.contains(step)).collect();
        let (rows, columns) = (rng.permutation(classes), rng.permutation(classes));
        let walk = |steps: &[usize]| -> Vec<Vec<usize>> {
            rows.iter()
                .map(|row| steps.iter().map(|step| columns[(row + step) % classes]).collect())
                .collect()
        };
        Self { matching: walk(steps), others: walk(&rest) }
    }

    /// Gives the partner classes that bind an RNA class.
    pub(super) fn matching(&self, rna: usize) -> &[usize] {
        &self.matching[rna]
    }

    /// Gives the partner classes that do not bind an RNA class.
    pub(super) fn others(&self, rna: usize) -> &[usize] {
        &self.others[rna]
    }

    /// Gives the RNA classes that bind a partner class, in order.
    pub(super) fn matching_partner(&self, partner: usize) -> Vec<usize> {
        (0..self.matching.len()).filter(|&rna| self.matching[rna].contains(&partner)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Kind;

    #[test]
    fn an_interaction_only_code_is_half_full_in_every_row_column_and_place() {
        for classes in [2, 4, 6, 8] {
            let settings = Settings { classes, interaction_only: true, ..Settings::new(Kind::RnaProtein) };
            let code = Recognition::new(&settings, &mut Rng::new(3));
            for class in 0..classes {
                assert_eq!(code.matching_partner(class).len(), classes / 2);
                let mut all = [code.matching(class), code.others(class)].concat();
                all.sort_unstable();
                assert_eq!(all, (0..classes).collect::<Vec<_>>());
            }
            for place in 0..classes / 2 {
                for list in [&code.matching, &code.others] {
                    let mut column: Vec<usize> = list.iter().map(|row| row[place]).collect();
                    column.sort_unstable();
                    assert_eq!(column, (0..classes).collect::<Vec<_>>());
                }
            }
        }
    }
}
