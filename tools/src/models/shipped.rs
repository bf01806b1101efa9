//! The trained models that travel in the program.

use std::path::Path;

use crossmamba::Result;
use crossmamba::nn::bundle::Bundle;
use crossmamba::nn::device::Device;

use super::Card;

/// A trained model inside the program, as `make models` made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    card: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

/// All of them.
pub const SHIPPED: [Shipped; 1] = [Shipped {
    name: "rna-protein-1",
    card: include_str!("../../models/rna-protein-1/model-card.md"),
    files: &[
        ("model.json", include_bytes!("../../models/rna-protein-1/model.json")),
        ("config.yaml", include_bytes!("../../models/rna-protein-1/config.yaml")),
        ("trees.json", include_bytes!("../../models/rna-protein-1/trees.json")),
        ("training.tsv", include_bytes!("../../models/rna-protein-1/training.tsv")),
    ],
}];

impl Shipped {
    /// Finds the model of a name.
    ///
    /// ```
    /// use crossmamba_tools::models::Shipped;
    ///
    /// assert_eq!(Shipped::find("rna-protein-1").map(|model| model.name), Some("rna-protein-1"));
    /// assert_eq!(Shipped::find("rna-protein-0"), None);
    /// ```
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[Shipped] = &SHIPPED;
        ALL.iter().find(|model| model.name == name)
    }

    /// Gives the head of its card.
    pub fn card(&self) -> Card {
        Card::of(self.card)
    }

    /// Makes the model ready to be used.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn bundle(&self, device: &Device) -> Result<Bundle> {
        Bundle::of_files(Path::new(self.name), self.files, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_model_is_whole_and_has_a_card() {
        for model in SHIPPED {
            let bundle = model.bundle(&Device::Cpu).unwrap();
            assert_eq!(bundle.folder(), Path::new(model.name));
            let card = model.card();
            assert!([&card.version, &card.purpose, &card.license].iter().all(|value| *value != "-"));
            assert!(model.card.contains(&format!("\nname: {}\n", model.name)));
        }
    }
}
