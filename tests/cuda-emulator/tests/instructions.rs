//! Single instructions, executed by one warp: each lane reads a number, computes, and writes one.

use cuda_emulator::value::Short;
use cuda_emulator::{Card, Emulator, Error, Kind, Launch, Settings};

/// Wraps code that finds its lane in `%lane`, its number in `%in` and leaves its result in `%out`.
fn kernel(body: &str) -> String {
    format!(
        ".version 8.0
.target sm_80
.address_size 64
.const .align 4 .u32 table[4] = {{10, 20, 30, 40}};
.visible .entry k(.param .u64 numbers, .param .u64 results) {{
    .reg .pred %p<4>;
    .reg .b16 %h<6>;
    .reg .b32 %r<12>, %in, %out, %lane;
    .reg .f32 %f<6>;
    .reg .b64 %d<8>, %at;
    .shared .align 16 .b8 tile[1024];
    .local .align 4 .b8 own[16];
    mov.u32 %lane, %tid.x;
    ld.param.u64 %d1, [numbers];
    mul.wide.u32 %at, %lane, 4;
    add.s64 %d1, %d1, %at;
    ld.global.u32 %in, [%d1];
    {body}
    ld.param.u64 %d1, [results];
    add.s64 %d1, %d1, %at;
    st.global.u32 [%d1], %out;
    ret;
}}"
    )
}

fn attempt(body: &str, number: impl Fn(u32) -> u32) -> Result<Vec<u32>, Error> {
    let mut card = Emulator::new(&[&kernel(body)])?;
    let numbers: Vec<u8> = (0..32).flat_map(|lane| number(lane).to_le_bytes()).collect();
    let (numbers, results) = (card.upload(&numbers, "numbers"), card.alloc(128, "results"));
    card.launch(&Launch::new("k").threads(32).pointer(numbers).pointer(results))?;
    Ok(card.download(results)?.as_chunks().0.iter().map(|&b| u32::from_le_bytes(b)).collect())
}

/// What each lane leaves for its number.
fn run(body: &str, number: impl Fn(u32) -> u32) -> Vec<u32> {
    attempt(body, number).unwrap_or_else(|e| panic!("{body}: {e}"))
}

fn kind(body: &str) -> Kind {
    attempt(body, |lane| lane).unwrap_err().kind().unwrap()
}

fn each(f: impl Fn(u32) -> u32) -> Vec<u32> {
    (0..32).map(f).collect()
}

#[test]
fn integers_are_computed_as_c_does() {
    let signed = |lane: u32| (lane as i32 - 16) as u32;
    assert_eq!(run("div.s32 %out, %in, 3;", signed), each(|l| ((l as i32 - 16) / 3) as u32));
    assert_eq!(run("shr.s32 %out, %in, 1;", signed), each(|l| ((l as i32 - 16) >> 1) as u32));
    assert_eq!(run("mad.lo.s32 %out, %in, 7, -2;", signed), each(|l| ((l as i32 - 16) * 7 - 2) as u32));
    let wide = "mul.wide.s32 %d2, %in, -5; shr.u64 %d2, %d2, 32; cvt.u32.u64 %out, %d2;";
    assert_eq!(run(wide, signed), each(|l| ((i64::from(l as i32 - 16) * -5) >> 32) as u32));
    let halves = "mov.b32 {%h1, %h2}, %in; mov.b32 %out, {%h2, %h1};";
    assert_eq!(run(halves, |l| l << 16 | 7), each(|l| 7 << 16 | l));
}

#[test]
fn floats_are_rounded_and_flushed() {
    let half = |lane: u32| (lane as f32 / 2.0).to_bits();
    let fused = "mov.b32 %f1, %in; fma.rn.f32 %f2, %f1, 0f40400000, 0fBF800000; mov.b32 %out, %f2;";
    assert_eq!(run(fused, half), each(|l| (l as f32 / 2.0 * 3.0 - 1.0).to_bits()));
    let tiny = |_| 1e-40f32.to_bits();
    assert_eq!(run("add.ftz.f32 %out, %in, 0f00000000;", tiny), each(|_| 0));
    assert_eq!(run("add.f32 %out, %in, 0f00000000;", tiny), each(tiny));
    assert_eq!(run("cvt.rni.s32.f32 %out, %in;", half), each(|l| (l as f32 / 2.0).round_ties_even() as u32));
    let pair =
        "cvt.rn.f16x2.f32 %r1, 0f3F800000, %in; mov.b32 {%h1, %h2}, %r1; fma.rn.f16 %h3, %h1, %h2, %h1;
        cvt.u32.u16 %out, %h3;";
    assert_eq!(run(pair, half), each(|l| u32::from(Short::Half.round(l as f32))));
    assert_eq!(
        run("set.lt.f32.f32 %out, %in, 0f40000000;", half),
        each(|l| if l < 4 { 1f32.to_bits() } else { 0 })
    );
    assert_eq!(
        run("ex2.approx.ftz.f32 %out, %in;", |l| (l as f32).to_bits()),
        each(|l| 2f32.powi(l as i32).to_bits())
    );
}

