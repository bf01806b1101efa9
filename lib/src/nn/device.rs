//! Chooses where tensors live, and says in words what a card answers.

#[cfg(feature = "cuda")]
mod card;
#[cfg(feature = "cuda")]
mod failure;
mod host;

use std::fmt;
use std::str::FromStr;

pub use candle_core::Device;
pub(crate) use host::Landing;
pub use host::OnHost;
use serde::{Serialize, Serializer};

use crate::{Error, Result};

/// What a user asks for: `auto`, `cpu`, `cuda` or `cuda:1`.
///
/// ```
/// use crossmamba::nn::device::DeviceChoice;
/// assert_eq!("cuda:1".parse(), Ok(DeviceChoice::Cuda(1)));
/// assert!(DeviceChoice::Cpu.open().is_ok_and(|opened| opened.name == "cpu"));
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

/// A device that is ready to compute.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Where tensors live.
    pub device: Device,
    /// Its name in records: `cpu`, or `cuda` with the card's model.
    pub name: String,
    /// What it is, for people: of a card its number, model, driver and free memory.
    pub words: String,
    /// Why `auto` took the CPU although this program can use a GPU.
    pub passed_over: Option<String>,
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
    /// Opens the device; `auto` takes the first card if it is usable, and never fails.
    ///
    /// # Errors
    /// A card that this program or this machine cannot use.
    pub fn open(self) -> Result<Opened> {
        match self {
            Self::Cpu => Ok(Opened::cpu(None)),
            Self::Auto if cfg!(not(feature = "cuda")) => Ok(Opened::cpu(None)),
            Self::Auto => Ok(open_card(0).unwrap_or_else(|why| Opened::cpu(Some(why.problem)))),
            Self::Cuda(number) => open_card(number).map_err(|why| {
                Error::setting("--device", format!("{self} cannot be used: {}", why.problem), why.remedy)
            }),
        }
    }
}

impl Opened {
    fn cpu(passed_over: Option<String>) -> Self {
        Self { device: Device::Cpu, name: "cpu".into(), words: "the CPU".into(), passed_over }
    }
}

/// Why a card cannot be used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unusable {
    problem: String,
    remedy: String,
    /// Whether its memory is too small.
    full: bool,
}

impl Unusable {
    fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into(), full: false }
    }
}

/// Gives the free bytes of a card, with those that its pool keeps for tensors to come; nothing of another device, or when the
/// driver does not say.
pub(crate) fn free_memory(device: &Device) -> Option<u64> {
    match device {
        #[cfg(feature = "cuda")]
        Device::Cuda(card) => {
            let context = card.cuda_stream().context().clone();
            let kept = card::pool(context.cu_device()).ok().flatten().and_then(card::kept_free).unwrap_or(0);
            context.mem_get_info().ok().map(|(free, _)| free as u64 + kept)
        }
        _ => None,
    }
}

#[cfg(feature = "cuda")]
fn open_card(number: usize) -> std::result::Result<Opened, Unusable> {
    card::open(number)
}

#[cfg(not(feature = "cuda"))]
fn open_card(_number: usize) -> std::result::Result<Opened, Unusable> {
    let remedy = "use the tools that `make build-cuda` makes or the CUDA image, or `--device cpu`";
    Err(Unusable::new("this program was built without CUDA", remedy))
}

/// Turns the error of a tensor operation into ours: what a card answered is said in words.
impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        #[cfg(feature = "cuda")]
        if let Some(failed) = failure::explain(&error) {
            return Self::Card { problem: failed.problem, remedy: failed.remedy, full: failed.full };
        }
        Self::Tensor(error)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The card on which tests run as well.
    #[cfg(feature = "cuda")]
    pub(crate) fn card() -> &'static Device {
        use std::sync::LazyLock;

        static CARD: LazyLock<Opened> = LazyLock::new(|| {
            let opened = DeviceChoice::Cuda(0).open().expect("a card, or the emulated one");
            eprintln!("tests run on {} as well", opened.words);
            opened
        });
        &CARD.device
    }

    /// The CPU, and the card where this program can use one.
    pub(crate) fn devices() -> Vec<Device> {
        vec![
            Device::Cpu,
            #[cfg(feature = "cuda")]
            card().clone(),
        ]
    }

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
        let words = DeviceChoice::Cuda(77).open().unwrap_err().to_string();
        assert!(words.contains("cuda:77") && words.contains("--device cpu"), "{words}");
    }
}
