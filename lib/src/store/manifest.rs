//! Says what made the rows of a store.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Dtype, TokenRule};
use crate::record::{Digest, Molecule};
use crate::{Error, Place, Result};

/// The version of the store's format that this program writes; it reads the earlier one, too.
///
/// 2: a finished store says so in `complete.json`; 1: it does not.
pub const FORMAT: u32 = 2;

/// The name of the manifest inside the store.
pub(super) const NAME: &str = "manifest.json";

/// What made the rows of a store, and their shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format, [`FORMAT`].
    pub format: u32,
    /// The kind of the molecules.
    pub molecule: Molecule,
    /// The name of the encoder.
    pub encoder: String,
    /// The encoder's settings; for a language model also its checkpoint's digest, layer and context.
    pub settings: Value,
    /// Which rows a molecule has.
    pub tokens: TokenRule,
    /// Values of a row.
    pub width: usize,
    /// Values of the global vector, 0 when there is none.
    pub global_width: usize,
    /// The number format of the values.
    pub dtype: Dtype,
    /// Digest of everything above but `format` and `dtype`: equal digests mean interchangeable features.
    pub digest: Digest,
}

impl Manifest {
    /// Describes a store to be made.
    pub fn new(
        molecule: Molecule,
        encoder: &str,
        settings: Value,
        tokens: TokenRule,
        (width, global_width): (usize, usize),
        dtype: Dtype,
    ) -> Self {
        let mut manifest = Self {
            format: FORMAT,
            molecule,
            encoder: encoder.into(),
            settings: sorted(settings),
            tokens,
            width,
            global_width,
            dtype,
            digest: Digest::of(b""),
        };
        manifest.digest = manifest.compute_digest();
        manifest
    }

    /// Reads the manifest of a store.
    ///
    /// # Errors
    /// A folder that is no store, another format version, or a manifest that was changed by hand.
    pub fn read(store: &Path) -> Result<Self> {
        let path = store.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(not_a_store(store)),
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(Place::file(store).error(
                    "is a file, not an embedding store",
                    "name the folder that crossmamba-embed wrote",
                ));
            }
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => String::new(),
            Err(e) => return Err(Error::io("read", &path)(e)),
        };
        Self::parse(&text, &path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let damaged = |why: String| {
            Place::file(path).error(
                format!("is not the manifest of an embedding store ({why})"),
                "restore the file, or make the store again with crossmamba-embed",
            )
        };
        let value: Value = serde_json::from_str(text).map_err(|e| damaged(e.to_string()))?;
        match value.get("format").and_then(Value::as_u64) {
            None => return Err(damaged("it has no `format`".into())),
            Some(format) if format == 0 || format > u64::from(FORMAT) => {
                return Err(Place::file(path).error(
                    format!("has format version {format}, and this program reads the versions 1 to {FORMAT}"),
                    "use the program that made the store, or make it again with crossmamba-embed",
                ));
            }
            Some(_) => {}
        }
        let manifest: Self = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        if manifest.compute_digest() == manifest.digest {
            Ok(manifest)
        } else {
            Err(damaged("its digest does not fit its content".into()))
        }
    }

    /// Gives the manifest as indented JSON with a final newline.
    pub(super) fn to_json(&self) -> String {
        format!("{:#}\n", json!(self))
    }

    /// Gives the bytes of one entry with this many rows.
    pub fn entry_bytes(&self, rows: usize) -> u64 {
        (self.global_width as u64 + rows as u64 * self.width as u64) * self.dtype.size() as u64
    }

    /// Tells whether the values of two stores may stand together: all but the version of the format is equal.
    pub fn fits(&self, other: &Self) -> bool {
        (self.digest, self.dtype) == (other.digest, other.dtype)
    }

    /// Lists what differs from another manifest, each as "`key` is x, not y" with this one's value first; the settings
    /// of two encoders are not compared.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        compare("", Some(&json!(self)), Some(&json!(other)), &mut found);
        found.retain(|line| !line.starts_with("`digest`") && !line.starts_with("`format`"));
        if self.encoder != other.encoder {
            found.retain(|line| !line.starts_with("`settings.") && !line.contains("width` is "));
        }
        found
    }

    fn compute_digest(&self) -> Digest {
        let mut value = json!(self);
        if let Value::Object(fields) = &mut value {
            for key in ["format", "dtype", "digest"] {
                fields.shift_remove(key);
            }
        }
        Digest::of(sorted(value).to_string().as_bytes())
    }
}

/// Makes the error of a folder without a manifest.
pub(super) fn not_a_store(folder: &Path) -> Error {
    if folder.exists() {
        Place::file(folder).error(
            "is not an embedding store (it has no manifest.json)",
            "name a folder that crossmamba-embed wrote",
        )
    } else {
        Place::file(folder).error("does not exist", "make the store with crossmamba-embed")
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn compare(path: &str, mine: Option<&Value>, theirs: Option<&Value>, found: &mut Vec<String>) {
    if mine == theirs {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (mine, theirs) {
        let extra = b.keys().filter(|key| !a.contains_key(*key));
        for key in a.keys().chain(extra) {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            compare(&path, a.get(key), b.get(key), found);
        }
        return;
    }
    let shown = |value: Option<&Value>| value.map_or("absent".into(), ToString::to_string);
    found.push(format!("`{path}` is {}, not {}", shown(mine), shown(theirs)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(settings: Value, size: usize, dtype: Dtype) -> Manifest {
        Manifest::new(Molecule::Rna, "kmer", settings, TokenRule::Window { size, cap: 32 }, (84, 85), dtype)
    }

    #[test]
    fn the_digest_depends_on_the_features_and_not_on_key_order_or_dtype() {
        let one = manifest(json!({"a": 1, "b": [2]}), 128, Dtype::F32);
        assert_eq!(one.digest, manifest(json!({"b": [2], "a": 1}), 128, Dtype::Bf16).digest);
        assert_ne!(one.digest, manifest(json!({"b": [3], "a": 1}), 128, Dtype::F32).digest);
        assert_ne!(one.digest, manifest(json!({"a": 1, "b": [2]}), 64, Dtype::F32).digest);
        assert_eq!(Manifest::parse(&one.to_json(), Path::new("m")).unwrap(), one);
    }

    #[test]
    fn differences_name_the_keys_and_both_values() {
        let one = manifest(json!({"k": 3}), 128, Dtype::F32);
        let two = manifest(json!({"k": 4}), 64, Dtype::F32);
        assert_eq!(one.differences(&two), ["`settings.k` is 3, not 4", "`tokens.size` is 128, not 64"]);
    }

    #[test]
    fn damaged_and_foreign_manifests_are_refused_with_a_reason() {
        let good = manifest(json!({}), 128, Dtype::F32).to_json();
        let cases = [
            (String::new(), "is not the manifest"),
            ("[]".into(), "it has no `format`"),
            (good.replace("\"format\": 2", "\"format\": 9"), "has format version 9"),
            (good.replace("\"width\": 84", "\"width\": 85"), "its digest does not fit"),
            (good.replace("\"width\"", "\"breadth\""), "is not the manifest"),
        ];
        for (text, words) in cases {
            let message = Manifest::parse(&text, Path::new("m")).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
