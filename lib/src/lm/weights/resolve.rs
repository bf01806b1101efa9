//! Works out the shape of a model from its tensors and what is stated, and names whatever does not fit.

use std::collections::BTreeSet;

use super::config::{Size, Stated};
use super::layout::Layout;
use super::names::{Origin, Sorted, theirs};
use super::shape::{AttentionEpsilon, Shape};
use crate::lm::family::{Attention, FeedForward};
use crate::tensors::{ElementType, TensorFile, short};
use crate::{Error, Place, Result};

/// A file whose layout is known.
pub(super) struct Resolver<'f> {
    pub(super) file: &'f TensorFile,
    pub(super) layout: Layout,
    pub(super) prefix: &'f str,
    pub(super) sorted: &'f Sorted,
}

impl Resolver<'_> {
    /// Gives the shape, after checking that every tensor is there, once, with its extents and a floating-point
    /// type, and that nothing else is.
    pub(super) fn shape(
        &self,
        stated: &Stated,
        vocabulary: impl FnOnce(usize) -> Result<Option<usize>>,
    ) -> Result<Shape> {
        let layers = self.layers()?;
        self.says(stated, Size::Layers, layers, "the tensors have")?;
        self.complete(layers)?;
        let family = self.layout.family();
        let [rows, width] = self.matrix("embedding")?;
        let [inner, _] = self.matrix("layers.0.up.weight")?;
        let features = match family.facts().attention {
            Attention::Linear => Some(self.matrix("layers.0.features")?),
            Attention::Softmax => None,
        };
        self.says(stated, Size::Width, width, "the tensors have")?;
        self.says(stated, Size::Vocabulary, rows, "the embedding has")?;
        self.says_feed_forward(stated, inner)?;
        if let Some([_, count]) = features {
            self.says(stated, Size::Features, count, "the tensors have")?;
        }
        let heads = self.heads(stated, width, features.map(|[head, _]| head))?;
        let mask_token = self.mask_token(stated, rows, vocabulary(rows)?)?;
        let (norm_epsilon, attention_epsilon) = self.constants(stated);
        let shape = Shape {
            family,
            layers,
            width,
            heads,
            feed_forward: inner,
            vocabulary: rows,
            norm_epsilon,
            token_dropout: family.facts().masked.is_some() && stated.token_dropout.unwrap_or(true),
            mask_token,
            random_features: features.map_or(0, |[_, count]| count),
            attention_epsilon,
        };
        self.extents(&shape)?;
        Ok(shape)
    }

    /// Gives the two small constants: those of the layout, or what is stated where the layout allows it.
    fn constants(&self, stated: &Stated) -> (f32, AttentionEpsilon) {
        let table = self.layout.table();
        if !table.states_constants {
            return (table.norm_epsilon, table.attention_epsilon);
        }
        let norm = stated.norm_epsilon.unwrap_or(table.norm_epsilon);
        (norm, stated.attention_epsilon.map_or(table.attention_epsilon, AttentionEpsilon::Floor))
    }

    fn layers(&self) -> Result<usize> {
        let numbers: BTreeSet<usize> = self
            .sorted
            .known
            .keys()
            .filter_map(|name| name.strip_prefix("layers.")?.split_once('.')?.0.parse().ok())
            .collect();
        let gap = (0..).zip(&numbers).find(|(at, number)| at != *number);
        match gap {
            Some((at, _)) => Err(self.wrong(format!("lacks block {at}"))),
            None => Ok(numbers.len()),
        }
    }

    /// Checks names only.
    fn complete(&self, layers: usize) -> Result<()> {
        let family = self.layout.family();
        let sizes = Shape {
            family,
            layers,
            width: 1,
            heads: 1,
            feed_forward: 1,
            vocabulary: 1,
            norm_epsilon: 0.0,
            token_dropout: false,
            mask_token: 0,
            random_features: 1,
            attention_epsilon: AttentionEpsilon::Floor(0.0),
        };
        let known = &self.sorted.known;
        let missing = sizes.tensors().into_iter().filter(|(name, _)| !known.contains_key(name));
        let missing: BTreeSet<_> = missing.map(|(name, _)| theirs(self.layout, self.prefix, &name)).collect();
        if !missing.is_empty() {
            return Err(self.wrong(format!("lacks {}", listed(missing.iter()))));
        }
        if !self.sorted.twice.is_empty() {
            return Err(self.wrong(format!(
                "holds a tensor under two names: {}",
                listed(self.sorted.twice.iter().collect::<BTreeSet<_>>().iter())
            )));
        }
        let required: BTreeSet<_> = sizes.tensors().into_iter().map(|(name, _)| name).collect();
        let surplus =
            known.iter().filter(|(name, _)| !required.contains(*name)).map(|(_, origin)| &origin.name);
        let extra: BTreeSet<_> = self.sorted.extra.iter().chain(surplus).collect();
        if !extra.is_empty() {
            let problem = format!("holds {}, which {} does not have", listed(extra.iter()), family.title());
            return Err(self.place().error(problem, "use a published model, or remove it"));
        }
        Ok(())
    }

    /// Checks extents and types.
    fn extents(&self, shape: &Shape) -> Result<()> {
        for (name, wanted) in shape.tensors() {
            let origin = &self.sorted.known[&name];
            let (dtype, found) = self.file.describe(&origin.name).unwrap_or((ElementType::U8, &[]));
            let mut wanted = wanted;
            if let Some((_, parts)) = origin.block {
                wanted[0] *= parts;
            }
            // The slope of RiNALMo's activation may be a plain number.
            let scalar = found.is_empty() && wanted == [1];
            if found != wanted && !scalar {
                let problem = format!(
                    "tensor `{}` has shape {}, where {} is needed",
                    origin.name,
                    extent(found),
                    extent(&wanted)
                );
                return Err(self.wrong(problem));
            }
            if !dtype.is_float() {
                return Err(self.wrong(format!("tensor `{}` holds {dtype}, not floating point", origin.name)));
            }
        }
        let half = shape.head_width() / 2;
        let mut first: Option<(Vec<f32>, &str)> = None;
        for name in &self.sorted.frequencies {
            let view = self.file.tensor(name)?;
            if view.shape != [half] {
                let problem =
                    format!("tensor `{name}` has shape {}, where {half} is needed", extent(&view.shape));
                return Err(self.wrong(problem));
            }
            view.check_finite()?;
            let values = view.to_f32()?;
            match &first {
                Some((known, other)) if *known != values => {
                    return Err(
                        self.wrong(format!("`{other}` and `{name}` differ, but all blocks share them"))
                    );
                }
                Some(_) => (),
                None => first = Some((values, name)),
            }
        }
        Ok(())
    }

    fn matrix(&self, name: &str) -> Result<[usize; 2]> {
        let Some(origin) = self.sorted.known.get(name) else {
            return Err(self.wrong(format!("lacks `{name}`")));
        };
        let (_, found) = self.file.describe(&origin.name).unwrap_or((ElementType::U8, &[]));
        match *found {
            [rows, columns] if rows > 0 && columns > 0 => Ok([rows, columns]),
            _ => Err(self.wrong(format!(
                "tensor `{}` has shape {}, not rows and columns",
                origin.name,
                extent(found)
            ))),
        }
    }

    /// Finds the number of heads: stated, or told by tensors, or by the width of a published model.
    fn heads(&self, stated: &Stated, width: usize, features: Option<usize>) -> Result<usize> {
        let frequencies = self.sorted.frequencies.first().and_then(|name| self.file.describe(name));
        let told = match (features, frequencies) {
            (Some(head), _) => Some(head),
            (None, Some((_, &[half]))) => Some(half.saturating_mul(2)),
            _ => None,
        };
        let heads = if let Some(head) = told {
            if head == 0 || !width.is_multiple_of(head) {
                return Err(self.wrong(format!("heads of {head} columns do not divide a width of {width}")));
            }
            width / head
        } else if let Some(statement) = stated.get(Size::Heads) {
            usize::try_from(statement.value).unwrap_or(usize::MAX)
        } else {
            let known = self.layout.family().facts().heads.iter().find(|(known, _)| *known == width);
            let Some((_, heads)) = known else {
                let problem = format!(
                    "does not tell its number of attention heads, and no published model is {width} wide"
                );
                return Err(self
                    .place()
                    .error(problem, "put a config.json with num_attention_heads beside it"));
            };
            *heads
        };
        self.says(stated, Size::Heads, heads, "the tensors have")?;
        if heads == 0 || !width.is_multiple_of(heads.saturating_mul(2)) {
            let problem = format!("{heads} attention heads do not divide a width of {width} into even parts");
            return Err(self.wrong(problem));
        }
        Ok(heads)
    }

    fn mask_token(&self, stated: &Stated, rows: usize, listed: Option<usize>) -> Result<u32> {
        if let Some(at) = listed {
            self.says(stated, Size::MaskToken, at, "in the vocabulary <mask> has number")?;
        }
        let stated =
            stated.get(Size::MaskToken).map(|statement| usize::try_from(statement.value).unwrap_or(rows));
        let token = listed.or(stated).unwrap_or(self.layout.family().facts().mask_token);
        if token >= rows {
            return Err(self.wrong(format!("the mask token {token} is not among {rows} tokens")));
        }
        Ok(token as u32)
    }

    /// Compares what is stated with what was found.
    fn says(&self, stated: &Stated, size: Size, found: usize, how: &str) -> Result<()> {
        match stated.sizes.iter().find(|statement| statement.size == size && statement.value != found as u64)
        {
            None => Ok(()),
            Some(statement) => {
                let problem = format!("{} {}, but {how} {found}", statement.said, statement.value);
                Err(self.place().error(problem, "put together files of one model"))
            }
        }
    }

    /// The same for the inner width: a gated layer states what it would have without its gate, and has two thirds of that.
    fn says_feed_forward(&self, stated: &Stated, found: usize) -> Result<()> {
        let mut stated = stated.clone();
        if self.layout.family().facts().feed_forward == FeedForward::SwiGlu {
            let two_thirds = |value: u64| value.saturating_mul(2) / 3;
            stated.sizes.retain(|statement| two_thirds(statement.value) != found as u64);
        }
        self.says(&stated, Size::FeedForward, found, "the tensors have")
    }

    fn place(&self) -> Place {
        Place::file(self.file.path())
    }

    fn wrong(&self, problem: String) -> Error {
        self.place().error(problem, "use the published file, or copy or download it again")
    }
}

/// Names the first of several tensors.
fn listed<T: AsRef<str>>(names: impl ExactSizeIterator<Item = T>) -> String {
    let count = names.len();
    let shown: Vec<_> = names.take(3).map(|name| format!("`{}`", short(name.as_ref()))).collect();
    let shown = shown.join(", ");
    match count {
        0..=3 => shown,
        _ => format!("{shown} and {} more", count - 3),
    }
}

fn extent(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "()".into();
    }
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

/// Tells where the rotary frequencies stand.
pub(super) fn frequencies(sorted: &Sorted) -> Option<Origin> {
    sorted.frequencies.first().map(|name| Origin { name: name.clone(), block: None })
}
