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

/// Gives the model of a name: the files of its folder below `models`, boosted trees without a network, and what else it has.
macro_rules! shipped {
    ($name:literal $(, $more:literal)*) => {
        Shipped {
            name: $name,
            card: include_str!(concat!("../../models/", $name, "/model-card.md")),
            files: &[
                ("model.json", include_bytes!(concat!("../../models/", $name, "/model.json"))),
                ("config.yaml", include_bytes!(concat!("../../models/", $name, "/config.yaml"))),
                ("trees.json", include_bytes!(concat!("../../models/", $name, "/trees.json"))),
                ("training.tsv", include_bytes!(concat!("../../models/", $name, "/training.tsv"))),
                $(($more, include_bytes!(concat!("../../models/", $name, "/", $more))),)*
            ],
        }
    };
}

/// All of them.
pub const SHIPPED: [Shipped; 2] = [
    shipped!("rna-protein-1", "neighbours.safetensors", "transfer.safetensors"),
    shipped!("rna-small-molecule-1", "neighbours.safetensors"),
];

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
