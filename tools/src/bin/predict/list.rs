//! Prints the models that can be named.

use crossmamba_tools::kit::{Outcome, print};
use crossmamba_tools::models::{Card, Models, SHIPPED};

use super::pairing;

pub(super) fn run() -> anyhow::Result<Outcome> {
    let models = Models::of_this_machine();
    let built_in = Card {
        version: pairing::VERSION.into(),
        purpose: pairing::PURPOSE.into(),
        license: "MIT OR Apache-2.0".into(),
    };
    let mut lines = String::from("name\tversion\tlicence\tpurpose\n");
    let shipped = SHIPPED.iter().map(|model| (model.name, model.card()));
    for (name, card) in shipped.chain([(pairing::NAME, built_in)]).chain(models.cards()?) {
        lines.push_str(&format!("{name}\t{}\t{}\t{}\n", card.version, card.license, card.purpose));
    }
    print(&lines)?;
    Ok(Outcome::done())
}
