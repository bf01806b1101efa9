//! Units of affinities, and the doubt that some numbers raise.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a concentration, such as that of a dissociation constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Unit {
    /// mol/L
    #[cfg_attr(feature = "clap", value(name = "M"))]
    M,
    /// 10⁻³ mol/L
    #[cfg_attr(feature = "clap", value(name = "mM"))]
    #[serde(rename = "mM")]
    Milli,
    /// 10⁻⁶ mol/L
    #[cfg_attr(feature = "clap", value(name = "uM", alias = "µM"))]
    #[serde(rename = "uM")]
    Micro,
    /// 10⁻⁹ mol/L
    #[cfg_attr(feature = "clap", value(name = "nM"))]
    #[serde(rename = "nM")]
    Nano,
    /// 10⁻¹² mol/L
    #[cfg_attr(feature = "clap", value(name = "pM"))]
    #[serde(rename = "pM")]
    Pico,
}

impl Unit {
    /// The name of what [`Unit::to_p`] gives.
    pub const P: &str = "-log10 M";

    /// What affinities are called whose unit nobody states.
    pub const UNSTATED: &str = "affinity";

    /// Converts a concentration in this unit to −log10 of mol/L, as a pKd is given.
    ///
    /// # Errors
    /// A concentration that is not above zero has no logarithm.
    ///
    /// # Examples
    /// ```
    /// use crossmamba::pair::Unit;
    ///
    /// assert!((Unit::Nano.to_p(10.0).unwrap() - 8.0).abs() < 1e-12);
    /// assert!((Unit::M.to_p(1e-8).unwrap() - 8.0).abs() < 1e-12);
    /// assert_eq!(Unit::M.to_p(0.0), None);
    /// ```
    pub fn to_p(self, concentration: f64) -> Option<f64> {
        let exponent = match self {
            Self::M => 0.0,
            Self::Milli => 3.0,
            Self::Micro => 6.0,
            Self::Nano => 9.0,
            Self::Pico => 12.0,
        };
        (concentration > 0.0).then(|| exponent - concentration.log10())
    }

    /// Gives the symbol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::M => "M",
            Self::Milli => "mM",
            Self::Micro => "uM",
            Self::Nano => "nM",
            Self::Pico => "pM",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Says why some affinities are perhaps concentrations, on which a model cannot be trained well; nothing if they look
/// like logarithms.
///
/// # Examples
/// ```
/// use crossmamba::pair::doubt;
///
/// assert_eq!(doubt(&[5.2, 7.9, 6.1]), None);
/// assert!(doubt(&[1e-9, 3e-7]).unwrap().contains("below 0.01"));
/// assert!(doubt(&[0.5, 12_000.0]).unwrap().contains("4.4 decades"));
/// ```
pub fn doubt(affinities: &[f64]) -> Option<String> {
    const SMALL: f64 = 0.01;
    const DECADES: f64 = 4.0;
    // A sign speaks of a logarithm or an energy.
    if affinities.len() < 2 || affinities.iter().any(|&value| value < 0.0) {
        return None;
    }
    let high = affinities.iter().copied().fold(0.0, f64::max);
    if high < SMALL {
        return Some(format!("the affinities are all below {SMALL}, as concentrations in mol/L are"));
    }
    let low = affinities.iter().copied().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
    let decades = (high / low).log10();
    (decades > DECADES)
        .then(|| format!("the affinities span {decades:.1} decades, as concentrations do and a pKd does not"))
}
