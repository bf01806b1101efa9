//! The affinities of RNA elements and scaffolds.

use super::settings::{Kind, Settings};
use super::side::Member;
use crate::rng::Rng;

const BOUND: f64 = 7.0;
const UNBOUND: f64 = 4.5;
/// What a decoy binds every scaffold with.
const DECOY: f64 = 4.0;

/// The pKd by RNA class (row) and scaffold class (column), before side chains; empty where labels are 0 and
/// 1, and for interaction-only sets, where binding pairs have 7.0 and the others 4.5.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Affinities {
    rows: Vec<Vec<f64>>,
}

impl Affinities {
    /// Draws the table: a match binds 1.5 to 2.5 units better than the two classes alone would tell.
    pub(super) fn new(settings: &Settings, rng: &mut Rng) -> Self {
        if settings.kind != Kind::RnaSmallMolecule || settings.interaction_only {
            return Self { rows: Vec::new() };
        }
        let classes = settings.classes;
        let by_rna: Vec<f64> = (0..classes).map(|_| 0.3 * f64::from(rng.normal())).collect();
        let by_scaffold: Vec<f64> = (0..classes).map(|_| 0.4 * f64::from(rng.normal())).collect();
        let mut entry = |row: usize, column: usize| {
            let fit = if row == column { 1.5 + rng.uniform() } else { 0.3 * f64::from(rng.normal()) };
            let pkd: f64 = 4.8 + by_rna[row] + by_scaffold[column] + fit;
            (pkd * 100.0).round() / 100.0
        };
        let rows = (0..classes).map(|row| (0..classes).map(|column| entry(row, column)).collect()).collect();
        Self { rows }
    }

    /// Gives the pKd of a pair without the error of measurement.
    pub(super) fn planted(&self, rna: &Member, molecule: &Member, binds: bool) -> f64 {
        match self.rows.get(rna.class) {
            None if binds => BOUND,
            None => UNBOUND,
            Some(_) if rna.decoy => DECOY + molecule.effect,
            Some(row) => row[molecule.class] + molecule.effect,
        }
    }

    /// Gives the table by rows.
    pub(super) fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }
}
