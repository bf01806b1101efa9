//! One model's weights under their canonical names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::config::Stated;
use super::layout::Layout;
use super::names::{self, Origin};
use super::resolve::{Resolver, frequencies};
use super::shape::Shape;
use super::{digest, vocabulary};
use crate::lm::Vocabulary;
use crate::record::Digest;
use crate::tensors::{ElementType, TensorFile, TensorView};
use crate::{Error, Place, Result};

/// The weights of one model, checked: every tensor is there, with its shape.
pub struct Checkpoint {
    path: PathBuf,
    shape: Shape,
    layout: Layout,
    body: Body,
    vocabulary: Option<Vocabulary>,
    spare: Vec<String>,
    digest: OnceLock<Digest>,
}

enum Body {
    File { file: TensorFile, tensors: BTreeMap<String, Origin> },
    Made(BTreeMap<String, (Vec<usize>, Vec<u8>)>),
}

impl Checkpoint {
    /// Opens a file of weights, an index of shards, or the folder that holds one; family and layout are told by the
    /// names of the tensors.
    ///
    /// # Errors
    /// Files that cannot be read, tensors of another model, missing, extra or mis-shaped tensors, and a
    /// `config.json` or vocabulary that contradicts the tensors; each is named.
    ///
    /// ```
    /// use crossmamba::lm::Checkpoint;
    ///
    /// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
    /// assert_eq!(checkpoint.layout().to_string(), "ESM-2 in the layout of fair-esm");
    /// assert_eq!(checkpoint.shape().vocabulary, 33);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = TensorFile::open(path)?;
        let Some((layout, prefix)) = names::recognise(|| file.names()) else {
            let first = file.names().next().unwrap_or_default();
            let problem = format!(
                "holds tensors such as `{}`, but no model that is known here",
                crate::tensors::short(first)
            );
            return Err(Place::file(file.path()).error(problem, "use a file of ESM-2, RiNALMo or MoLFormer"));
        };
        let sorted = names::sort(layout, &prefix, file.names());
        let stated = Stated::read(&file, layout)?;
        let mut tokens = None;
        let shape =
            Resolver { file: &file, layout, prefix: &prefix, sorted: &sorted }.shape(&stated, |rows| {
                tokens = vocabulary::read(file.path(), layout, rows)?;
                Ok(tokens.as_ref().and_then(|tokens| tokens.id(b"<mask>")).map(|id| id as usize))
            })?;
        let mut tensors = sorted.known.clone();
        if let Some(origin) = frequencies(&sorted) {
            tensors.insert("inv_freq".into(), origin);
        }
        Ok(Self {
            path: file.path().to_path_buf(),
            shape,
            layout,
            body: Body::File { file, tensors },
            vocabulary: tokens,
            spare: sorted.spare,
            digest: OnceLock::new(),
        })
    }

    /// Makes a model of given values, for tests and benchmarks; `inv_freq` may be among them.
    ///
    /// # Errors
    /// Missing, extra or mis-shaped tensors.
    ///
    /// ```
    /// use crossmamba::lm::{AttentionEpsilon, Checkpoint, Family, Shape};
    ///
    /// let shape = Shape {
    ///     family: Family::Esm2,
    ///     layers: 1,
    ///     width: 4,
    ///     heads: 2,
    ///     feed_forward: 8,
    ///     vocabulary: 33,
    ///     norm_epsilon: 1e-5,
    ///     token_dropout: true,
    ///     mask_token: 32,
    ///     random_features: 0,
    ///     attention_epsilon: AttentionEpsilon::Floor(1e-6),
    /// };
    /// let tensor = |(name, extents): (String, Vec<usize>)| {
    ///     let count = extents.iter().product();
    ///     (name, extents, vec![0.5; count])
    /// };
    /// let tensors = shape.tensors().into_iter().map(tensor).collect();
    /// let checkpoint = Checkpoint::from_parts(shape, tensors)?;
    /// assert_eq!(checkpoint.tensor("layers.0.up.weight")?.shape, [8, 4]);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn from_parts(shape: Shape, tensors: Vec<(String, Vec<usize>, Vec<f32>)>) -> Result<Self> {
        let wrong = |name: &str, problem: &str| {
            Error::setting(format!("tensor {name}"), problem, "give every tensor of Shape::tensors once")
        };
        let mut made = BTreeMap::new();
        for (name, extents, values) in tensors {
            if extents.iter().product::<usize>() != values.len() {
                return Err(wrong(&name, "its shape does not have its number of values"));
            }
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            made.insert(name, (extents, bytes));
        }
        let mut wanted = shape.tensors();
        if shape.family.facts().stores_frequencies && made.contains_key("inv_freq") {
            wanted.push(("inv_freq".into(), vec![shape.head_width() / 2]));
        }
        for (name, extents) in &wanted {
            if made.get(name).is_none_or(|(found, _)| found != extents) {
                return Err(wrong(name, "is missing or has another shape"));
            }
        }
        if let Some(name) = made.keys().find(|name| wanted.iter().all(|(wanted, _)| wanted != *name)) {
            return Err(wrong(name, "the model has no such tensor"));
        }
        Ok(Self {
            path: PathBuf::from("made tensors"),
            layout: Layout::Made(shape.family),
            shape,
            body: Body::Made(made),
            vocabulary: None,
            spare: Vec::new(),
            digest: OnceLock::new(),
        })
    }

    /// Gives the file or index of the weights.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the files of the weights.
    pub fn files(&self) -> &[PathBuf] {
        match &self.body {
            Body::File { file, .. } => file.files(),
            Body::Made(_) => &[],
        }
    }

    /// Gives the sizes and constants.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Tells who wrote the file.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Gives the vocabulary that a file beside the weights lists; none where there is no
    /// such file, or where the layout fixes the tokens.
    pub fn vocabulary(&self) -> Option<&Vocabulary> {
        self.vocabulary.as_ref()
    }

    /// Names the tensors of the file that the encoder does not need, such as those of heads.
    pub fn unused(&self) -> &[String] {
        &self.spare
    }

    /// Gives the SHA-256 digest of the file of weights, as `sha256sum` prints it; of shards, in the order of their
    /// names, joined (`cat shards | sha256sum`).
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| match &self.body {
            Body::File { file, .. } => digest::of(file.contents().flat_map(|bytes| {
                // What was digested is given back piece by piece.
                bytes.chunks(1 << 26).inspect(|_| file.release())
            })),
            Body::Made(tensors) => {
                digest::of(tensors.iter().flat_map(|(name, (_, bytes))| [name.as_bytes(), bytes.as_slice()]))
            }
        })
    }

    /// Lists what neither the weights nor the vocabulary decide and is not as in the published models, by its name in
    /// [`Shape`]: what a `config.json` says that changes values.
    pub fn departures(&self) -> Map<String, Value> {
        let (shape, table, facts) = (&self.shape, self.layout.table(), self.shape.family.facts());
        let published = facts.heads.contains(&(shape.width, shape.heads));
        let told = [
            ("heads", !published, json!(shape.heads)),
            (
                "norm_epsilon",
                shape.norm_epsilon.to_bits() != table.norm_epsilon.to_bits(),
                json!(shape.norm_epsilon),
            ),
            (
                "attention_epsilon",
                shape.attention_epsilon != table.attention_epsilon,
                json!(shape.attention_epsilon),
            ),
            ("token_dropout", shape.token_dropout != facts.masked.is_some(), json!(shape.token_dropout)),
            ("mask_token", shape.mask_token as usize != facts.mask_token, json!(shape.mask_token)),
        ];
        told.into_iter().filter(|told| told.1).map(|(name, _, value)| (name.to_owned(), value)).collect()
    }

    /// Gives back the memory of what was read of the files; what is used again is read again.
    pub(crate) fn release(&self) {
        if let Body::File { file, .. } = &self.body {
            file.release();
        }
    }

    /// Tells whether a tensor is there: all of [`Shape::tensors`] are, `inv_freq` may be.
    pub fn contains(&self, name: &str) -> bool {
        match &self.body {
            Body::File { tensors, .. } => tensors.contains_key(name),
            Body::Made(tensors) => tensors.contains_key(name),
        }
    }

    /// Gives a tensor by its canonical name, as stored: a view of the mapped file wherever possible.
    ///
    /// # Errors
    /// A name that is not there, values that do not have their checksum, and values that are not finite.
    pub fn tensor(&self, name: &str) -> Result<TensorView<'_>> {
        let missing = || Error::defect("language model", format!("the checkpoint has no tensor `{name}`"));
        match &self.body {
            Body::File { file, tensors } => {
                let origin = tensors.get(name).ok_or_else(missing)?;
                let mut view = file.tensor(&origin.name)?;
                if let Some((number, blocks)) = origin.block {
                    let rows = view.shape[0] / blocks;
                    view = view.rows(number * rows, (number + 1) * rows);
                }
                if view.shape.is_empty() {
                    view.shape.push(1);
                }
                view.check_finite()?;
                Ok(view)
            }
            Body::Made(tensors) => {
                let (shape, bytes) = tensors.get(name).ok_or_else(missing)?;
                Ok(TensorView {
                    shape: shape.clone(),
                    dtype: ElementType::F32,
                    bytes: Cow::Borrowed(bytes),
                    place: Place::file(&self.path).record(name),
                })
            }
        }
    }
}
