//! Embeds sequences: each distinct one once, batch by batch, by a built-in encoder or a language model.

mod as_trained;
mod language;
mod weights;
mod work;

pub use as_trained::{Means, embed_as_trained};
pub use language::{LanguageArgs, LanguageSettings};
pub use weights::{TrustArgs, Weights};
pub use work::{Distinct, Done, distinct, embed, names, recheck};
