//! Audits a set of pairs, its split, and anyone's predictions: what leaks, what can be told without reading a sequence, and
//! what is left.

mod construction;
mod degree;
mod finding;
mod known;
mod likeness;
mod page;
mod scored;
mod subject;
mod verdict;

pub use finding::{Audit, Finding, Form, Section};
pub use page::audit_page;
pub use subject::{Described, Subject, Thresholds};

use crate::Result;
use crate::pair::Task;
use crate::report::Resampling;

/// Audits pairs under a split; `draws` are the resamples behind intervals.
///
/// ```
/// use crossmamba::audit::{Subject, audit};
/// use crossmamba::metrics::Resample;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
/// use crossmamba::report::Resampling;
/// use crossmamba::split::{Groups, Part, Split};
///
/// let pair = |i: u32| -> Result<Pair, &str> {
///     let (rna, partner) = (RecordId::new(format!("r{}", i % 3))?, RecordId::new(format!("p{i}"))?);
///     Ok(Pair { rna, partner, label: Some(f64::from(i % 2)) })
/// };
/// let pairs = PairTable::new((0..12).map(pair).collect::<Result<_, _>>()?);
/// let split = Split::new((0..12).map(|i| Part::Fold(i / 6)).collect(), Groups::default()).map_err(|_| "no split")?;
/// let subject = Subject::new(&pairs, &split, None, None).map_err(|_| "no subject")?;
/// let draws = Resampling { seed: 1, resamples: 20, by: Resample::Pairs };
/// let found = audit(&subject, None, draws).map_err(|_| "no audit")?;
/// assert_eq!(found.value("pairs"), Some(12.0));
/// assert_eq!(found.value("test_pairs_rna_id_known"), Some(1.0));
/// # Ok::<(), &str>(())
/// ```
///
/// # Errors
/// A molecule whose sequence, or whose cluster, is not known, and sequences that are too long to be aligned.
pub fn audit(subject: &Subject<'_>, scores: Option<(&str, &[f64])>, draws: Resampling) -> Result<Audit> {
    let near = likeness::near(subject)?;
    let nearest = likeness::nearest(subject);
    let mut sections = vec![construction::section(subject), known::section(subject)];
    sections.extend(near.as_ref().map(|near| likeness::contradictions(subject, near)));
    sections.extend(likeness::histograms(subject, &nearest));
    sections.push(degree::section(subject, draws));
    if let Some((name, values)) = scores {
        sections.extend(scored::sections(subject, name, values, &nearest, draws));
    }
    let mut found = Audit { sections, verdict: Vec::new() };
    found.verdict =
        verdict::verdict(&found, scores.map(|(name, _)| name), subject.task() == Task::Classification);
    Ok(found)
}
