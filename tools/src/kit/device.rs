//! Opens the device that a user chose, and says which it is.

use crossmamba::Result;
use crossmamba::nn::device::{DeviceChoice, Opened};

/// Opens a device and says on the log what computes, wherever a GPU could.
///
/// # Errors
/// A card that this program or this machine cannot use.
pub fn open_device(choice: DeviceChoice) -> Result<Opened> {
    let opened = choice.open()?;
    if let Some(why) = &opened.passed_over {
        tracing::info!("computing on the CPU: {why}");
    } else if !opened.device.is_cpu() {
        tracing::info!("computing on {}", opened.words);
    }
    Ok(opened)
}
