//! Each mistake that is easily made moves the hidden states by more than the tolerance, so the golden tests would
//! fail with it.

use crossmamba::lm::{Checkpoint, LanguageModel, Precision};

use super::fixture::Fixture;
use super::reference::{Mistake, Reference};
use super::wide;

/// The worst error over all cases, as a share of the tolerance.
fn worst(name: &str, file: &str, ids: &str, prefix: &str, suffix: &str, mistake: Mistake) -> f64 {
    let fixture = Fixture::open(name).unwrap();
    let reference = Reference::new(&Checkpoint::open(fixture.folder.join(file)).unwrap());
    let cases = fixture.cases(ids).into_iter();
    cases
        .map(|(case, ids)| {
            let states = reference.forward(&ids, 3, Some(mistake));
            fixture.error(states.into_iter().flatten(), &format!("{prefix}{case}{suffix}"))
        })
        .fold(0.0, f64::max)
}

#[test]
fn mistakes_with_esm2_would_show() {
    for mistake in [
        Mistake::NoTokenDropout,
        Mistake::ComputedFrequencies,
        Mistake::InterleavedRotary,
        Mistake::RotatedValues,
        Mistake::TanhGelu,
        Mistake::NoScale,
        Mistake::NormAfter,
        Mistake::NoFinalNorm,
        Mistake::OtherEpsilon,
        Mistake::SwappedNorms,
    ] {
        let error = worst("esm2", "", "policy_ids", "last_hidden_state.", ".policy", mistake);
        assert!(error > 1.0, "{mistake:?} would pass: {error} of the tolerance");
    }
}

#[test]
fn mistakes_with_rinalmo_would_show() {
    for mistake in [
        Mistake::PlainResidual,
        Mistake::SwappedGate,
        Mistake::NoBeta,
        Mistake::InterleavedRotary,
        Mistake::NoScale,
        Mistake::NormAfter,
        Mistake::NoFinalNorm,
        Mistake::SwappedNorms,
    ] {
        let error =
            worst("rinalmo", "official.safetensors", "official_ids", "last_hidden_state.", "", mistake);
        assert!(error > 1.0, "{mistake:?} would pass: {error} of the tolerance");
    }
}

#[test]
fn mistakes_with_molformer_would_show() {
    for mistake in [
        Mistake::OtherFeatures,
        Mistake::NoFeatures,
        Mistake::PositionFromOne,
        Mistake::InterleavedRotary,
        Mistake::TanhGelu,
        Mistake::NormBefore,
        Mistake::OtherEpsilon,
        Mistake::NoFinalNorm,
        Mistake::SwappedNorms,
    ] {
        let error = worst("molformer_small", "", "ids", "hf.last_hidden_state.", "", mistake);
        assert!(error > 1.0, "{mistake:?} would pass: {error} of the tolerance");
    }
}

/// The small MoLFormer with queries and keys a thousandth of their size: the denominators of its attention are then as
/// small as what guards them, which in the fixture itself is far below the tolerance.
fn faint(file: &str) -> Checkpoint {
    let fixture = Fixture::open("molformer_small").unwrap();
    let checkpoint = Checkpoint::open(fixture.folder.join(file)).unwrap();
    let tensor = |(name, extents): (String, Vec<usize>)| {
        let mut values = checkpoint.tensor(&name).unwrap().to_f32().unwrap();
        if name.contains(".query.") || name.contains(".key.") {
            for value in &mut values {
                *value *= 1e-3;
            }
        }
        (name, extents, values)
    };
    let tensors = checkpoint.shape().tensors().into_iter().map(tensor).collect();
    Checkpoint::from_parts(checkpoint.shape().clone(), tensors).unwrap()
}

/// Random features are homogeneous: a scale of the queries cancels but for the guard of the denominator.
#[test]
fn a_scale_of_the_queries_and_the_other_guard_would_show_where_attention_is_faint() {
    for file in ["", "molformer_tiny.ckpt"] {
        let checkpoint = faint(file);
        let (reference, model) =
            (Reference::new(&checkpoint), LanguageModel::load(&checkpoint, Precision::F32).unwrap());
        let layers = checkpoint.shape().layers;
        let apart = |a: &[Vec<f64>], b: &[f64]| {
            a.iter().flatten().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let (mut right, mut wrong) = (0.0, [0.0; 2]);
        for (_, ids) in Fixture::open("molformer_small").unwrap().cases("ids") {
            let states: Vec<f64> = wide(&model.forward(&ids, &[0, ids.len()], None).unwrap()).collect();
            right = apart(&reference.forward(&ids, layers, None), &states).max(right);
            for (wrong, mistake) in wrong.iter_mut().zip([Mistake::ScaledQueries, Mistake::OtherGuard]) {
                *wrong = apart(&reference.forward(&ids, layers, Some(mistake)), &states).max(*wrong);
            }
        }
        assert!(right < 1e-4, "{file}: {right}");
        assert!(wrong.iter().all(|wrong| *wrong > 1e-3), "{file}: {wrong:?}");
    }
}

#[test]
fn pooling_with_the_special_tokens_would_show() {
    let fixture = Fixture::open("esm2").unwrap();
    let reference = Reference::new(&Checkpoint::open(&fixture.folder).unwrap());
    for (case, ids) in fixture.cases("policy_ids") {
        let states = reference.forward(&ids, 3, None);
        let mean = |rows: &[Vec<f64>]| -> Vec<f64> {
            (0..32).map(|d| rows.iter().map(|row| row[d]).sum::<f64>() / rows.len() as f64).collect()
        };
        let name = format!("mean_residues.{case}.policy");
        assert!(fixture.error(mean(&states[1..states.len() - 1]), &name) <= 1.0);
        assert!(fixture.error(mean(&states), &name) > 1.0);
    }
}
