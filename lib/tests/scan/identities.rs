//! What must hold of any scan, whatever its numbers.

use crossmamba::nn::ops::scan::{Direction, Outputs, reference};

use crate::case::{Case, Form};
use crate::implementation::{Implementation, assert_same};
use crate::tolerance::{self, assert_close};

#[test]
fn a_pool_from_another_state_is_the_pool_plus_the_read_out_of_it() {
    let mut case = Case::random(3, &[5, 0, 9], (3, 4), Form::Readout, Direction::Forward, 0.1);
    let from_state = reference::forward(&case.problem());
    let h0 = case.x.h0.take().unwrap();
    let Outputs { out: pool, k, .. } = reference::forward(&case.problem());
    let relayed: Vec<f64> = pool
        .iter()
        .zip(k.chunks(4).zip(h0.chunks(4)))
        .map(|(pool, (k, h))| pool + k.iter().zip(h).map(|(k, h)| k * h).sum::<f64>())
        .collect();
    assert_close("pool", &relayed, &from_state.out, tolerance::F64);
}

#[test]
fn every_implementation_equals_the_reference_at_odd_sizes() {
    for (e, n, lengths) in
        [(1, 1, &[1, 0, 2][..]), (5, 3, &[7, 1]), (33, 16, &[2, 0, 33, 16, 17, 1]), (6, 4, &[4097])]
    {
        for form in Form::ALL {
            for direction in [Direction::Forward, Direction::Reverse] {
                let case = Case::random(11, lengths, (e, n), form, direction, 0.1);
                let expected = Implementation::Reference.run(&case);
                for implementation in Implementation::all() {
                    let long = lengths.iter().any(|&l| l > 1000);
                    let tolerance = implementation.tolerance() * if long { tolerance::LONG } else { 1.0 };
                    let what = format!("{implementation:?} {form:?} {direction:?} e {e} n {n} {lengths:?}");
                    assert_same(&what, &implementation.run(&case), &expected, tolerance);
                }
            }
        }
    }
}
