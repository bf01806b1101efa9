//! Writes the content of a store for other programs: one array per record, named by its identifier.

mod arrays;
mod hdf5;
mod hdf5_group;
mod npz;
mod safetensors;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrays::Arrays;

use crate::io::{AtomicFile, AtomicFolder};
use crate::store::{Dtype, Store};
use crate::{Error, Place, Result};

/// The formats that a store can be exported to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ExportFormat {
    /// Read by the Python package `safetensors`; one file, or a folder of files with an index.
    Safetensors,
    /// Read by `numpy.load`.
    Npz,
    /// Read by `h5py`.
    Hdf5,
}

impl ExportFormat {
    /// Tells the format by the suffix of a path; a path without one is a folder of safetensors files.
    ///
    /// ```
    /// use crossmamba::exchange::ExportFormat;
    ///
    /// assert_eq!(ExportFormat::of_path("rna.npz".as_ref())?, ExportFormat::Npz);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn of_path(path: &Path) -> Result<Self> {
        match path.extension().and_then(|suffix| suffix.to_str()) {
            None | Some("safetensors") => Ok(Self::Safetensors),
            Some("npz") => Ok(Self::Npz),
            Some("h5" | "hdf5") => Ok(Self::Hdf5),
            Some(other) => {
                let problem = format!("`.{other}` is not the suffix of a format");
                Err(Error::setting("export", problem, "use .safetensors, .npz or .h5, or give `--format`"))
            }
        }
    }
}

impl FromStr for ExportFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "safetensors" => Ok(Self::Safetensors),
            "npz" => Ok(Self::Npz),
            "hdf5" => Ok(Self::Hdf5),
            _ => Err("choose `safetensors`, `npz` or `hdf5`"),
        }
    }
}

/// An export that is written and has not appeared yet.
pub struct Prepared {
    exported: Exported,
    output: Output,
}

/// What will appear.
enum Output {
    File(AtomicFile),
    Folder(AtomicFolder),
}

impl Prepared {
    /// Gives what is exported.
    pub fn exported(&self) -> Exported {
        self.exported
    }

    /// Lets the export appear together with other outputs, or not at all.
    ///
    /// Gives the hidden folder that could not be removed, if there is one.
    ///
    /// # Errors
    /// The first output that cannot be written.
    pub fn commit_with(self, others: Vec<AtomicFile>) -> Result<Option<PathBuf>> {
        let mut left = None;
        match self.output {
            Output::File(file) => AtomicFile::commit_all(others.into_iter().chain([file]))?,
            Output::Folder(folder) => AtomicFile::commit_all_after(others, || {
                left = folder.commit()?;
                Ok(())
            })?,
        }
        Ok(left)
    }
}

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Records, by identifier.
    pub records: usize,
    /// Arrays: rows, and global vectors.
    pub arrays: usize,
    /// Files.
    pub files: usize,
    /// The number format of the values.
    pub dtype: Dtype,
}

/// Writes every record of a store.
///
/// Rows have the shape `(rows, width)` and the name of their record; a global vector beside rows is named
/// `<identifier> global`; a vector without rows has the plain name. Records that share a sequence get an array each
/// (in HDF5, two names of one). The values keep the number format of the store unless `dtype` says otherwise; `.npz`
/// and HDF5 know no bf16 and get f32. The output appears whole or not at all, with the same bytes in every run.
///
/// A path without suffix is a folder of safetensors files of at most `shard_bytes` with the index that Python's
/// libraries know, `embeddings.safetensors.index.json`; a folder that holds nothing but such an export is replaced.
///
/// # Errors
/// An output that cannot be written or that exists as a folder, names that the format cannot hold, damaged entries.
///
/// ```
/// use crossmamba::exchange::{ExportFormat, Import, ImportSettings, SpecialRows, export};
/// use crossmamba::encoder::{Encoder as _, OneHot};
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::{Dtype, Store, StoreWriter, TokenRule};
///
/// # let folder = tempfile::tempdir()?;
/// # let (made, file) = (folder.path().join("rna.store"), folder.path().join("rna.h5"));
/// let record = Record { id: RecordId::new("r1")?, sequence: b"GAUUACA".to_vec() };
/// let encoder = OneHot::new(Molecule::Rna, TokenRule::Residue);
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// let mut writer = StoreWriter::open_or_create(&made, &encoder.manifest(Dtype::F32))?;
/// writer.append(&record.digest(Molecule::Rna), &record.id, &embedding)?;
/// writer.finish()?;
///
/// let written = export(&Store::open(&made)?, &file, ExportFormat::Hdf5, None, u64::MAX)?;
/// assert_eq!((written.records, written.arrays, written.files), (1, 1, 1));
///
/// // And back again.
/// let settings = ImportSettings {
///     from: vec![file],
///     name: "onehot".into(),
///     layer: None,
///     molecule: Molecule::Rna,
///     tokens: TokenRule::Residue,
///     special: SpecialRows::Auto,
/// };
/// let import = Import::open(settings, std::slice::from_ref(&record))?;
/// assert_eq!(import.encode(&[&record])?[0].embedding, embedding);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export(
    store: &Store,
    path: &Path,
    format: ExportFormat,
    dtype: Option<Dtype>,
    shard_bytes: u64,
) -> Result<Exported> {
    let prepared = prepare_export(store, path, format, dtype, shard_bytes)?;
    let exported = prepared.exported();
    prepared.commit_with(Vec::new())?;
    Ok(exported)
}

