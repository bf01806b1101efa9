//! Every gradient of the reference against central differences; all else is measured against the reference.

use crossmamba::nn::ops::scan::reference;

use crate::case::{Case, Form};
use crate::implementation::named;
use crate::tolerance;

fn loss(case: &Case) -> f64 {
    let y = reference::forward(&case.problem());
    let dot = |y: &[f64], g: &Option<Vec<f64>>| -> f64 {
        g.as_ref().map_or(0.0, |g| y.iter().zip(g).map(|(y, g)| y * g).sum())
    };
    dot(&y.out, &case.dout) + dot(&y.h_last, &case.dh_last) + dot(&y.k.unwrap_or_default(), &case.dk)
}

/// Lists the inputs of a case in the order in which `named` lists the gradients.
fn inputs(case: &mut Case) -> Vec<&mut Vec<f64>> {
    let x = &mut case.x;
    let mut all = vec![&mut x.u, &mut x.delta, &mut x.a, &mut x.b, &mut x.c];
    all.extend([&mut x.d, &mut x.z, &mut x.delta_bias, &mut x.h0, &mut case.w].into_iter().flatten());
    all
}

#[test]
fn every_gradient_of_the_reference_is_the_limit_of_differences() {
    const STEP: f64 = 1e-5;
    for (form, direction) in Form::both_ways() {
        let mut case = Case::random(7, &[4, 0, 1, 6], (3, 4), form, direction, 0.2);
        let gradients = reference::backward(&case.problem(), &case.by());
        for (which, (name, gradient)) in named(&gradients).into_iter().enumerate() {
            for (i, &gradient) in gradient.iter().enumerate() {
                let mut nudged = |by: f64| {
                    let value = &mut inputs(&mut case)[which][i];
                    let before = *value;
                    *value += by;
                    let loss = loss(&case);
                    inputs(&mut case)[which][i] = before;
                    loss
                };
                let difference = (nudged(STEP) - nudged(-STEP)) / (2.0 * STEP);
                let error = (difference - gradient).abs() / (1.0 + gradient.abs());
                assert!(
                    error < tolerance::DIFFERENCES,
                    "{form:?} {direction:?}, {name}[{i}]: {gradient} where differences give {difference}"
                );
            }
        }
    }
}
