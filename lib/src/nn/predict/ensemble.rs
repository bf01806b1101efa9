//! Joins the scores of several models.

use std::collections::BTreeMap;

use super::met::Met;
use super::{Sink, Source, scores};
use crate::Result;
use crate::config::DuplexInput;
use crate::expert::{Experts, Kind, World};
use crate::nn::bundle::{Bundle, Member, Prediction};
use crate::nn::data::{DUPLEX_VALUES, Dataset};
use crate::nn::threads::{at_once, side_by_side};
use crate::pair::{Side, Sides};

/// Predicts pairs with one or several bundles, which are averaged.
///
/// ```no_run
/// use std::path::Path;
///
/// use crossmamba::nn::bundle::Bundle;
/// use crossmamba::nn::device::Device;
/// use crossmamba::nn::predict::predict;
/// use crossmamba::nn::{Dataset, Sides, TokenTable};
/// use crossmamba::pair::PairTable;
///
/// let table = PairTable::read("pairs.tsv")?;
/// let stores = Sides::new("rna.store", "protein.store");
/// let tables = Sides::try_of(|side| TokenTable::open(side, &[stores[side].into()], None))?;
/// let data = Dataset::new(&table, tables)?;
/// let pairs: Vec<Sides<u32>> = data.pairs.iter().flatten().copied().collect();
/// let bundles = Bundle::read_all(Path::new("model"), &Device::Cpu)?;
/// for prediction in predict(&bundles, &data, &pairs)? {
///     println!("{:.3}", prediction.probability());
/// }
/// # Ok::<(), crossmamba::Error>(())
/// ```
///
/// The models work side by side on the threads of the current pool; the result does not depend on their number.
///
/// # Errors
/// A damaged store, or pairs whose molecules are not those of the model.
pub fn predict(bundles: &[Bundle], data: &Dataset, pairs: &[Sides<u32>]) -> Result<Vec<Prediction>> {
    let molecules = Sides::of(|side: Side| pairs.iter().map(|pair| pair[side]).collect());
    predict_met(bundles, data, pairs, &Met::of(bundles, data, molecules)?)
}

fn predict_met(
    bundles: &[Bundle],
    data: &Dataset,
    pairs: &[Sides<u32>],
    met: &Met,
) -> Result<Vec<Prediction>> {
    let mut of_bundles = Vec::with_capacity(bundles.len());
    let relays = networks(bundles, data, pairs, |bundle| bundle.model().needs(Kind::Relay))?;
    for (number, (bundle, relay)) in bundles.iter().zip(relays).enumerate() {
        let model = bundle.model();
        let predicted: Vec<f64> = match (&model.experts, bundle.experts()) {
            (Some(choice), Some(experts)) => {
                let chosen = &choice.candidates[choice.chosen];
                let mut scores = expert_scores(experts, data, pairs)?;
                scores.insert(Kind::Relay, relay);
                (0..pairs.len()).map(|at| chosen.score(&scores, at)).collect()
            }
            _ => relay,
        };
        let one = |(&pair, score): (&Sides<u32>, f64)| {
            let trust = met.trust(bundles, number, pair);
            Prediction { trust, ..model.prediction_of(score, trust.map(|trust| trust.flag)) }
        };
        of_bundles.push(pairs.iter().zip(predicted).map(one).collect::<Vec<Prediction>>());
    }
    let mean = |at: usize| Prediction::mean(&of_bundles.iter().map(|all| all[at]).collect::<Vec<_>>());
    Ok((0..pairs.len()).map(mean).collect())
}

/// Gives the mean score of each bundle's networks for every pair; 0 where they are not needed.
fn networks(
    bundles: &[Bundle],
    data: &Dataset,
    pairs: &[Sides<u32>],
    needed: impl Fn(&Bundle) -> bool,
) -> Result<Vec<Vec<f64>>> {
    let needed = bundles.iter().enumerate().filter(|(_, bundle)| needed(bundle));
    let of = |(number, bundle)| Bundle::members(bundle).iter().map(move |member| (number, member));
    let all: Vec<(usize, &Member)> = needed.flat_map(of).collect();
    let threads = rayon::current_num_threads();
    let threads = all.first().map_or(threads, |(_, member)| at_once(member.network.device(), threads));
    let found = side_by_side(&all, threads, |_, (_, member)| {
        scores(&member.network, data, &member.standardisation, pairs)
    })?;
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    let mean = |number: usize| {
        let own = all.iter().zip(&found).filter(|((owner, _), _)| *owner == number);
        let members: Vec<&Vec<f64>> = own.map(|(_, scores)| scores).collect();
        let mean =
            |at: usize| members.iter().map(|scores| scores[at]).sum::<f64>() / members.len().max(1) as f64;
        (0..pairs.len()).map(mean).collect()
    };
    Ok((0..bundles.len()).map(mean).collect())
}

