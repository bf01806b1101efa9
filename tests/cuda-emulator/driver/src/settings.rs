//! What the card is told to be, by the environment or by a test.

use cuda_emulator::Card;

use crate::failure::Plan;

/// What the card and its driver are.
///
/// | variable | means | default |
/// |---|---|---|
/// | `CUDA_EMULATOR_DEVICES` | cards | 1 |
/// | `CUDA_EMULATOR_DRIVER` | version of the driver, as in 13000 | 13000 |
/// | `CUDA_EMULATOR_MEMORY` | bytes of memory | 8 GiB |
/// | `CUDA_EMULATOR_CARD` | `ampere` or `hopper` | `hopper` |
/// | `CUDA_EMULATOR_FAIL` | calls to refuse ([`Plan`]) | none |
/// | `CUDA_EMULATOR_RACES` | `0` leaves out the search for races | 1 |
/// | `CUDA_EMULATOR_NOISE` | `1` lets approximate functions err as far as they may | 0 |
/// | `CUDA_EMULATOR_REVERSE` | `1` runs warps and blocks in reverse order | 0 |
/// | `CUDA_EMULATOR_LOG` | `1` says each launch, and what makes it slow | 0 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Cards; they share their memory.
    pub devices: u32,
    /// Version of the driver: 1000 times the major number, plus 10 times the minor.
    pub driver: u32,
    /// Bytes of memory.
    pub memory: usize,
    /// Calls to refuse.
    pub plan: Plan,
    /// What is looked for in kernels.
    pub emulator: cuda_emulator::Settings,
    /// Whether each launch is said, and what makes it slow.
    pub log: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            devices: 1,
            driver: 13_000,
            memory: 8 << 30,
            plan: Plan::default(),
            emulator: cuda_emulator::Settings { card: Card::HOPPER, ..cuda_emulator::Settings::default() },
            log: false,
        }
    }
}

impl Settings {
    /// Reads the variables; `get` looks one up.
    ///
    /// # Errors
    /// One sentence about the first that cannot be read.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut settings = Self::default();
        let number = |name: &str, default: usize| match get(name) {
            None => Ok(default),
            Some(text) => text.trim().parse().map_err(|_| format!("{name} is `{text}`, which is no number")),
        };
        let switch = |name: &str, default: bool| match get(name).as_deref() {
            None => Ok(default),
            Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(text) => Err(format!("{name} is `{text}`: write 0 or 1")),
        };
        settings.devices = number("CUDA_EMULATOR_DEVICES", settings.devices as usize)? as u32;
        settings.driver = number("CUDA_EMULATOR_DRIVER", settings.driver as usize)? as u32;
        settings.memory = number("CUDA_EMULATOR_MEMORY", settings.memory)?;
        settings.plan = Plan::parse(&get("CUDA_EMULATOR_FAIL").unwrap_or_default())?;
        settings.emulator.races = switch("CUDA_EMULATOR_RACES", true)?;
        settings.emulator.noise = switch("CUDA_EMULATOR_NOISE", false)?;
        settings.emulator.reverse = switch("CUDA_EMULATOR_REVERSE", false)?;
        settings.log = switch("CUDA_EMULATOR_LOG", false)?;
        settings.emulator.card = match get("CUDA_EMULATOR_CARD").as_deref() {
            None | Some("hopper") => Card::HOPPER,
            Some("ampere") => Card::AMPERE,
            Some(text) => return Err(format!("CUDA_EMULATOR_CARD is `{text}`: write ampere or hopper")),
        };
        Ok(settings)
    }

    /// The newest PTX that the driver takes.
    pub(crate) fn ptx(&self) -> (u32, u32) {
        let (major, minor) = (self.driver / 1000, self.driver % 1000 / 10);
        match major {
            12 if minor >= 6 => (8, minor - 1),
            11 | 12 => (major - 4, minor.min(if major == 11 { 8 } else { 5 })),
            _ => (major.saturating_sub(4), minor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_or_refused() {
        let get = |name: &str| match name {
            "CUDA_EMULATOR_MEMORY" => Some("1000".to_string()),
            "CUDA_EMULATOR_REVERSE" => Some("1".into()),
            "CUDA_EMULATOR_CARD" => Some("ampere".into()),
            _ => None,
        };
        let settings = Settings::from_variables(get).unwrap();
        assert_eq!((settings.memory, settings.devices, settings.emulator.card), (1000, 1, Card::AMPERE));
        assert!(settings.emulator.reverse && settings.emulator.races);
        let wrong = |text: &str| Settings::from_variables(|_| Some(text.to_string())).unwrap_err();
        assert_eq!(wrong("many"), "CUDA_EMULATOR_DEVICES is `many`, which is no number");
    }

    #[test]
    fn a_driver_takes_the_ptx_of_its_time() {
        let newest = |driver| Settings { driver, ..Settings::default() }.ptx();
        let known =
            [(11_080, (7, 8)), (12_020, (8, 2)), (12_060, (8, 5)), (12_080, (8, 7)), (13_000, (9, 0))];
        for (driver, ptx) in known {
            assert_eq!(newest(driver), ptx, "{driver}");
        }
    }
}
