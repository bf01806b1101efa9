//! What a file says about its model beside the tensors: `config.json`, or the arguments inside a torch file.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::layout::Layout;
use crate::lm::family::{Attention, Choice};
use crate::tensors::{TensorFile, Value};
use crate::{Error, Place, Result};

/// Far beyond any real `config.json`.
const LONGEST: u64 = 1 << 22;

/// A size of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Layers,
    Width,
    Heads,
    FeedForward,
    Vocabulary,
    Features,
    MaskToken,
}

/// One size, and where it is stated.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) size: Size,
    pub(super) value: u64,
    /// As in `config.json says num_hidden_layers is`.
    pub(super) said: String,
}

/// All that is stated.
#[derive(Debug, Clone, Default)]
pub(super) struct Stated {
    pub(super) sizes: Vec<Statement>,
    pub(super) norm_epsilon: Option<f32>,
    pub(super) attention_epsilon: Option<f32>,
    pub(super) token_dropout: Option<bool>,
}

impl Stated {
    /// Reads what the torch file itself and `config.json` beside it say; neither need be there.
    pub(super) fn read(file: &TensorFile, layout: Layout) -> Result<Self> {
        let mut stated = Self::default();
        if let Some(object) = file.object() {
            stated.arguments(object, layout);
        }
        let path = file.path().with_file_name("config.json");
        if path.is_file() {
            stated.config(&path, layout)?;
        }
        Ok(stated)
    }

    /// Gives the first statement about a size.
    pub(super) fn get(&self, size: Size) -> Option<&Statement> {
        self.sizes.iter().find(|statement| statement.size == size)
    }

    /// Reads the arguments of training, which fair-esm and Lightning keep beside the weights.
    fn arguments(&mut self, object: Value<'_>, layout: Layout) {
        let keys: &[(&str, Size)] = match layout {
            Layout::FairEsm => &[
                ("encoder_layers", Size::Layers),
                ("encoder_embed_dim", Size::Width),
                ("encoder_attention_heads", Size::Heads),
                ("encoder_ffn_embed_dim", Size::FeedForward),
            ],
            Layout::IbmMolformer => &[
                ("n_layer", Size::Layers),
                ("n_embd", Size::Width),
                ("n_head", Size::Heads),
                ("num_feats", Size::Features),
            ],
            _ => return,
        };
        let (arguments, place) = match layout {
            Layout::FairEsm => (object.get("cfg").and_then(|cfg| cfg.get("model")), "cfg"),
            _ => (object.get("hyper_parameters"), "hyper_parameters"),
        };
        let Some(arguments) = arguments.or_else(|| object.get("args")) else { return };
        for &(key, size) in keys {
            let value =
                arguments.get(key).and_then(Value::integer).and_then(|value| u64::try_from(value).ok());
            if let Some(value) = value {
                self.sizes.push(Statement { size, value, said: format!("its `{place}` says {key} is") });
            }
        }
        self.token_dropout = arguments.get("token_dropout").and_then(Value::truth);
    }

    fn config(&mut self, path: &Path, layout: Layout) -> Result<()> {
        let config = Config::read(path)?;
        let family = layout.family();
        let facts = family.facts();
        // The authors' own files come without a config.json; one that stands beside them may be another model's.
        let own = layout.table().own_config;
        match config.text("model_type")? {
            Some(found) if found != facts.model_type => {
                if !own {
                    return Ok(());
                }
                return Err(config.wrong(
                    format!("`model_type` is {found:?}, but the tensors are those of {}", family.title()),
                    "put the model's own config.json beside its weights",
                ));
            }
            _ => (),
        }
        config.demand("position_embedding_type", &Json::from("rotary"))?;
        config.demand("hidden_act", &Json::from("gelu"))?;
        for (key, choice) in facts.choices {
            let value = match choice {
                Choice::Truth(value) => Json::from(*value),
                Choice::Text(value) => Json::from(*value),
            };
            config.demand(key, &value)?;
        }
        let mut sizes = vec![
            ("num_hidden_layers", Size::Layers),
            ("hidden_size", Size::Width),
            ("num_attention_heads", Size::Heads),
            ("intermediate_size", Size::FeedForward),
        ];
        if own {
            // Authors' files have vocabularies of their own.
            sizes.extend([("vocab_size", Size::Vocabulary), ("mask_token_id", Size::MaskToken)]);
        }
        if facts.attention == Attention::Linear {
            sizes.push(("num_random_features", Size::Features));
        }
        for (key, size) in sizes {
            if let Some(value) = config.whole(key)? {
                self.sizes.push(Statement { size, value, said: format!("config.json says {key} is") });
            }
        }
        self.norm_epsilon = config.small("layer_norm_eps")?;
        self.attention_epsilon = config.small("linear_attention_eps")?;
        self.token_dropout = config.truth("token_dropout")?.or(self.token_dropout);
        Ok(())
    }
}

/// A `config.json`.
struct Config<'p> {
    path: &'p Path,
    values: Map<String, Json>,
}

impl<'p> Config<'p> {
    fn read(path: &'p Path) -> Result<Self> {
        let length = path.metadata().map_err(Error::io("read", path))?.len();
        if length > LONGEST {
            let problem = format!("has {length} bytes, more than a configuration needs");
            return Err(
                Place::file(path).error(problem, "put the model's own config.json beside its weights")
            );
        }
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let values = serde_json::from_slice(&bytes).map_err(|e| {
            let problem = format!("is not a JSON object: {e}");
            Place::file(path)
                .line(e.line() as u64)
                .error(problem, "put the model's own config.json beside its weights")
        })?;
        Ok(Self { path, values })
    }

    /// Gives a value; `null` is none.
    fn get(&self, key: &str) -> Option<&Json> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    fn whole(&self, key: &str) -> Result<Option<u64>> {
        self.typed(key, "a whole number", Json::as_u64)
    }

    fn truth(&self, key: &str) -> Result<Option<bool>> {
        self.typed(key, "true or false", Json::as_bool)
    }

    fn text(&self, key: &str) -> Result<Option<&str>> {
        self.typed(key, "text", Json::as_str)
    }

    /// Reads what is added to a denominator.
    fn small(&self, key: &str) -> Result<Option<f32>> {
        let small = |value: f64| ((value as f32) > 0.0 && value < 1.0).then_some(value as f32);
        self.typed(key, "a number between 0 and 1", |value| value.as_f64().and_then(small))
    }

    fn typed<'a, T>(
        &'a self,
        key: &str,
        what: &str,
        read: impl Fn(&'a Json) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let wrong = || {
            self.wrong(format!("`{key}` is {}, not {what}", shown(value)), "use the published config.json")
        };
        read(value).map(Some).ok_or_else(wrong)
    }

    /// Checks a choice that the published models made and others of the same kind did not.
    fn demand(&self, key: &str, value: &Json) -> Result<()> {
        match self.get(key) {
            Some(found) if found != value => {
                let problem = format!("`{key}` is {}, and only {value} is supported", shown(found));
                Err(self.wrong(problem, "use a published model of this family"))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, problem: String, remedy: &str) -> Error {
        Place::file(self.path).error(problem, remedy)
    }
}

/// Shows a value of any length in a message.
fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().nth(60).is_some() { text.chars().take(60).chain(['…']).collect() } else { text }
}
