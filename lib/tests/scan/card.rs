//! What the kernels of a CUDA card promise beyond right numbers: nothing is slow, nothing depends on an order.

use crossmamba::nn::Direction;
use crossmamba::nn::ops::card::Number;
use cuda_emulator::value::Short;
use cuda_emulator::{Card, Report, Settings};

use crate::case::{Case, Form};
use crate::emulated::EmulatedCard;
use crate::implementation::{Implementation, Results, assert_same};
use crate::tolerance;

fn run(cases: &[&Case], number: Number, settings: Settings) -> Vec<Results> {
    cut(cases, number, settings, None)
}

fn cut(cases: &[&Case], number: Number, settings: Settings, chunk: Option<usize>) -> Vec<Results> {
    let mut card = EmulatedCard::new(number, settings);
    card.chunk = chunk;
    card.run(cases).unwrap_or_else(|fault| panic!("{fault}"))
}

/// One case of each form, of unequal sizes and directions.
fn unlike() -> Vec<Case> {
    let sizes = [(130, 16), (6, 4), (40, 33), (33, 16)];
    let lengths = [&[17, 0, 3][..], &[9], &[2, 11], &[1, 0, 34, 16, 5]];
    let ways = [Direction::Forward, Direction::Reverse];
    let draw = |i: usize, form| {
        Case::random(20 + i as u64, lengths[i], sizes[i], form, ways[i % 2], [0.001, 0.05, 0.3, 1.0][i])
    };
    Form::ALL.into_iter().enumerate().map(|(i, form)| draw(i, form)).collect()
}

fn bits(results: &[Results]) -> Vec<u64> {
    let mut all: Vec<&f64> = Vec::new();
    for (y, g) in results {
        all.extend([&y.out, &y.h_last].into_iter().chain(&y.k).flatten());
        all.extend(g.x.as_ref().into_vec().into_iter().chain(&g.w).flatten());
    }
    all.into_iter().map(|x| x.to_bits()).collect()
}

#[test]
fn approximations_that_err_as_far_as_they_may_stay_within_the_tolerance() {
    let mut cases = unlike();
    for dt in [0.001, 0.05, 1.0] {
        cases.push(Case::random(31, &[33, 7], (6, 16), Form::Full, Direction::Forward, dt));
        cases.push(Case::random(32, &[33, 7], (6, 16), Form::Readout, Direction::Reverse, dt));
    }
    let noise = Settings { noise: true, ..Settings::default() };
    let found = run(&cases.iter().collect::<Vec<_>>(), Number::F32, noise);
    for (at, (case, found)) in cases.iter().zip(&found).enumerate() {
        let expected = Implementation::Reference.run(case);
        assert_same(&format!("case {at}"), found, &expected, tolerance::CUDA);
    }
}

#[test]
fn bits_depend_neither_on_the_order_of_warps_and_blocks_nor_on_the_jobs_beside() {
    let cases = unlike();
    let together = run(&cases.iter().collect::<Vec<_>>(), Number::F32, Settings::default());
    for chunk in [None, Some(7)] {
        let [one, other] = [false, true].map(|reverse| {
            let settings = Settings { reverse, ..Settings::default() };
            bits(&cut(&cases.iter().collect::<Vec<_>>(), Number::F32, settings, chunk))
        });
        assert_eq!(one, other, "in reverse order, chunks {chunk:?}");
    }
    for (at, case) in cases.iter().enumerate() {
        let alone = run(&[case], Number::F32, Settings { card: Card::HOPPER, ..Settings::default() });
        assert_eq!(bits(&alone), bits(&together[at..=at]), "case {at} alone");
    }
}

#[test]
fn more_jobs_than_a_launch_takes_are_all_done() {
    let draw = |seed| Case::random(seed, &[seed as usize], (5, 3), Form::Full, Direction::Forward, 0.1);
    let cases: Vec<Case> = (1..=11).map(draw).collect();
    let found = run(&cases.iter().collect::<Vec<_>>(), Number::F32, Settings::default());
    for (case, found) in cases.iter().zip(&found) {
        assert_same("a job", found, &Implementation::Reference.run(case), tolerance::CUDA);
    }
}