#[test]
fn approximations_err_as_far_as_they_may_only_if_asked() {
    let mut card = Emulator::new(&[&kernel("rcp.approx.ftz.f32 %out, %in;")]).unwrap();
    let numbers: Vec<u8> = (1..33).flat_map(|n: u32| (n as f32).to_le_bytes()).collect();
    let mut errors = Vec::new();
    for noise in [false, true] {
        card.settings = Settings { noise, ..Settings::default() };
        let (numbers, results) = (card.upload(&numbers, "numbers"), card.alloc(128, "results"));
        card.launch(&Launch::new("k").threads(32).pointer(numbers).pointer(results)).unwrap();
        let got = card.download(results).unwrap();
        let off = |(i, b): (usize, &[u8; 4])| f64::from(f32::from_le_bytes(*b)) * (i + 1) as f64 - 1.0;
        errors.push(got.as_chunks().0.iter().enumerate().map(off).fold(0.0, |m: f64, e| m.max(e.abs())));
    }
    assert!(errors[0] <= 6e-8 && errors[1] > 9e-8 && errors[1] < 1.9e-7, "{errors:?}");
}

#[test]
fn branches_part_lanes_and_bring_them_together() {
    let odd = "and.b32 %r1, %lane, 1; setp.eq.u32 %p1, %r1, 1;
        @%p1 bra $odd; add.s32 %out, %in, 100; bra $end; $odd: add.s32 %out, %in, 200; $end:
        activemask.b32 %r2; setp.ne.u32 %p2, %r2, -1; @%p2 mov.u32 %out, 0;";
    assert_eq!(run(odd, |l| l), each(|l| l + if l % 2 == 1 { 200 } else { 100 }));
    let many = "mov.u32 %out, 0; $loop: setp.ge.u32 %p1, %out, %in; @%p1 bra $end; add.s32 %out, %out, 1; bra $loop; $end:";
    assert_eq!(run(many, |l| l), each(|l| l));
}

#[test]
fn lanes_exchange_values() {
    assert_eq!(run("shfl.sync.bfly.b32 %out, %in, 5, 31, -1;", |l| l), each(|l| l ^ 5));
    assert_eq!(
        run("shfl.sync.down.b32 %out|%p1, %in, 3, 31, -1; @!%p1 mov.u32 %out, 99;", |l| l),
        each(|l| if l < 29 { l + 3 } else { 99 })
    );
    assert_eq!(run("setp.lt.u32 %p1, %in, 7; vote.sync.ballot.b32 %out, %p1, -1;", |l| l), each(|_| 0x7f));
    assert_eq!(run("redux.sync.max.s32 %out, %in, -1;", |l| l * 3), each(|_| 93));
    assert_eq!(run("mov.u32 %out, %lanemask_lt;", |l| l), each(|l| (1u32 << l) - 1));
    let apart = "setp.lt.u32 %p1, %in, 7; @%p1 bra $few; bra $end; $few: shfl.sync.bfly.b32 %out, %in, 1, 31, -1; $end: mov.u32 %out, 0;";
    assert_eq!(kind(apart), Kind::Lanes);
}

#[test]
fn every_space_is_reached_by_its_own_and_by_generic_addresses() {
    let shared = "mov.u32 %r1, tile; shl.b32 %r2, %lane, 2; add.s32 %r1, %r1, %r2; st.shared.u32 [%r1], %in;
        bar.warp.sync -1; xor.b32 %r3, %r2, 4; mov.u64 %d2, tile; cvta.shared.u64 %d3, %d2; cvt.u64.u32 %d4, %r3;
        add.s64 %d3, %d3, %d4; ld.u32 %out, [%d3];";
    assert_eq!(run(shared, |l| l), each(|l| l ^ 1));
    let offsets =
        "mov.u64 %d2, tile; cvta.shared.u64 %d3, %d2; cvta.to.shared.u64 %d4, %d3; cvt.u32.u64 %r1, %d4;
        mad.lo.u32 %r1, %lane, 8, %r1; st.shared.u32 [%r1+4], %in; ld.shared.u32 %out, [%r1+4];";
    assert_eq!(run(offsets, |l| l), each(|l| l));
    let local = "mov.u64 %d2, own; cvta.local.u64 %d3, %d2; st.u32 [%d3+8], %in; ld.local.u32 %out, [%d2+8];";
    assert_eq!(run(local, |l| l), each(|l| l));
    let table = "mov.u64 %d2, table; and.b32 %r1, %lane, 3; mul.wide.u32 %d3, %r1, 4; add.s64 %d2, %d2, %d3; ld.const.u32 %out, [%d2];";
    assert_eq!(run(table, |l| l), each(|l| 10 * (l % 4 + 1)));
    let vector = "mov.u64 %d2, tile; mul.wide.u32 %d3, %lane, 16; add.s64 %d2, %d2, %d3;
        st.shared.v4.u32 [%d2], {%in, 1, 2, 3}; ld.shared.v2.u32 {%out, %r1}, [%d2]; add.s32 %out, %out, %r1;";
    assert_eq!(run(vector, |l| l), each(|l| l + 1));
}

