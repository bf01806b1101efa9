//! Chooses where tensors live.

use std::fmt;
use std::str::FromStr;

pub use candle_core::Device;
use serde::{Serialize, Serializer};

use crate::{Error, Result};

/// What a user asks for: `auto`, `cpu`, `cuda` or `cuda:1`.
///
/// ```
/// use crossmamba::nn::device::DeviceChoice;
/// assert_eq!("cuda:1".parse(), Ok(DeviceChoice::Cuda(1)));
/// assert!(DeviceChoice::Auto.open().is_ok());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU when this program can use one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU of this number.
    Cuda(usize),
}

impl FromStr for DeviceChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", number)) => {
                number.parse().map(Self::Cuda).map_err(|_| "the number behind `cuda:` is not a whole number")
            }
            _ => Err("a device is auto, cpu, cuda or cuda:N"),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl Serialize for DeviceChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl DeviceChoice {
    /// Opens the device; `auto` never fails.
    ///
    /// # Errors
    /// A GPU that this program cannot use: the model's kernels run on the CPU only.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Auto | Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(_) => Err(Error::setting(
                "--device",
                format!("{self} cannot be used: this program has no GPU kernels"),
                "use --device cpu or leave it out",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_a_missing_gpu_is_a_sentence() {
        for (text, choice) in [
            ("auto", DeviceChoice::Auto),
            ("cpu", DeviceChoice::Cpu),
            ("cuda", DeviceChoice::Cuda(0)),
            ("cuda:3", DeviceChoice::Cuda(3)),
        ] {
            assert_eq!(text.parse(), Ok(choice));
        }
        assert!("gpu".parse::<DeviceChoice>().is_err() && "cuda:x".parse::<DeviceChoice>().is_err());
        assert!(DeviceChoice::Auto.open().is_ok());
        let words = DeviceChoice::Cuda(1).open().unwrap_err().to_string();
        assert!(words.contains("cuda:1") && words.contains("--device cpu"), "{words}");
    }
}
