//! What the driver answers.

use cuda_emulator::{Error, Kind};

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// An answer of the driver that says what went wrong, with the number that `cuda.h` gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(i32)]
        pub enum Status { $($(#[$doc])* $name = $code,)* }

        impl Status {
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in `cuda.h`, without `CUDA_ERROR_`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        /// The names as C has them, with zero for success.
        pub(crate) fn c_name(code: i32) -> Option<&'static std::ffi::CStr> {
            Some(match code {
                0 => c"CUDA_SUCCESS",
                $($code => {
                    const NAME: &str = concat!("CUDA_ERROR_", $text, "\0");
                    std::ffi::CStr::from_bytes_with_nul(NAME.as_bytes()).unwrap_or(c"CUDA_ERROR")
                })*
                _ => return None,
            })
        }
    };
}

statuses! {
    /// An argument is wrong.
    InvalidValue = 1, "INVALID_VALUE";
    /// The card's memory does not suffice.
    OutOfMemory = 2, "OUT_OF_MEMORY";
    /// Nothing was initialised.
    NotInitialized = 3, "NOT_INITIALIZED";
    /// The library is a stub for the linker.
    StubLibrary = 34, "STUB_LIBRARY";
    /// Others have taken the card for themselves.
    DeviceUnavailable = 46, "DEVICE_UNAVAILABLE";
    /// There is no card.
    NoDevice = 100, "NO_DEVICE";
    /// There is no card of this number.
    InvalidDevice = 101, "INVALID_DEVICE";
    /// The image of a module cannot be read.
    InvalidImage = 200, "INVALID_IMAGE";
    /// The thread has no context.
    InvalidContext = 201, "INVALID_CONTEXT";
    /// The module holds nothing for this card.
    NoBinaryForGpu = 209, "NO_BINARY_FOR_GPU";
    /// The card's memory is damaged.
    EccUncorrectable = 214, "ECC_UNCORRECTABLE";
    /// The PTX is newer than the driver.
    UnsupportedPtxVersion = 222, "UNSUPPORTED_PTX_VERSION";
    /// A handle is of nothing.
    InvalidHandle = 400, "INVALID_HANDLE";
    /// There is no such name.
    NotFound = 500, "NOT_FOUND";
    /// What was asked for is still on its way.
    NotReady = 600, "NOT_READY";
    /// A kernel touched memory that is not its own.
    IllegalAddress = 700, "ILLEGAL_ADDRESS";
    /// A launch asks for more than a block may have.
    LaunchOutOfResources = 701, "LAUNCH_OUT_OF_RESOURCES";
    /// A kernel did not end.
    LaunchTimeout = 702, "LAUNCH_TIMEOUT";
    /// A kernel came to an instruction that the card does not know.
    IllegalInstruction = 715, "ILLEGAL_INSTRUCTION";
    /// A kernel used an address that is no multiple of the size of the access.
    MisalignedAddress = 716, "MISALIGNED_ADDRESS";
    /// A kernel failed otherwise.
    LaunchFailed = 719, "LAUNCH_FAILED";
    /// Library and kernel module are of different versions.
    SystemDriverMismatch = 803, "SYSTEM_DRIVER_MISMATCH";
    /// Anything else, such as a card that fell off the bus.
    Unknown = 999, "UNKNOWN";
}

impl Status {
    /// Finds a status by its number or its name, as in `2` or `out-of-memory`.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.to_uppercase().replace('-', "_");
        let same = |s: &&Self| text.parse() == Ok(**s as i32) || s.name() == name;
        Self::ALL.iter().find(same).copied()
    }

    /// Whether the context is lost with it: every later call fails likewise.
    pub fn is_sticky(self) -> bool {
        matches!(
            self,
            Self::EccUncorrectable
                | Self::IllegalAddress
                | Self::LaunchTimeout
                | Self::IllegalInstruction
                | Self::MisalignedAddress
                | Self::LaunchFailed
                | Self::Unknown
        )
    }

    /// What a card says where the emulator says more.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Ptx { .. } => Self::InvalidImage,
            Error::Launch { .. } => Self::LaunchOutOfResources,
            Error::Memory { .. } => Self::InvalidValue,
            Error::Fault(fault) => match fault.kind {
                Kind::OutOfBounds => Self::IllegalAddress,
                Kind::Misaligned => Self::MisalignedAddress,
                Kind::Unsupported => Self::IllegalInstruction,
                Kind::Endless => Self::LaunchTimeout,
                _ => Self::LaunchFailed,
            },
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_a_number_and_a_name_and_is_found_by_either() {
        for &status in Status::ALL {
            assert_eq!(Status::parse(&(status as i32).to_string()), Some(status));
            assert_eq!(Status::parse(&status.name().to_lowercase().replace('_', "-")), Some(status));
        }
        assert_eq!(c_name(2).unwrap().to_str(), Ok("CUDA_ERROR_OUT_OF_MEMORY"));
        assert_eq!((c_name(0).unwrap().to_str(), c_name(-1)), (Ok("CUDA_SUCCESS"), None));
        assert_eq!(Status::parse("3000"), None);
    }
}
