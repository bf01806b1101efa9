//! Joins the scores of several models.

use std::collections::BTreeMap;

use super::met::Met;
use super::{Sink, Source, scores};
use crate::Result;
use crate::config::DuplexInput;
use crate::expert::{Experts, Kin, Kind, World};
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
    let needed = |bundle: &Bundle| bundle.model().needs(Kind::Relay);
    let networks: Vec<&[Member]> =
        bundles.iter().map(|bundle| if needed(bundle) { bundle.members() } else { &[] }).collect();
    let relays = mean_scores(&networks, data, pairs)?;
    for (number, (bundle, relay)) in bundles.iter().zip(relays).enumerate() {
        let model = bundle.model();
        let predicted: Vec<f64> = match (&model.experts, bundle.experts()) {
            (Some(choice), Some(experts)) => {
                let chosen = &choice.candidates[choice.chosen];
                let mut scores =
                    expert_scores(experts, data, pairs, met.kin(number), &|kind| model.needs(kind))?;
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
    let mut of_pair = Vec::with_capacity(bundles.len());
    let mean = |at: usize| {
        of_pair.clear();
        of_pair.extend(of_bundles.iter().map(|all| all[at]));
        Prediction::mean(&of_pair)
    };
    Ok((0..pairs.len()).map(mean).collect())
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
    let mut scores = expert_scores(experts, data, pairs, met.kin(0), &|_| true)?;
    let relays = mean_scores(&[bundle.members()], data, pairs)?;
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

/// Gives the score of every wanted expert but the network.
///
/// # Errors
/// As [`predict`].
fn expert_scores(
    experts: &Experts,
    data: &Dataset,
    pairs: &[Sides<u32>],
    kin: Kin<'_>,
    wanted: &dyn Fn(Kind) -> bool,
) -> Result<BTreeMap<Kind, Vec<f64>>> {
    let own = data.duplex_values(pairs);
    let width = if own.is_some() { DUPLEX_VALUES } else { 0 };
    let own = (&own.unwrap_or_default()[..], width);
    let world = World { descriptors: data.descriptors()?, pairs, own, kin };
    experts.scores(&world, &(0..pairs.len()).collect::<Vec<_>>(), wanted)
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

/// Gives the mean score of each group of networks for every pair, 0 of a group without one.
///
/// They work side by side on the threads of the current pool, or in turn on a card.
///
/// # Errors
/// As [`scores`].
pub fn mean_scores(groups: &[&[Member]], data: &Dataset, pairs: &[Sides<u32>]) -> Result<Vec<Vec<f64>>> {
    let numbered = groups.iter().enumerate();
    let all: Vec<(usize, &Member)> =
        numbered.flat_map(|(number, group)| group.iter().map(move |member| (number, member))).collect();
    let threads = rayon::current_num_threads();
    let threads = all.first().map_or(threads, |(_, member)| at_once(member.network.device(), threads));
    let found = side_by_side(&all, threads, |_, (_, member)| {
        scores(&member.network, data, &member.standardisation, pairs)
    })?;
    let mut means = vec![vec![0.0; pairs.len()]; groups.len()];
    for ((number, _), scores) in all.iter().zip(found) {
        means[*number].iter_mut().zip(scores?).for_each(|(sum, score)| *sum += score);
    }
    for (mean, members) in means.iter_mut().zip(groups) {
        for sum in mean {
            *sum /= members.len().max(1) as f64;
        }
    }
    Ok(means)
}