#[test]
fn atomic_operations_see_each_other() {
    let count = "mov.u32 %r1, tile; setp.ne.u32 %p1, %lane, 0; @!%p1 st.shared.u32 [%r1], 0; bar.sync 0;
        atom.shared.add.u32 %out, [%r1], %in;";
    assert_eq!(run(count, |_| 2), each(|l| 2 * l));
    let race = "mov.u32 %r1, tile; setp.ne.u32 %p1, %lane, 0; @!%p1 st.shared.u32 [%r1], 0;
        atom.shared.add.u32 %out, [%r1], %in;";
    assert_eq!(kind(race), Kind::Race);
}

#[test]
fn values_that_were_never_set_may_be_carried_but_not_used() {
    let chosen = "setp.ge.u32 %p2, %lane, 0; selp.b32 %out, %in, %r9, %p2;";
    assert_eq!(run(chosen, |l| l), each(|l| l), "what is not chosen does not matter");
    assert_eq!(kind("add.s32 %out, %r9, 1;"), Kind::Uninitialised);
    assert_eq!(kind("mov.u32 %out, 0; @%p3 bra $end; $end:"), Kind::Uninitialised);
    assert_eq!(kind("mov.u32 %out, 0; ld.global.u32 %r1, [%d7];"), Kind::Uninitialised);
    assert_eq!(kind("mov.u32 %r1, tile; ld.shared.u32 %out, [%r1];"), Kind::Uninitialised);
    let padding =
        "mov.u64 %d2, tile; mul.wide.u32 %d3, %lane, 8; add.s64 %d2, %d2, %d3; st.shared.u32 [%d2], %in;
        ld.shared.v2.u32 {%out, %r1}, [%d2];";
    assert_eq!(run(padding, |l| l), each(|l| l), "the other half of the vector is not used");
}

#[test]
fn bad_addresses_are_told_apart() {
    assert_eq!(kind("mov.u32 %out, 0; mov.u64 %d2, 0; st.global.u32 [%d2], %in;"), Kind::OutOfBounds);
    assert_eq!(kind("ld.global.u32 %out, [%d1+128];"), Kind::OutOfBounds);
    assert_eq!(kind("ld.global.u32 %out, [%d1+2];"), Kind::Misaligned);
    assert_eq!(kind("mov.u32 %r1, tile; ld.shared.u32 %out, [%r1+1024];"), Kind::OutOfBounds);
    assert_eq!(kind("mov.u32 %r1, tile; ld.shared.u32 %out, [%r1+-4];"), Kind::OutOfBounds);
    assert_eq!(kind("mov.u64 %d2, own; ld.local.u32 %out, [%d2+16];"), Kind::OutOfBounds);
    assert_eq!(kind("mov.u32 %out, 0; mov.u64 %d2, table; st.global.u32 [%d2], 1;"), Kind::OutOfBounds);
    assert_eq!(kind("div.u32 %out, 1, %in;"), Kind::Division);
    assert_eq!(kind("nanosleep.u32 5; mov.u32 %out, 0;"), Kind::Unsupported);
    let assertion = "mov.u32 %out, 0; { .param .b64 param0; st.param.b64 [param0+0], %d1; call.uni __assertfail, (param0); }";
    let said = attempt(assertion, |l| l).unwrap_err().to_string();
    assert!(said.ends_with("an assertion of the kernel does not hold"), "{said}");
}

