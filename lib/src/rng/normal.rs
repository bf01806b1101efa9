//! Makes normal numbers of random words, many at a time, the same bits on every machine.
//!
//! Logarithm, sine and cosine are those of Arm's optimised routines, as glibc 2.28 and later have them: polynomials in double
//! precision with fused multiplications, rounded once to single. System libraries differ in the last place, and take one number
//! at a time. For every word these give the bits of glibc.

/// Pairs that are made together.
const LANES: usize = 16;

/// Fills a slice with normal numbers (Box and Muller 1958): two of two words each, of which the first gives their radius.
pub(super) fn fill(words: &[u32], out: &mut [f32]) {
    #[cfg(feature = "nn")]
    crate::simd::simd!(|| fill_here(words, out));
    #[cfg(not(feature = "nn"))]
    fill_here(words, out);
}

#[inline(always)]
fn fill_here(words: &[u32], out: &mut [f32]) {
    for (words, out) in words.chunks(2 * LANES).zip(out.chunks_mut(2 * LANES)) {
        let mut all = [0; 2 * LANES];
        all[..words.len()].copy_from_slice(words);
        out.copy_from_slice(&pairs(&all)[..out.len()]);
    }
}

#[inline(always)]
fn pairs(words: &[u32; 2 * LANES]) -> [f32; 2 * LANES] {
    let (mut radius, mut angle) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        // In (0, 1]: the logarithm stays finite.
        radius[lane] = ((f64::from(words[2 * lane]) + 1.0) * (1.0 / 4_294_967_296.0)) as f32;
        angle[lane] = (words[2 * lane + 1] >> 8) as f32 * (std::f32::consts::TAU / 16_777_216.0);
    }
    let (mut sin, mut cos) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        radius[lane] = (-2.0 * ln(radius[lane])).sqrt();
        (sin[lane], cos[lane]) = sin_cos(angle[lane]);
    }
    let mut out = [0.0; 2 * LANES];
    for lane in 0..LANES {
        out[2 * lane] = radius[lane] * cos[lane];
        out[2 * lane + 1] = radius[lane] * sin[lane];
    }
    out
}

/// For sixteen parts of the numbers from 0.7 to 1.4: one over a number near the middle, and its logarithm.
const LOGARITHMS: [[f64; 2]; 16] = {
    const BITS: [[u64; 2]; 16] = [
        [0x3ff6_61ec_79f8_f3be, 0xbfd5_7bf7_808c_aade],
        [0x3ff5_71ed_4aaf_883d, 0xbfd2_bef0_a7c0_6ddb],
        [0x3ff4_9539_f0f0_10b0, 0xbfd0_1eae_7f51_3a67],
        [0x3ff3_c995_b0b8_0385, 0xbfcb_31d8_a682_24e9],
        [0x3ff3_0d19_0c88_64a5, 0xbfc6_574f_0ac0_7758],
        [0x3ff2_5e22_7b0b_8ea0, 0xbfc1_aa2b_c79c_8100],
        [0x3ff1_bb4a_4a1a_343f, 0xbfba_4e76_ce8c_0e5e],
        [0x3ff1_2358_f08a_e5ba, 0xbfb1_973c_5a61_1ccc],
        [0x3ff0_953f_4199_00a7, 0xbfa2_52f4_38e1_0c1e],
        [0x3ff0_0000_0000_0000, 0],
        [0x3fee_608c_fd9a_47ac, 0x3faa_a5aa_5df2_5984],
        [0x3fec_a4b3_1f02_6aa0, 0x3fbc_5e53_aa36_2eb4],
        [0x3feb_2036_576a_fce6, 0x3fc5_26e5_7720_db08],
        [0x3fe9_c2d1_63a1_aa2d, 0x3fcb_c286_0d22_4770],
        [0x3fe8_86e6_0378_41ed, 0x3fd1_058b_c8a0_7ee1],
        [0x3fe7_67dc_f553_4862, 0x3fd4_0430_57b6_ee09],
    ];
    let mut table = [[0.0; 2]; 16];
    let mut at = 0;
    while at < 16 {
        table[at] = [f64::from_bits(BITS[at][0]), f64::from_bits(BITS[at][1])];
        at += 1;
    }
    table
};

