//! What must hold of any scan, whatever its numbers.

use crossmamba::nn::ops::scan::{Outputs, reference};
use crossmamba::nn::{Direction, Segments};

use crossmamba::simd::Instructions;
use rayon::prelude::*;

use crate::case::{Case, Form};
use crate::implementation::{Implementation, Results, assert_same, run_cpu};
use crate::tolerance::{self, assert_close};

#[test]
fn a_pool_from_another_state_is_the_pool_plus_the_read_out_of_it() {
    let mut case = Case::random(3, &[5, 0, 9], (3, 4), Form::Readout, Direction::Forward, 0.1);
    let from_state = reference::forward(&case.problem());
    let h0 = case.x.h0.take().unwrap();
    let Outputs { out: pool, k, .. } = reference::forward(&case.problem());
    let relayed: Vec<f64> = pool
        .iter()
        .zip(k.unwrap().chunks(4).zip(h0.chunks(4)))
        .map(|(pool, (k, h))| pool + k.iter().zip(h).map(|(k, h)| k * h).sum::<f64>())
        .collect();
    assert_close("pool", &relayed, &from_state.out, tolerance::F64);
}

#[test]
fn every_implementation_equals_the_reference_at_odd_sizes() {
    let sizes = [(1, 1, &[1, 0, 2][..]), (5, 3, &[7, 1]), (33, 16, &[2, 0, 33, 16, 17, 1]), (6, 4, &[4097])];
    let cases: Vec<_> = Form::both_ways().flat_map(|form| sizes.map(|size| (form, size))).collect();
    cases.par_iter().for_each(|&((form, direction), (e, n, lengths))| {
        let case = Case::random(11, lengths, (e, n), form, direction, 0.1);
        let expected = Implementation::Reference.run(&case);
        for implementation in Implementation::all() {
            let long = lengths.iter().any(|&l| l > 1000);
            let tolerance = implementation.tolerance() * if long { tolerance::LONG } else { 1.0 };
            let what = format!("{implementation:?} {form:?} {direction:?} e {e} n {n} {lengths:?}");
            assert_same(&what, &implementation.run(&case), &expected, tolerance);
        }
    });
}

/// Takes the tokens of `range` as one segment of their own.
fn part(case: &Case, segment: usize, range: std::ops::Range<usize>) -> Case {
    let (e, n) = case.size;
    let rows = |x: &Vec<f64>, width: usize| x[range.start * width..range.end * width].to_vec();
    let states = |x: &Vec<f64>| x[segment * e * n..(segment + 1) * e * n].to_vec();
    let mut part = case.clone();
    part.segments = Segments::from_lengths([range.len()]);
    let x = &case.x;
    part.x.u = rows(&x.u, e);
    part.x.delta = rows(&x.delta, e);
    part.x.b = rows(&x.b, n);
    part.x.c = rows(&x.c, n);
    part.x.z = x.z.as_ref().map(|x| rows(x, e));
    part.x.h0 = x.h0.as_ref().map(states);
    part.w = case.w.as_ref().map(|x| rows(x, e));
    part.dh_last = case.dh_last.as_ref().map(states);
    part.dk = case.dk.as_ref().map(states);
    part.dout = case.dout.as_ref().map(|by| match case.w {
        Some(_) => by[segment * e..(segment + 1) * e].to_vec(),
        None => rows(by, e),
    });
    part
}

/// Adds what all parts share, and concatenates the rest in their order.
fn joined(parts: Vec<Results>) -> Results {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap();
    let add = |to: &mut Vec<f64>, x: Vec<f64>| to.iter_mut().zip(x).for_each(|(to, x)| *to += x);
    let both = |to: &mut Option<Vec<f64>>, x: Option<Vec<f64>>, f: &dyn Fn(&mut Vec<f64>, Vec<f64>)| {
        if let (Some(to), Some(x)) = (to, x) {
            f(to, x);
        }
    };
    for (y, g) in parts {
        all.0.out.extend(y.out);
        all.0.h_last.extend(y.h_last);
        both(&mut all.0.k, y.k, &Vec::extend);
        all.1.x.u.extend(g.x.u);
        all.1.x.delta.extend(g.x.delta);
        all.1.x.b.extend(g.x.b);
        all.1.x.c.extend(g.x.c);
        add(&mut all.1.x.a, g.x.a);
        both(&mut all.1.x.d, g.x.d, &add);
        both(&mut all.1.x.delta_bias, g.x.delta_bias, &add);
        both(&mut all.1.x.z, g.x.z, &Vec::extend);
        both(&mut all.1.x.h0, g.x.h0, &Vec::extend);
        both(&mut all.1.w, g.w, &Vec::extend);
    }
    all
}

#[test]
fn a_packed_batch_equals_its_sequences_one_by_one() {
    for form in Form::ALL {
        let case = Case::random(5, &[3, 0, 40, 1, 16, 2], (19, 5), form, Direction::Reverse, 0.1);
        for implementation in Implementation::all() {
            let parts = case.segments.ranges().enumerate();
            let alone = parts.map(|(s, range)| implementation.run(&part(&case, s, range))).collect();
            let what = format!("{implementation:?} {form:?}");
            assert_same(&what, &implementation.run(&case), &joined(alone), implementation.tolerance());
        }
    }
}

