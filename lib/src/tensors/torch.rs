//! Reads what `torch.save` writes: a zip archive with one pickle and one stored entry per storage.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use flate2::Crc;

use super::archive::{self, Entries, Entry, Method};
use super::fault::{Fault, short};
use super::pickle::{self, Id, Node, Nodes, Strided};
use super::slot::Slot;

/// More tensors than any checkpoint has.
const MOST_TENSORS: usize = 100_000;
/// Deeper nesting than results of any tool have.
const DEEPEST: usize = 16;
/// Longer than any name of a tensor.
const LONGEST_NAME: usize = 1000;
const RESAVE: &str = "load it in Python with weights_only=True and save its state dict with torch.save";

/// One torch file: its structure and its tensors.
pub(super) struct Torch {
    pub(super) nodes: Nodes,
    /// The place of every tensor of the structure.
    pub(super) slots: HashMap<Id, Slot>,
    /// The storages, for [`Slot::storage`].
    pub(super) storages: Vec<Stored>,
}

/// One storage and its checksum, which is compared when its values are first asked for.
pub(super) struct Stored {
    name: String,
    bytes: Range<usize>,
    crc: u32,
    good: OnceLock<bool>,
}

impl Stored {
    fn new(name: &str, entry: &Entry) -> Self {
        Self { name: name.to_owned(), bytes: entry.bytes.clone(), crc: entry.crc, good: OnceLock::new() }
    }

    /// Compares the checksum, once.
    pub(super) fn check(&self, file: &[u8]) -> Result<(), Fault> {
        let good = *self.good.get_or_init(|| {
            let mut crc = Crc::new();
            // A checksum counts its bytes in 32 bits; pieces keep it right for long storages.
            file[self.bytes.clone()].chunks(1 << 30).for_each(|piece| crc.update(piece));
            crc.sum() == self.crc
        });
        let name = short(&self.name);
        if good { Ok(()) } else { Err(Fault::damaged(format!("entry `{name}` does not have its checksum"))) }
    }
}

/// Tells files of torch before 1.6: a tar archive, or a bare pickle that starts with torch's magic number.
pub(super) fn is_legacy(bytes: &[u8]) -> bool {
    let tar = bytes.get(257..262) == Some(b"ustar");
    tar || (bytes.first() == Some(&0x80) && bytes.get(1).is_some_and(|&protocol| protocol <= 5))
}

/// Reads the archive's directory and its pickle, and finds every tensor's values.
pub(super) fn read(file: &[u8]) -> Result<Torch, Fault> {
    let entries = archive::read(file)?;
    let (root, pickle) = main_pickle(&entries)?;
    if let Some(order) = entries.get(&format!("{root}byteorder"))
        && file[order.bytes.clone()] != *b"little"
    {
        return Err(Fault::new("its numbers are not little-endian", RESAVE));
    }
    if entries.contains_key(&format!("{root}constants.pkl")) {
        return Err(Fault::new("is a TorchScript program, not a table of weights", RESAVE));
    }
    let name = format!("{root}data.pkl");
    stored(&name, pickle)?;
    if pickle.size > pickle::LONGEST {
        let problem = format!("its pickle has {} bytes, more than weights need", pickle.size);
        return Err(Fault::new(problem, RESAVE));
    }
    Stored::new(&name, pickle).check(file)?;
    let nodes = pickle::run(&file[pickle.bytes.clone()])?;
    let (mut slots, mut storages) = (HashMap::new(), Vec::new());
    let mut known = HashMap::new();
    for (id, node) in nodes.iter() {
        let Node::Tensor(tensor) = node else { continue };
        if slots.len() == MOST_TENSORS {
            return Err(Fault::damaged(format!("it would hold more than {MOST_TENSORS} tensors")));
        }
        let key = nodes.text(tensor.storage.key);
        let key =
            key.ok_or_else(|| Fault::damaged("the pickle names a storage by something that is not text"))?;
        let (name, entry) = storage(&entries, root, key)?;
        let mut slot = place(tensor, name, entry)?;
        slot.storage = Some(*known.entry(entry.bytes.start).or_insert_with(|| {
            storages.push(Stored::new(name, entry));
            storages.len() - 1
        }));
        slots.insert(id, slot);
    }
    Ok(Torch { nodes, slots, storages })
}

/// Finds the pickle: `data.pkl`, as a rule inside one folder.
fn main_pickle(entries: &Entries) -> Result<(&str, &Entry), Fault> {
    let mut found = entries.iter().filter_map(|(name, entry)| {
        let root = name.strip_suffix("data.pkl")?;
        let folder = root.strip_suffix('/');
        (root.is_empty() || folder.is_some_and(|folder| !folder.contains('/'))).then_some((root, entry))
    });
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => Err(Fault::new(
            "is a zip archive without `data.pkl`, so torch did not write it",
            "name a file of weights",
        )),
        (Some(_), Some(_)) => Err(Fault::damaged("the archive holds two files `data.pkl`")),
    }
}

