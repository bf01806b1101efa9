//! Finds what of a store can be trusted after an interruption, and cuts off the rest.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rayon::prelude::*;

use super::complete;
use super::index::{self, Line, Location};
use super::manifest::{self, Manifest};
use crate::tensors::mapped::Mapped;
use crate::{Error, Place, Result, io};

/// What a writer starts from.
pub(super) struct Recovered {
    pub(super) lines: Vec<Line>,
    /// Lines that were cut off because they or their entries were incomplete.
    pub(super) discarded: usize,
}

/// Opens the index and locks it for as long as the file is open.
pub(super) fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let path = folder.join(index::NAME);
    if folder.join(manifest::NAME).exists() {
        // A manifest that cannot be read is refused before anything is written beside it.
        Manifest::read(folder)?;
    } else if !is_unused(folder)? {
        return Err(Place::file(folder).error(
            "holds files but is not an embedding store (it has no manifest.json)",
            "name a new folder, or an embedding store to go on with",
        ));
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(Error::io("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Place::file(folder).error(
            "another program is writing this store",
            "wait until it ends, or use `--shard i/n` to share the work",
        )),
        Err(fs::TryLockError::Error(e)) => Err(Error::io("lock", &path)(e)),
    }
}

/// Tells whether a folder holds nothing but what an interrupted start leaves.
fn is_unused(folder: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let name = entry.file_name();
        let empty_index = name == index::NAME && entry.metadata().is_ok_and(|m| m.len() == 0);
        if !empty_index && !is_leftover(&name.to_string_lossy()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tells the name of an unfinished atomic write.
fn is_leftover(name: &str) -> bool {
    [manifest::NAME, complete::NAME].iter().any(|file| name.starts_with(&format!(".{file}.")))
}

/// Writes the manifest, or checks that the one there is the same.
pub(super) fn settle_manifest(folder: &Path, wanted: &Manifest) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))?.flatten() {
        if is_leftover(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
    }
    let path = folder.join(manifest::NAME);
    if !path.exists() {
        return io::write_atomic(&path, wanted.to_json().as_bytes());
    }
    let found = Manifest::read(folder)?;
    if found.fits(wanted) {
        return Ok(());
    }
    Err(Place::file(folder).error(
        format!("was made with other settings: {} as asked now", found.differences(wanted).join(", ")),
        "use the same settings, or name another folder",
    ))
}

/// Verifies every entry, and cuts off the tail that an interrupted run left.
///
/// # Errors
/// Damage that an interruption cannot have caused: in front of whole entries.
pub(super) fn recover(folder: &Path, file: &mut File, manifest: &Manifest) -> Result<Recovered> {
    let path = folder.join(index::NAME);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Error::io("read", &path))?;
    let index = index::parse(&bytes, &path)?;
    let good = count_good(folder, &index.lines, manifest)?;
    let end = index.lines.get(good).map_or(index.end, |(_, start)| *start);
    let torn = usize::from(bytes.len() as u64 > index.end);
    let discarded = index.lines.len() - good + torn;
    if end < bytes.len() as u64 {
        complete::begin(folder, manifest)?;
    }
    let cut = |file: &mut File| {
        if end < index::HEADER.len() as u64 {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(index::HEADER.as_bytes())?;
        } else if end < bytes.len() as u64 {
            file.set_len(end)?;
        }
        file.seek(SeekFrom::End(0))?;
        file.sync_all()
    };
    cut(file).map_err(Error::io("write", &path))?;
    let lines: Vec<Line> = index.lines.into_iter().take(good).map(|(line, _)| line).collect();
    cut_shards(folder, last_end(&lines, manifest))?;
    Ok(Recovered { lines, discarded })
}

/// Gives the shard and the byte where the next entry goes.
pub(super) fn last_end(lines: &[Line], manifest: &Manifest) -> (u32, u64) {
    let ends = lines.iter().map(|line| (line.location.shard, line.location.end(manifest)));
    ends.max().unwrap_or((0, 0))
}

/// Counts the lines in front of the first whose entry is incomplete.
fn count_good(folder: &Path, lines: &[(Line, u64)], manifest: &Manifest) -> Result<usize> {
    let path_of = |location: &Location| folder.join(index::shard_name(location.shard));
    let mut shards = Vec::new();
    let mut next = (0u32, 0u64);
    for (number, (line, _)) in lines.iter().enumerate() {
        let Location { shard, offset, .. } = line.location;
        let follows = (shard, offset) == next || (Some(shard), offset) == (next.0.checked_add(1), 0);
        if follows {
            next = (shard, line.location.end(manifest));
        } else if (shard, line.location.end(manifest)) > next {
            let place = Place::file(folder.join(index::NAME)).line(number as u64 + 2).record(&line.id);
            return Err(place.error(
                "does not follow the line before it",
                "restore the file, or delete the store and make it again with crossmamba-embed",
            ));
        }
        while shards.len() <= shard as usize {
            shards.push(Mapped::open_or_empty(&folder.join(index::shard_name(shards.len() as u32)))?);
        }
    }
    let whole = |(line, _): &(Line, u64)| {
        let location = line.location;
        shards[location.shard as usize]
            .range(location.offset, location.end(manifest))
            .is_some_and(|bytes| index::crc(bytes) == location.checksum)
    };
    let whole: Vec<bool> = lines.par_iter().map(whole).collect();
    let good = whole.iter().position(|whole| !whole).unwrap_or(lines.len());
    // A line for a further id repeats an earlier entry, so only new entries tell whether sound bytes follow.
    let (_, first_bad) =
        lines.get(good).map_or((0, u64::MAX), |(l, _)| (l.location.shard, l.location.offset));
    let later = lines.iter().zip(&whole).skip(good).find(|((line, _), whole)| {
        let bad = &lines[good].0.location;
        **whole && (line.location.shard, line.location.offset) > (bad.shard, first_bad)
    });
    if later.is_some() {
        let line = &lines[good].0;
        return Err(Place::file(path_of(&line.location)).record(&line.id).error(
            format!("the entry at byte {} does not fit its checksum", line.location.offset),
            "restore the file, or delete the store and make it again with crossmamba-embed",
        ));
    }
    Ok(good)
}

/// Cuts the last shard to its sound length and removes the ones behind it.
fn cut_shards(folder: &Path, (last, end): (u32, u64)) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(|n| n.strip_prefix("shard-")?.strip_suffix(".bin")) else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else { continue };
        let path = entry.path();
        if number > last || end == 0 {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        } else if number == last {
            let file = OpenOptions::new().write(true).open(&path).map_err(Error::io("write", &path))?;
            let length = file.metadata().map_err(Error::io("read", &path))?.len();
            if length > end {
                file.set_len(end).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
            }
        }
    }
    Ok(())
}
