//! Says which molecules of a side belong together.

/// For each pair, the group of its RNA and of its partner, on the sides that have groups: inner parts are drawn by whole
/// groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The groups of the RNAs.
    pub rna: Option<Vec<u32>>,
    /// The groups of the partners.
    pub partner: Option<Vec<u32>>,
}

impl Groups {
    /// The names of the columns, RNAs first.
    pub const COLUMNS: [&str; 2] = ["rna_group", "partner_group"];

    /// Gives the groups of each side, RNAs first.
    pub const fn sides(&self) -> [Option<&Vec<u32>>; 2] {
        [self.rna.as_ref(), self.partner.as_ref()]
    }

    /// Gives the groups by which an inner part is drawn: those of the RNAs, or of the partners where the RNAs have none.
    ///
    /// Where both sides have groups, an inner part is new in its RNAs alone: for one of a tenth of the pairs that shares
    /// neither side's groups with the rest, up to four tenths would be in neither. What is chosen among several experts is
    /// compared and calibrated on [inner folds](super::Regime::inner), which are new in both.
    ///
    /// ```
    /// use crossmamba::split::Groups;
    ///
    /// let groups = Groups { rna: None, partner: Some(vec![0, 0, 1]) };
    /// assert_eq!(groups.to_draw(), Some(&[0, 0, 1][..]));
    /// assert_eq!(Groups::default().to_draw(), None);
    /// ```
    pub fn to_draw(&self) -> Option<&[u32]> {
        self.rna.as_deref().or(self.partner.as_deref())
    }
}