/// Finds the entry of a storage.
fn storage<'e>(entries: &'e Entries, root: &str, key: &str) -> Result<(&'e str, &'e Entry), Fault> {
    let lost = || Fault::damaged(format!("the archive lacks the values `data/{}`", short(key)));
    if key.len() > LONGEST_NAME {
        return Err(lost());
    }
    let (name, entry) = entries.get_key_value(&format!("{root}data/{key}")).ok_or_else(lost)?;
    stored(name, entry)?;
    Ok((name, entry))
}

/// Refuses what would have to be unpacked: weights are mapped as they are, and torch never compresses.
fn stored(name: &str, entry: &Entry) -> Result<(), Fault> {
    if entry.method == Method::Stored {
        return Ok(());
    }
    let problem = format!("entry `{}` is compressed, which torch never does", short(name));
    Err(Fault::new(problem, "unzip the archive and zip it again without compression (`zip -0`)"))
}

/// Checks a tensor against its storage and the storage against its entry.
fn place(tensor: &Strided, name: &str, entry: &Entry) -> Result<Slot, Fault> {
    let unit = tensor.storage.dtype.map_or(1, super::ElementType::size);
    let length = tensor.storage.length.checked_mul(unit);
    let Some(length) = length.filter(|&length| length <= entry.bytes.len()) else {
        let problem = format!(
            "entry `{}` has {} bytes, too few for {} values of {unit} bytes",
            short(name),
            entry.bytes.len(),
            tensor.storage.length
        );
        return Err(Fault::damaged(problem));
    };
    let room = (entry.bytes.start, length / tensor.dtype.size());
    Slot::strided(tensor.dtype, tensor.shape.clone(), tensor.strides.clone(), room, tensor.offset)
        .map_err(|problem| Fault::damaged(format!("a tensor in entry `{}` {problem}", short(name))))
}

impl Torch {
    /// Names the tensors: those of the state dict, which is the whole or stands under a usual key; or, where
    /// there is none, every tensor by the keys that lead to it, as in `representations.33`.
    pub(super) fn names(&self) -> Result<BTreeMap<String, Slot>, Fault> {
        let root = self.nodes.root();
        let count = |id: Id| {
            let named = |&&(key, value): &&(Id, Id)| {
                self.nodes.text(key).is_some() && matches!(self.nodes.get(value), Node::Tensor(_))
            };
            self.nodes.entries(id).iter().filter(named).count()
        };
        let mut best = (count(root), root);
        for &(key, value) in self.nodes.entries(root) {
            if matches!(self.nodes.text(key), Some("model" | "state_dict" | "model_state_dict"))
                && count(value) > best.0
            {
                best = (count(value), value);
            }
        }
        let mut names = BTreeMap::new();
        if best.0 > 0 {
            for &(key, value) in self.nodes.entries(best.1) {
                if let (Some(name), Some(slot)) = (self.nodes.text(key), self.slots.get(&value)) {
                    insert(&mut names, name.to_owned(), slot)?;
                }
            }
        } else {
            self.walk(&mut names)?;
        }
        Ok(names)
    }

    fn walk(&self, names: &mut BTreeMap<String, Slot>) -> Result<(), Fault> {
        let mut seen = vec![false; self.nodes.iter().count()];
        let mut open = vec![(self.nodes.root(), String::new(), 0)];
        while let Some((id, path, depth)) = open.pop() {
            if let Some(slot) = self.slots.get(&id) {
                insert(names, path, slot)?;
                continue;
            }
            // A container is entered once: shared ones could make a small file look endless.
            if depth == DEEPEST || std::mem::replace(&mut seen[id as usize], true) {
                continue;
            }
            let mut add = |key: &str, child: Id| {
                if path.len() + key.len() < LONGEST_NAME {
                    let name = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                    open.push((child, name, depth + 1));
                }
            };
            match self.nodes.get(id) {
                Node::List(parts) => {
                    parts.iter().enumerate().for_each(|(i, &part)| add(&i.to_string(), part));
                }
                Node::Tuple(parts) => {
                    parts.iter().enumerate().for_each(|(i, &part)| add(&i.to_string(), part));
                }
                _ => {
                    for &(key, value) in self.nodes.entries(id) {
                        match self.nodes.get(key) {
                            Node::Text(key) => add(key, value),
                            Node::Int(key) => add(&key.to_string(), value),
                            _ => (),
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn insert(names: &mut BTreeMap<String, Slot>, name: String, slot: &Slot) -> Result<(), Fault> {
    if name.len() > LONGEST_NAME {
        return Err(Fault::damaged(format!("a tensor has the name `{}`", short(&name))));
    }
    if names.contains_key(&name) {
        return Err(Fault::damaged(format!("holds the tensor `{}` twice", short(&name))));
    }
    names.insert(name, slot.clone());
    Ok(())
}

#[cfg(test)]
mod tests;
