//! Puts a set together: molecules, pairs, labels, folds.

use super::affinity::Affinities;
use super::folds::{FoldRow, folds};
use super::pair::SimulatedPair;
use super::pairing;
use super::recognition::Recognition;
use super::settings::{Kind, Settings};
use super::side::{Member, partners, rnas};
use crate::Result;
use crate::rng::Rng;

/// A simulated set.
#[derive(Debug, Clone)]
pub struct Set {
    /// What was asked for.
    pub settings: Settings,
    /// The RNAs.
    pub rna: Vec<Member>,
    /// The partners.
    pub partners: Vec<Member>,
    /// The pairs, in random order.
    pub pairs: Vec<SimulatedPair>,
    /// The folds of each pair.
    pub folds: Vec<FoldRow>,
    pub(super) affinities: Affinities,
}

/// Makes a set; the same settings give the same set everywhere.
///
/// # Errors
/// Settings that [`Settings::check`] refuses, or more pairs than the molecules can form.
///
/// ```
/// use crossmamba::simulate::{Kind, Oracle, Settings, simulate};
///
/// let settings = Settings { pairs: 50, ..Settings::new(Kind::RnaProtein) };
/// let set = simulate(&settings)?;
/// let oracle = Oracle::new(settings.kind, settings.classes);
/// for pair in &set.pairs {
///     let (rna, partner) = (&set.rna[pair.rna].record, &set.partners[pair.partner].record);
///     assert_eq!(oracle.binds(&rna.sequence, &partner.sequence), pair.binds);
/// }
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub fn simulate(settings: &Settings) -> Result<Set> {
    settings.check()?;
    let root = Rng::new(settings.seed).fork("simulate");
    let recognition = Recognition::new(settings, &mut root.fork("recognition"));
    let rna = rnas(settings, &recognition, &root)?;
    let partners = partners(settings, &recognition, &root)?;
    let mut rng = root.fork("pairs");
    let chosen = if settings.interaction_only {
        pairing::draw_balanced(&rna, &partners, settings.pairs, &recognition, settings.classes, &mut rng)
    } else {
        pairing::draw(&rna, &partners, settings.pairs, &mut rng)?
    };
    let affinities = Affinities::new(settings, &mut root.fork("affinity"));
    let mut pairs: Vec<SimulatedPair> = chosen
        .iter()
        .map(|pair| {
            let planted = match settings.kind {
                Kind::RnaSmallMolecule => {
                    affinities.planted(&rna[pair.rna], &partners[pair.partner], pair.binds)
                }
                _ => f64::from(u8::from(pair.binds)),
            };
            SimulatedPair { rna: pair.rna, partner: pair.partner, binds: pair.binds, planted, label: planted }
        })
        .collect();
    let mut rng = root.fork("noise");
    if settings.kind == Kind::RnaSmallMolecule {
        for pair in &mut pairs {
            pair.label += settings.noise * f64::from(rng.normal());
        }
    } else {
        let wrong = if settings.interaction_only {
            pairing::turned_in_balance(&chosen, settings.noise, &mut rng)
        } else {
            pairing::turned(chosen.len(), settings.noise, &mut rng)
        };
        for at in wrong {
            pairs[at].label = 1.0 - pairs[at].planted;
        }
    }
    let folds = folds(&rna, &partners, &pairs, &mut root.fork("folds"));
    Ok(Set { settings: settings.clone(), rna, partners, pairs, folds, affinities })
}