#[test]
fn a_copy_holds_nothing_until_it_is_waited_for() {
    let copy = |wait: &str| {
        format!(
            "mov.u32 %r1, tile; mad.lo.u32 %r1, %lane, 4, %r1; cp.async.ca.shared.global [%r1], [%d1], 4;
            cp.async.commit_group; {wait} ld.shared.u32 %out, [%r1];"
        )
    };
    assert_eq!(run(&copy("cp.async.wait_group 0;"), |l| l + 5), each(|l| l + 5));
    assert_eq!(kind(&copy("cp.async.wait_group 1;")), Kind::Uninitialised);
    assert_eq!(kind(&copy("")), Kind::Uninitialised);
    let zeros =
        "mov.u32 %r1, tile; mad.lo.u32 %r1, %lane, 4, %r1; cp.async.ca.shared.global [%r1], [%d1], 4, 2;
        cp.async.wait_all; ld.shared.u32 %out, [%r1];";
    assert_eq!(run(zeros, |l| 0x0001_0000 * l + 3), each(|_| 3));
}

#[test]
fn tensor_cores_multiply_every_kind_that_is_emulated() {
    // A is one where row = column, B holds 8 k + n: row 5 and column 3 of the product are 8 * 5 + 3.
    for (shape, ty, depth) in
        [("m16n8k8", "f16", 8), ("m16n8k16", "bf16", 16), ("m16n8k8", "tf32", 8), ("m16n8k4", "tf32", 4)]
    {
        let (na, nb, per) = match (ty, depth) {
            ("tf32", 8) => (4, 2, 1),
            ("tf32", _) => (2, 1, 1),
            (_, 8) => (2, 1, 2),
            _ => (4, 2, 2),
        };
        let a: Vec<String> = (0..na).map(|k| format!("%r{}", k + 1)).collect();
        let b: Vec<String> = (0..nb).map(|k| format!("%r{}", k + 5)).collect();
        let short = if ty == "bf16" { Short::Brain } else { Short::Half };
        let bits = |x: f32| if per == 1 { x.to_bits() } else { u32::from(short.round(x)) };
        // Each lane's registers come out of a table in the numbers: one launch per register.
        let element = |lane: u32, register: u32, part: u32, of_a: bool| {
            let (group, quad) = (lane / 4, lane % 4);
            let k = if per == 2 { quad * 2 + part } else { quad };
            let step = 4 * per as u32;
            if of_a {
                let (row, column) = (group + register % 2 * 8, k + register / 2 * step);
                bits(f32::from(u8::from(row == column)))
            } else {
                bits((8 * (k + register * step) + group) as f32)
            }
        };
        let word = |lane, register, of_a| {
            (0..per as u32).fold(0, |w, part| w | element(lane, register, part, of_a) << (16 * part))
        };
        let mut body = String::new();
        for (of_a, names) in [(true, &a), (false, &b)] {
            for (register, name) in names.iter().enumerate() {
                for lane in 0..32 {
                    let value = word(lane, register as u32, of_a);
                    body += &format!("setp.eq.u32 %p1, %lane, {lane}; @%p1 mov.u32 {name}, {value};\n");
                }
            }
        }
        let product = format!(
            "mov.f32 %f1, 0f3F800000; mov.f32 %f2, %f1; mov.f32 %f3, %f1; mov.f32 %f4, %f1;
            mma.sync.aligned.{shape}.row.col.f32.{ty}.{ty}.f32 {{%f1, %f2, %f3, %f4}}, {{{}}}, {{{}}}, {{%f1, %f2, %f3, %f4}};
            cvt.rzi.u32.f32 %out, %f2;",
            a.join(", "),
            b.join(", ")
        );
        let got = run(&(body + &product), |l| l);
        // The second element of a lane: row lane / 4, column 2 * (lane % 4) + 1.
        let right = each(|l| if l / 4 < depth { 8 * (l / 4) + l % 4 * 2 + 2 } else { 1 });
        assert_eq!(got, right, "{shape} {ty}");
    }
}

#[test]
fn a_card_refuses_what_a_card_refuses() {
    let mut card =
        Emulator::new(&[&kernel("mov.u32 %out, 0;").replace("results) {", "results) .maxntid 64, 1, 1 {")])
            .unwrap();
    let pointers = |launch: Launch| launch.pointer(0).pointer(0);
    let mut refused = |launch: Launch| {
        let error = card.launch(&launch).unwrap_err();
        assert!(matches!(error, Error::Launch { .. }), "{error}");
        error.to_string()
    };
    assert!(refused(pointers(Launch::new("k").threads(65))).contains("launch bounds"));
    assert!(refused(pointers(Launch::new("k").threads(0))).contains("empty"));
    assert!(
        refused(Launch::new("k").pointer(0)).contains("8 bytes of parameters are given where it declares 16")
    );
    assert!(refused(Launch::new("none")).contains("no such kernel"));
    let most = Card::AMPERE.shared_per_block;
    assert!(refused(pointers(Launch::new("k").shared(most))).contains("shared memory are more"));
}