/// Writes every record of a store as [`export`] does, to be committed with other outputs.
///
/// # Errors
/// As [`export`].
pub fn prepare_export(
    store: &Store,
    path: &Path,
    format: ExportFormat,
    dtype: Option<Dtype>,
    shard_bytes: u64,
) -> Result<Prepared> {
    let stored = store.manifest().dtype;
    let dtype = match (dtype.unwrap_or(stored), format) {
        (Dtype::Bf16, ExportFormat::Npz | ExportFormat::Hdf5) if dtype.is_some() => {
            let problem = "NumPy and HDF5 have no such numbers";
            return Err(Error::setting("dtype", problem, "choose f32 or f16, or export to safetensors"));
        }
        (Dtype::Bf16, ExportFormat::Npz | ExportFormat::Hdf5) => Dtype::F32,
        (dtype, _) => dtype,
    };
    let mut arrays = Arrays::of(store, dtype)?;
    let folder = path.extension().is_none();
    let again = folder && format == ExportFormat::Safetensors && safetensors::is_folder(path)?;
    if !again && (path.is_dir() || folder && path.exists()) {
        return Err(Place::file(path).error("exists", "name a new file or folder for the export"));
    }
    let (output, files) = match format {
        ExportFormat::Safetensors if folder => {
            let (folder, files) = safetensors::write_folder(&mut arrays, path, shard_bytes)?;
            (Output::Folder(folder), files)
        }
        ExportFormat::Safetensors => {
            let all = 0..arrays.list.len();
            (Output::File(to_file(path, |out| safetensors::write(&mut arrays, all, out))?), 1)
        }
        ExportFormat::Npz => (Output::File(to_file(path, |out| npz::write(&mut arrays, out))?), 1),
        ExportFormat::Hdf5 => (Output::File(to_file(path, |out| hdf5::write(&mut arrays, out))?), 1),
    };
    let exported = Exported { records: store.ids().len(), arrays: arrays.list.len(), files, dtype };
    Ok(Prepared { exported, output })
}

/// Why an output was not written: the system, or something that has its sentence already.
enum Stop {
    Io(io::Error),
    Said(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Said(error)
    }
}

/// Writes one file, to be committed.
fn to_file(path: &Path, write: impl FnOnce(&mut AtomicFile) -> Result<(), Stop>) -> Result<AtomicFile> {
    let mut out = AtomicFile::create(path)?;
    write(&mut out).and_then(|()| Ok(out.flush()?)).map_err(|stop| match stop {
        Stop::Io(error) => Error::io("write", path)(error),
        Stop::Said(error) => error,
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::record::{Digest, Molecule, RecordId};
    use crate::store::{Embedding, Manifest, StoreWriter, TokenRule};

    #[test]
    fn an_export_to_a_folder_can_be_made_again_but_replaces_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let (made, path) = (place.path().join("s"), place.path().join("folder"));
        let rule = TokenRule::Residue;
        let manifest = Manifest::new(Molecule::Rna, "x", serde_json::json!({}), rule, (2, 0), Dtype::F32);
        let embedding = Embedding { length: 1, rows: 1, global: Vec::new(), values: vec![0.5, 2.0] };
        let mut writer = StoreWriter::open_or_create(&made, &manifest).unwrap();
        writer.append(&Digest::of(b"A"), &RecordId::new("r").unwrap(), &embedding).unwrap();
        writer.finish().unwrap();
        let store = Store::open(&made).unwrap();
        let export = || export(&store, &path, ExportFormat::Safetensors, None, u64::MAX);
        export().unwrap();
        let file = path.join("embeddings-00001-of-00001.safetensors");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, "stale").unwrap();
        export().unwrap();
        assert_eq!(fs::read(&file).unwrap(), bytes);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        fs::write(path.join("thesis.txt"), "mine").unwrap();
        assert!(export().unwrap_err().to_string().contains("exists"));
        assert_eq!(fs::read_to_string(path.join("thesis.txt")).unwrap(), "mine");
    }
}
