//! The good set with what each task makes of it, and copies of it in which tries are made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::files::copy;
use super::{Call, Ended, Expected, Files, Task, Tools, Verdict};

/// The good set, the tasks, and what they give.
pub(crate) struct Lab {
    pub(crate) tools: Tools,
    pub(crate) seed: u64,
    pub(crate) tasks: Vec<Task>,
    /// A task, and the folder of the good set that holds what an interrupted run of it left.
    pub(crate) half_done: Option<(Task, &'static str)>,
    expected: BTreeMap<&'static str, Expected>,
    good: tempfile::TempDir,
}

/// A copy of the good set, with an empty folder `new`.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Lab {
    /// Takes a folder with a good set, and does every task once.
    ///
    /// # Errors
    /// A task that fails: then there is nothing to compare with.
    pub(crate) fn new(
        tools: Tools,
        seed: u64,
        good: tempfile::TempDir,
        tasks: Vec<Task>,
    ) -> Result<Self, String> {
        let mut lab = Self { tools, seed, tasks, half_done: None, expected: BTreeMap::new(), good };
        for task in lab.tasks.clone() {
            lab.add(&task)?;
        }
        Ok(lab)
    }

    /// Does a task once, for comparison.
    pub(crate) fn add(&mut self, task: &Task) -> Result<(), String> {
        let expected = self.measure(task)?;
        self.expected.insert(task.name, expected);
        Ok(())
    }

    fn measure(&self, task: &Task) -> Result<Expected, String> {
        let place = self.place();
        let start = Instant::now();
        let ended = self.call(task, &place).run();
        let milliseconds = start.elapsed().as_millis() as u64;
        let Some(code @ (0 | 1)) = ended.code else {
            return Err(format!("{}: {}", ended.words, ended.told()));
        };
        let files = place.new_files();
        let mut read = Files::default();
        if let Some(ended) = self.read(task, &place) {
            if ended.code != Some(0) {
                return Err(format!("{}: {}", ended.words, ended.told()));
            }
            read = place.take_read();
        }
        Ok(Expected { code, files, read, milliseconds })
    }

    /// Makes a fresh copy of the good set.
    pub(crate) fn place(&self) -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a temporary folder") };
        copy(self.good.path(), place.path());
        fs::create_dir_all(place.at("new")).expect("a folder");
        place
    }

    /// Puts what a task gives into a place.
    pub(crate) fn put_new(&self, task: &Task, place: &Place) {
        for (name, bytes) in &self.expected(task).files.0 {
            let path = place.at(&format!("new/{name}"));
            let made = if name.ends_with('/') { fs::create_dir_all(path) } else { fs::write(path, bytes) };
            made.expect("a writable folder");
        }
    }

    /// Gives what a task gives when nothing disturbs it.
    pub(crate) fn expected(&self, task: &Task) -> &Expected {
        &self.expected[task.name]
    }

    /// Checks the outputs of a run that may have gone on with what was there, and that is free to count it.
    pub(crate) fn same_again(&self, task: &Task, place: &Place) -> Verdict {
        let without = |files: &Files| {
            let mut files = files.clone();
            for (name, bytes) in &mut files.0 {
                if task.counts.contains(&name.as_str()) {
                    bytes.clear();
                }
                // Digits of a digest say the same in either case, and a text without its last end of line does.
                if Path::new(name).extension().is_some_and(|suffix| suffix == "json") {
                    bytes.make_ascii_lowercase();
                }
                if bytes.ends_with(b"\n") {
                    bytes.pop();
                }
            }
            files
        };
        let difference = without(&place.new_files()).difference(&without(&self.expected(task).files));
        difference.map_or(Ok(()), |difference| Err(format!("other outputs: {difference}")))
    }

    /// Lists the files of the good set below a name, which may be a file itself.
    pub(crate) fn files_of(&self, name: &str) -> Vec<(String, usize)> {
        let path = self.good.path().join(name);
        if path.is_file() {
            return vec![(name.to_owned(), fs::metadata(path).map_or(0, |found| found.len() as usize))];
        }
        let files = Files::of(&path).0.into_iter().filter(|(inner, _)| !inner.ends_with('/'));
        files.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes.len())).collect()
    }

    /// Gives the call of a task.
    pub(crate) fn call(&self, task: &Task, place: &Place) -> Call {
        self.tool(task.tool, task.arguments, place)
    }

    /// Gives the call that goes on with a task.
    pub(crate) fn call_again(&self, task: &Task, place: &Place) -> Call {
        let there = task.grows.iter().any(|name| place.at(&format!("new/{name}")).exists());
        let more = if there { task.resume } else { "" };
        self.tool(task.tool, &format!("{} {more}", task.arguments), place)
    }

    /// Gives the call of a tool that says errors alone, with one thread.
    pub(crate) fn tool(&self, tool: &str, arguments: &str, place: &Place) -> Call {
        self.tools.call(tool, &format!("{arguments} --quiet --threads 1"), place.path())
    }

    /// Reads what a task has made.
    pub(crate) fn read(&self, task: &Task, place: &Place) -> Option<Ended> {
        task.reader.map(|(tool, arguments)| self.tool(tool, arguments, place).run())
    }
}

impl Place {
    /// Gives its path.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the path of a name in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.at(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Reads all its files but those of `new`.
    pub(crate) fn inputs(&self) -> Files {
        let mut files = Files::of(self.path());
        files.0.retain(|name, _| !name.starts_with("new/"));
        files
    }

    /// Reads the files of `new`.
    pub(crate) fn new_files(&self) -> Files {
        Files::of(&self.at("new"))
    }

    /// Reads and removes what the reader of outputs wrote.
    pub(crate) fn take_read(&self) -> Files {
        let mut files = self.new_files();
        files.0.retain(|name, _| name.starts_with("read"));
        for name in files.0.keys() {
            let _ = fs::remove_file(self.at(&format!("new/{name}")));
        }
        files
    }

    /// Keeps the folder for looking at.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}