/// Computes the logarithm of a positive normal number.
#[inline(always)]
fn ln(x: f32) -> f32 {
    const BY_POWER: [f64; 3] = [
        f64::from_bits(0xbfdf_fffe_f20a_4123),
        f64::from_bits(0x3fd5_575b_0be0_0b6a),
        f64::from_bits(0xbfd0_0ea3_48b8_8334),
    ];
    let bits = x.to_bits();
    let above = bits.wrapping_sub(0x3f33_0000);
    let [inverse, logarithm] = LOGARITHMS[(above >> 19 & 15) as usize];
    let power = (above as i32) >> 23;
    let rest = f32::from_bits(bits.wrapping_sub(above & 0xff80_0000));
    let r = f64::from(rest).mul_add(inverse, -1.0);
    let whole = f64::from(power).mul_add(std::f64::consts::LN_2, logarithm);
    let squared = r * r;
    let y = BY_POWER[2].mul_add(squared, BY_POWER[1].mul_add(r, BY_POWER[0]));
    y.mul_add(squared, whole + r) as f32
}

/// Computes sine and cosine of an angle from 0 to some turns.
#[inline(always)]
fn sin_cos(angle: f32) -> (f32, f32) {
    const SINE: [f64; 3] = [
        f64::from_bits(0xbfc5_5554_5995_a603),
        f64::from_bits(0x3f81_1076_0523_0bc4),
        f64::from_bits(0xbf29_94eb_3774_cf24),
    ];
    const COSINE: [f64; 4] = [
        f64::from_bits(0xbfdf_ffff_fd0c_621c),
        f64::from_bits(0x3fa5_5553_e106_8f19),
        f64::from_bits(0xbf56_c087_e89a_359d),
        f64::from_bits(0x3ef9_9343_027b_f8c3),
    ];
    /// Quarters of a turn in 2²⁴ parts.
    const PARTS: f64 = std::f64::consts::FRAC_2_PI * 16_777_216.0;
    let angle = f64::from(angle);
    let quarter = ((angle * PARTS) as i32).wrapping_add(0x80_0000) >> 24;
    let x = (-f64::from(quarter)).mul_add(std::f64::consts::FRAC_PI_2, angle);
    let squared = x * x;
    let (cubed, fourth) = (x * squared, squared * squared);
    let sine = cubed.mul_add(SINE[0], x);
    let sine = (cubed * squared).mul_add(squared.mul_add(SINE[2], SINE[1]), sine) as f32;
    let cosine = fourth.mul_add(COSINE[1], squared.mul_add(COSINE[0], 1.0));
    let cosine = (fourth * squared).mul_add(squared.mul_add(COSINE[3], COSINE[2]), cosine) as f32;
    let (a, b) = if quarter & 1 == 0 { (sine, cosine) } else { (cosine, sine) };
    (if quarter & 2 == 0 { a } else { -a }, if (quarter + 1) & 2 == 0 { b } else { -b })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(found: f32, exact: f64) -> f64 {
        (f64::from(found) - exact).abs() / exact.abs().max(1e-7)
    }

    #[test]
    fn logarithm_sine_and_cosine_are_wrong_by_less_than_a_unit_in_the_last_place() {
        for bits in (2.0_f32.powi(-32).to_bits()..=1.0_f32.to_bits()).step_by(7919) {
            let x = f32::from_bits(bits);
            assert!(distance(ln(x), f64::from(x).ln()) < 1.2e-7, "{x}");
        }
        assert_eq!(ln(1.0), 0.0);
        for part in (0..1_u32 << 24).step_by(1009) {
            let angle = part as f32 * (std::f32::consts::TAU / 16_777_216.0);
            let (sin, cos) = sin_cos(angle);
            let (sine, cosine) = f64::from(angle).sin_cos();
            assert!(distance(sin, sine) < 1.2e-7 && distance(cos, cosine) < 1.2e-7, "{angle}");
        }
    }

    #[test]
    fn every_number_depends_on_its_own_words_alone() {
        let words: Vec<u32> = (0..90_u32).map(|at| at.wrapping_mul(2_654_435_761)).collect();
        let (mut all, mut one) = (vec![0.0; 89], [0.0; 2]);
        fill(&words, &mut all);
        for (at, pair) in all.chunks(2).enumerate() {
            fill(&words[2 * at..2 * at + 2], &mut one);
            assert_eq!(pair, &one[..pair.len()]);
        }
    }

    /// Holds where the tests run; other libraries may differ in the last place.
    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    fn the_bits_are_those_of_glibc() {
        if !is_x86_feature_detected!("fma") {
            return;
        }
        for part in (0..1_u32 << 24).step_by(101) {
            let angle = part as f32 * (std::f32::consts::TAU / 16_777_216.0);
            assert_eq!(sin_cos(angle), angle.sin_cos());
        }
        for bits in (2.0_f32.powi(-32).to_bits()..=1.0_f32.to_bits()).step_by(1009) {
            assert_eq!(ln(f32::from_bits(bits)), f32::from_bits(bits).ln());
        }
    }
}