#[test]
fn a_sequence_equals_its_two_halves_with_the_state_handed_over() {
    let (length, cut) = (45, 21);
    let case = Case::random(6, &[length], (19, 5), Form::Full, Direction::Forward, 0.1);
    for implementation in Implementation::all() {
        let whole = implementation.run(&case);
        let mut first = part(&case, 0, 0..cut);
        let mut second = part(&case, 0, cut..length);
        // Outputs do not depend on the gradients that come in, so the first run is for its final state.
        let mut first_run = implementation.run(&first);
        second.x.h0 = Some(first_run.0.h_last.clone());
        let mut second_run = implementation.run(&second);
        first.dh_last = second_run.1.x.h0.take();
        first_run = implementation.run(&first);
        let dh0 = first_run.1.x.h0.take();
        let h_last = second_run.0.h_last.clone();
        let mut both = joined(vec![first_run, second_run]);
        both.0.h_last = h_last;
        both.1.x.h0 = dh0;
        assert_same(&format!("{implementation:?}"), &both, &whole, implementation.tolerance());
    }
}

#[test]
fn a_reverse_scan_equals_the_scan_of_the_flipped_sequence() {
    let flip = |x: &mut Vec<f64>, width: usize| {
        *x = x.chunks(width).rev().flatten().copied().collect();
    };
    for form in [Form::Full, Form::Readout] {
        let (e, n) = (19, 5);
        let case = Case::random(8, &[37], (e, n), form, Direction::Reverse, 0.1);
        let mut flipped = case.clone();
        flipped.direction = Direction::Forward;
        let x = &mut flipped.x;
        for (x, width) in [(&mut x.u, e), (&mut x.delta, e), (&mut x.b, n), (&mut x.c, n)] {
            flip(x, width);
        }
        let gradient = if form == Form::Full { &mut flipped.dout } else { &mut None };
        for x in [&mut x.z, &mut flipped.w, gradient].into_iter().flatten() {
            flip(x, e);
        }
        for implementation in Implementation::all() {
            let expected = implementation.run(&case);
            let (mut outputs, mut gradients) = implementation.run(&flipped);
            let x = &mut gradients.x;
            for (x, width) in [(&mut x.u, e), (&mut x.delta, e), (&mut x.b, n), (&mut x.c, n)] {
                flip(x, width);
            }
            let out = if form == Form::Full { Some(&mut outputs.out) } else { None };
            for x in [x.z.as_mut(), gradients.w.as_mut(), out].into_iter().flatten() {
                flip(x, e);
            }
            let what = format!("{implementation:?} {form:?}");
            assert_same(&what, &(outputs, gradients), &expected, implementation.tolerance());
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_runs() {
    // Several ranges of channels, units and long sequences.
    let lengths: Vec<usize> = (0..60).map(|i| i * 7 % 34).chain([300]).collect();
    for form in [Form::Full, Form::Readout] {
        let case = Case::random(9, &lengths, (200, 16), form, Direction::Forward, 0.1);
        for instructions in Instructions::available() {
            let run = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let (y, g) = pool.install(|| run_cpu(&case, instructions));
                let mut all = vec![y.out, y.h_last];
                all.extend(y.k);
                all.extend(g.x.into_vec());
                all.extend(g.w);
                all.into_iter().flatten().map(f32::to_bits).collect::<Vec<_>>()
            };
            let once = run(1);
            for threads in [1, 2, 3, 7] {
                assert_eq!(run(threads), once, "{instructions:?} {form:?} with {threads} threads");
            }
        }
    }
}

#[test]
fn single_entries_of_the_rates_gradient_survive_fast_decays() {
    // Formed from hₜ − dtₜ uₜ Bₜ instead of aₜ hₜ₋₁, entries would be wrong by a third at a step of 1, and be
    // noise at a step of 3.
    for dt in [0.05, 1.0, 3.0] {
        let case = Case::random(10, &[256], (32, 16), Form::Full, Direction::Forward, dt);
        let expected = reference::backward(&case.problem(), &case.by()).x.a;
        for instructions in Instructions::available() {
            let got = run_cpu(&case, instructions).1.x.a;
            // f32 ends near 1e-38, and so does the slowest-forgetting part of such an entry.
            let pairs = got.iter().zip(&expected).filter(|(_, x)| x.abs() > 1e-30);
            let mut errors: Vec<f64> = pairs.map(|(g, x)| ((f64::from(*g) - x) / x).abs()).collect();
            errors.sort_by(f64::total_cmp);
            let (median, worst) = (errors[errors.len() / 2], errors[errors.len() - 1]);
            assert!(
                median < tolerance::ENTRY_MEDIAN && worst < tolerance::ENTRY_WORST,
                "{instructions:?}, step {dt}: median {median:.1e}, worst {worst:.1e}"
            );
        }
    }
}