/// Predicts pairs with each candidate among the experts of one bundle, by name; empty where the network stands alone.
///
/// # Errors
/// As [`predict`].
pub fn predict_each(
    bundle: &Bundle,
    data: &Dataset,
    pairs: &[Sides<u32>],
) -> Result<Vec<(String, Vec<Prediction>)>> {
    let model = bundle.model();
    let (Some(choice), Some(experts)) = (&model.experts, bundle.experts()) else { return Ok(Vec::new()) };
    let molecules = Sides::of(|side: Side| pairs.iter().map(|pair| pair[side]).collect());
    let met = Met::of(std::slice::from_ref(bundle), data, molecules)?;
    let mut scores = expert_scores(experts, data, pairs)?;
    let relays = networks(std::slice::from_ref(bundle), data, pairs, |_| true)?;
    scores.extend(relays.into_iter().map(|relay| (Kind::Relay, relay)));
    let each = choice.candidates.iter().enumerate().map(|(number, one)| {
        let predicted = (0..pairs.len()).map(|at| {
            let score = one.score(&scores, at);
            // What was chosen says here what the model says.
            if number == choice.chosen {
                let trust = met.trust(std::slice::from_ref(bundle), 0, pairs[at]);
                return Prediction { trust, ..model.prediction_of(score, trust.map(|trust| trust.flag)) };
            }
            model.calibrated(score, one.calibration)
        });
        (one.name.clone(), predicted.collect())
    });
    Ok(each.collect())
}

/// Gives the score of every expert but the network.
///
/// # Errors
/// As [`predict`].
pub fn expert_scores(
    experts: &Experts,
    data: &Dataset,
    pairs: &[Sides<u32>],
) -> Result<BTreeMap<Kind, Vec<f64>>> {
    let own = data.duplex_values(pairs);
    let width = if own.is_some() { DUPLEX_VALUES } else { 0 };
    let world = World { descriptors: data.descriptors()?, pairs, own: (&own.unwrap_or_default(), width) };
    experts.scores(&world, &(0..pairs.len()).collect::<Vec<_>>())
}

/// Predicts the pairs of a source, in memory that does not grow with their number, and gives them to a sink in their
/// order.
///
/// The duplexes of the pairs are computed where a model looks at them. The result depends on neither the number of
/// threads nor, but for the last bits of a score, on which pairs are scored together.
///
/// # Errors
/// As [`predict`], and what the sink refuses.
pub fn predict_into(
    bundles: &[Bundle],
    data: &mut Dataset,
    source: Source<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let duplexes = bundles.iter().any(|bundle| bundle.config().model.duplex == DuplexInput::Energy);
    let met = Met::of(bundles, data, source.molecules())?;
    let mut places = 0..;
    for slab in source.slabs() {
        if duplexes {
            data.hybridise(&slab)?;
        }
        for (prediction, place) in predict_met(bundles, data, &slab, &met)?.into_iter().zip(places.by_ref()) {
            sink.take(place, prediction)?;
        }
    }
    sink.end()
}

/// Gives the mean score of the members for each pair.
///
/// # Errors
/// As [`scores`].
pub fn mean_scores(members: &[Member], data: &Dataset, pairs: &[Sides<u32>]) -> Result<Vec<f64>> {
    let mut sums = vec![0.0; pairs.len()];
    for member in members {
        let found = scores(&member.network, data, &member.standardisation, pairs)?;
        for (sum, score) in sums.iter_mut().zip(found) {
            *sum += score;
        }
    }
    for sum in &mut sums {
        *sum /= members.len().max(1) as f64;
    }
    Ok(sums)
}