#[test]
fn any_number_of_states_is_padded() {
    for n in [2, 15, 17, 63, 64] {
        for form in [Form::Full, Form::Readout] {
            let case = Case::random(40, &[19, 0, 4], (35, n), form, Direction::Reverse, 0.1);
            let found = run(&[&case], Number::F32, Settings::default());
            let what = format!("{n} states, {form:?}");
            assert_same(&what, &found[0], &Implementation::Reference.run(&case), tolerance::CUDA);
        }
    }
}

#[test]
fn chunks_of_any_length_and_number_of_states_equal_the_whole() {
    for (n, chunk) in [(16, 1), (16, 32), (3, 17), (40, 20), (64, 16)] {
        for direction in [Direction::Forward, Direction::Reverse] {
            let form = if n == 3 { Form::Bare } else { Form::Full };
            let case = Case::random(43, &[33, 0, 70, 2], (35, n), form, direction, 0.1);
            let found = cut(&[&case], Number::F32, Settings::default(), Some(chunk));
            let what = format!("{n} states, chunks of {chunk}");
            assert_same(&what, &found[0], &Implementation::Reference.run(&case), tolerance::CUDA);
        }
    }
}

#[test]
fn short_segments_of_any_form_and_number_of_states_equal_the_reference() {
    for n in [1, 5, 16] {
        for (form, direction) in
            Form::ALL.into_iter().zip([Direction::Forward, Direction::Reverse].into_iter().cycle())
        {
            let case = Case::random(42, &[16, 0, 1, 7], (140, n), form, direction, 0.1);
            let found = run(&[&case], Number::F32, Settings::default());
            let what = format!("{n} states, {form:?}");
            assert_same(&what, &found[0], &Implementation::Reference.run(&case), tolerance::CUDA);
        }
    }
}

#[test]
fn an_absent_gradient_is_zero() {
    for (form, length) in [(Form::Full, 18), (Form::Readout, 18), (Form::Full, 5), (Form::Readout, 5)] {
        let mut zeros = Case::random(41, &[length, 3], (5, 3), form, Direction::Forward, 0.1);
        let mut absent = zeros.clone();
        (absent.dout, absent.dk) = (None, None);
        zeros.dout.as_mut().into_iter().chain(&mut zeros.dk).for_each(|by| by.fill(0.0));
        let [absent, zeros] =
            [absent, zeros].map(|case| bits(&run(&[&case], Number::F32, Settings::default())));
        let positive = |bits: &[u64]| bits.iter().map(|&x| f64::from_bits(x) + 0.0).collect::<Vec<_>>();
        assert_eq!(positive(&absent), positive(&zeros), "{form:?}");
    }
}

#[test]
fn tokens_in_half_precision_lose_what_rounding_loses() {
    for (number, kind, tolerance) in
        [(Number::BF16, Short::Brain, tolerance::BF16), (Number::F16, Short::Half, tolerance::F16)]
    {
        for mut case in unlike() {
            let x = &mut case.x;
            let tokens = [&mut x.u, &mut x.delta, &mut x.b, &mut x.c].into_iter();
            let tokens = tokens.chain(&mut x.z).chain(&mut case.w).chain(&mut case.dout);
            for x in tokens.flatten() {
                *x = f64::from(kind.widen(kind.round(*x as f32)));
            }
            let found = run(&[&case], number, Settings::default());
            assert_same(&format!("{number:?}"), &found[0], &Implementation::Reference.run(&case), tolerance);
        }
    }
}

#[test]
fn no_access_wastes_memory_and_nothing_is_summed_in_any_order() {
    for (number, n) in [(Number::F32, 16), (Number::F32, 64), (Number::BF16, 16), (Number::F16, 16)] {
        for (form, length) in Form::ALL.into_iter().flat_map(|form| [(form, 40), (form, 8)]) {
            let case = Case::random(50, &[16, length], (128, n), form, Direction::Forward, 0.1);
            let mut card = EmulatedCard::new(number, Settings::default());
            card.run(&[&case]).unwrap_or_else(|fault| panic!("{fault}"));
            card.reports.iter().for_each(Report::assert_thrifty);
        }
    }
}
