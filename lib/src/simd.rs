//! Chooses vector instructions, in this one place and once, for everything in this crate that is written for several.
//!
//! The environment variable `CROSSMAMBA_SIMD` may name them: `avx512`, `avx2` or `portable` (plain Rust, for any
//! processor); `auto`, or no such variable, takes the fastest that the processor has. Sums may then differ in the last
//! bit, so that tools which compute record the choice in the provenance of what they write. Only the matrix product of
//! candle, which the fusion model calls, looks at the processor by itself.

use std::fmt;
use std::sync::OnceLock;

use crate::{Error, Result};

#[cfg(feature = "nn")]
mod exp2;

#[cfg(feature = "nn")]
pub(crate) use exp2::{EXP2_ROUND, EXP2_TERMS};

/// The switch.
const SWITCH: &str = "CROSSMAMBA_SIMD";

/// Vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// 16 lanes (x86-64 with AVX-512 F, BW, DQ and VL).
    Avx512,
    /// 8 lanes (x86-64 with AVX2 and FMA).
    Avx2,
    /// 8 lanes in plain Rust.
    Portable,
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        })
    }
}

impl Instructions {
    const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Lists what this processor can do, the fastest first.
    ///
    /// ```
    /// use crossmamba::simd::Instructions;
    /// assert!(Instructions::available().contains(&Instructions::Portable));
    /// ```
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                all.push(Self::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self::Avx2);
            }
        }
        all.push(Self::Portable);
        all
    }

    /// Returns what this process uses; the switch is read once.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if the switch names no instructions, or some that this processor lacks.
    pub fn chosen() -> Result<Self> {
        static CHOSEN: OnceLock<std::result::Result<Instructions, String>> = OnceLock::new();
        let chosen = CHOSEN.get_or_init(|| {
            let switch = std::env::var_os(SWITCH).map(|value| value.to_string_lossy().into_owned());
            choose(switch.as_deref(), &Self::available())
        });
        chosen.clone().map_err(|problem| {
            let remedy = "leave it out, or set it to auto, avx512, avx2 or portable";
            Error::setting(SWITCH, problem, remedy)
        })
    }

    /// Falls back to plain Rust where the processor lacks the instructions, which makes every use of the result safe.
    pub(crate) fn checked(self) -> Self {
        static AVAILABLE: OnceLock<Vec<Instructions>> = OnceLock::new();
        if AVAILABLE.get_or_init(Self::available).contains(&self) { self } else { Self::Portable }
    }
}

/// Reads the switch.
fn choose(switch: Option<&str>, available: &[Instructions]) -> std::result::Result<Instructions, String> {
    let Some(name) = switch.filter(|name| !name.is_empty() && *name != "auto") else {
        return Ok(available.first().copied().unwrap_or(Instructions::Portable));
    };
    match Instructions::ALL.into_iter().find(|x| x.to_string() == name) {
        Some(named) if available.contains(&named) => Ok(named),
        Some(named) => Err(format!("this processor has no {named}")),
        None => Err(format!("`{name}` names no vector instructions")),
    }
}

/// Returns the chosen instructions for vector code that is generic over [`pulp::Simd`]; plain Rust after a wrong switch.
pub(crate) fn arch() -> pulp::Arch {
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    *ARCH.get_or_init(|| match Instructions::chosen() {
        #[cfg(target_arch = "x86_64")]
        Ok(Instructions::Avx512) => pulp::Arch::new(),
        #[cfg(target_arch = "x86_64")]
        Ok(Instructions::Avx2) => pulp::x86::V3::try_new().map_or(pulp::Arch::Scalar, pulp::Arch::V3),
        #[cfg(not(target_arch = "x86_64"))]
        Ok(_) => pulp::Arch::new(),
        _ => pulp::Arch::Scalar,
    })
}

/// Says whether the processor multiplies pairs of bf16 itself, and may.
#[cfg(feature = "nn")]
pub(crate) fn multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return matches!(Instructions::chosen(), Ok(Instructions::Avx512))
        && is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Runs a closure without arguments compiled for the chosen instructions; everything it calls must be inlined.
///
/// A macro, as the closure itself must be inlined, too: left to the compiler, a large one becomes a function of its own for
/// the least processor, and computes one number at a time.
macro_rules! simd {
    (|| $body:expr) => {
        $crate::simd::arch().dispatch($crate::simd::Inlined(
            #[inline(always)]
            || $body,
        ))
    };
}
pub(crate) use simd;

/// A closure that is compiled anew for every kind of instructions. It is called by reference: a call by value goes through a
/// function that is not inlined.
pub(crate) struct Inlined<F>(pub(crate) F);

impl<R, F: FnMut() -> R> pulp::WithSimd for Inlined<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_takes_names_and_says_what_is_wrong_with_others() {
        let all = Instructions::ALL;
        for nothing in [None, Some(""), Some("auto")] {
            assert_eq!(choose(nothing, &all), Ok(Instructions::Avx512));
        }
        assert_eq!(choose(Some("avx2"), &all), Ok(Instructions::Avx2));
        assert_eq!(choose(Some("portable"), &all), Ok(Instructions::Portable));
        let few = [Instructions::Portable];
        assert_eq!(choose(None, &few), Ok(Instructions::Portable));
        assert_eq!(choose(Some("avx512"), &few), Err("this processor has no avx512".into()));
        assert_eq!(choose(Some("AVX2"), &all), Err("`AVX2` names no vector instructions".into()));
    }
}
