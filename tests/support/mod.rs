//! Runs the tools as a user does, each in a folder of its own, and looks at what they say and leave.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary folder in which tools run; names in it are relative.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

/// What a run left: exit code, output and messages.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Gives the full path of a name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a written file");
        self
    }

    /// Reads a file as text.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Reads a file's bytes.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Copies a file or a folder from elsewhere.
    pub(crate) fn copy(&self, from: &Path, name: &str) -> &Self {
        if from.is_dir() {
            std::fs::create_dir_all(self.path(name)).expect("a folder");
            for entry in std::fs::read_dir(from).expect("a readable folder") {
                let path = entry.expect("an entry").path();
                let inner = path.file_name().expect("a name").to_string_lossy().into_owned();
                let inner = if name.is_empty() { inner } else { format!("{name}/{inner}") };
                self.copy(&path, &inner);
            }
        } else {
            std::fs::copy(from, self.path(name)).expect("a copied file");
        }
        self
    }

    /// Lists every file below the folder, sorted, with `/` in the names.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a readable folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).expect("a path below the folder");
                    found.insert(name.to_string_lossy().into_owned());
                }
            }
        }
        found
    }

    /// Runs `crossmamba-<tool>` with arguments separated by blanks.
    pub(crate) fn run(&self, tool: &str, arguments: &str) -> Ran {
        self.run_with(tool, arguments, b"")
    }

    /// Runs a tool with something on its standard input.
    pub(crate) fn run_with(&self, tool: &str, arguments: &str, stdin: &[u8]) -> Ran {
        let mut child = Command::new(binary(tool))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("CROSSMAMBA_THREADS")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        // A tool that fails early closes its input: a broken pipe here is no failure of the test.
        let _ = child.stdin.take().expect("a piped input").write_all(stdin);
        let output = child.wait_with_output().expect("the tool ends");
        Ran {
            command: format!("crossmamba-{tool} {arguments}"),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Asserts exit code 0.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        self.ended(0)
    }

    /// Asserts an exit code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.command, self.stderr);
        self
    }

    /// Asserts that the messages hold some words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "{}\nexpected: {words}\nsaid: {}", self.command, self.stderr);
        self
    }
}

/// Gives the path of a tool's binary, as built for this test.
pub(crate) fn binary(tool: &str) -> &'static str {
    match tool {
        "simulate" => env!("CARGO_BIN_EXE_crossmamba-simulate"),
        "parse" => env!("CARGO_BIN_EXE_crossmamba-parse"),
        "cluster" => env!("CARGO_BIN_EXE_crossmamba-cluster"),
        "split" => env!("CARGO_BIN_EXE_crossmamba-split"),
        "embed" => env!("CARGO_BIN_EXE_crossmamba-embed"),
        "fuse-train" => env!("CARGO_BIN_EXE_crossmamba-fuse-train"),
        "predict" => env!("CARGO_BIN_EXE_crossmamba-predict"),
        "evaluate" => env!("CARGO_BIN_EXE_crossmamba-evaluate"),
        "audit" => env!("CARGO_BIN_EXE_crossmamba-audit"),
        other => panic!("no tool is named {other}"),
    }
}
