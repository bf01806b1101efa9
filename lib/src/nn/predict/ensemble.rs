//! Joins the scores of several models.

use super::{Sink, Source, scores};
use crate::Result;
use crate::config::DuplexInput;
use crate::nn::bundle::{Bundle, Member, Prediction};
use crate::nn::data::Dataset;
use crate::nn::threads::{at_once, side_by_side};
use crate::pair::Sides;

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
    let all: Vec<(usize, &Member)> = bundles
        .iter()
        .enumerate()
        .flat_map(|(number, bundle)| bundle.members().iter().map(move |member| (number, member)))
        .collect();
    let threads = rayon::current_num_threads();
    let threads = all.first().map_or(threads, |(_, member)| at_once(member.network.device(), threads));
    let found = side_by_side(&all, threads, |_, (_, member)| {
        scores(&member.network, data, &member.standardisation, pairs)
    })?;
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    let predictions = (0..pairs.len()).map(|at| {
        let each: Vec<Prediction> = bundles
            .iter()
            .enumerate()
            .map(|(number, bundle)| {
                let of_bundle = all.iter().zip(&found).filter(|((owner, _), _)| *owner == number);
                let scores: Vec<f64> = of_bundle.map(|(_, scores)| scores[at]).collect();
                bundle.predict(scores.into_iter())
            })
            .collect();
        Prediction::mean(&each)
    });
    Ok(predictions.collect())
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
    let mut places = 0..;
    for slab in source.slabs() {
        if duplexes {
            data.hybridise(&slab)?;
        }
        for (prediction, place) in predict(bundles, data, &slab)?.into_iter().zip(places.by_ref()) {
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
