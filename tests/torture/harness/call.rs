//! Starts a tool within bounds of time and memory, and says how it ended.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds after which a tool is taken to wait for ever, however busy the machine is; its own time is bounded apart.
const PATIENCE: u64 = 600;
/// The longest sentence.
const LONGEST: usize = 2000;

/// Where the tools are.
#[derive(Debug, Clone)]
pub(crate) struct Tools(pub(crate) PathBuf);

/// A command that is to be run by bash.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What stands in front of the tool, such as a tracer.
    pub(crate) before: Vec<String>,
    /// The tool and its arguments.
    pub(crate) words: Vec<String>,
    /// What bash is to do with it; `"$@"` is the command.
    pub(crate) script: String,
    /// The most address space, in MiB.
    pub(crate) memory: u64,
    /// The most processor time, in seconds.
    pub(crate) seconds: u64,
    folder: PathBuf,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) words: String,
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// A command that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    words: String,
    said: tempfile::TempDir,
    start: Instant,
}

impl Tools {
    /// Makes a call of a tool with arguments separated by blanks.
    pub(crate) fn call(&self, tool: &str, arguments: &str, folder: &Path) -> Call {
        let path = self.0.join(format!("crossmamba-{tool}")).to_string_lossy().into_owned();
        let words = std::iter::once(path).chain(arguments.split_whitespace().map(str::to_owned)).collect();
        let script = "exec \"$@\"".to_owned();
        Call { before: Vec::new(), words, script, memory: 4096, seconds: 60, folder: folder.to_path_buf() }
    }
}

impl Call {
    /// Gives the command to bash in another way.
    pub(crate) fn script(mut self, script: &str) -> Self {
        script.clone_into(&mut self.script);
        self
    }

    /// Bounds memory (MiB of address space) and processor time (seconds).
    pub(crate) fn within(mut self, memory: u64, seconds: u64) -> Self {
        (self.memory, self.seconds) = (memory, seconds);
        self
    }

    /// Lets another program start the tool.
    pub(crate) fn under(mut self, program: &[&str]) -> Self {
        self.before = program.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Running {
        let said = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| File::create(said.path().join(name)).expect("a writable folder");
        let bounds = format!("ulimit -v {} -t {} -c 0; {}", self.memory * 1024, self.seconds, self.script);
        let child = Command::new("bash")
            .args(["-c", &bounds, "bash"])
            .args(&self.before)
            .args(&self.words)
            .current_dir(&self.folder)
            .env_remove("CROSSMAMBA_THREADS")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(file("out"))
            .stderr(file("err"))
            .process_group(0)
            .spawn()
            .expect("bash starts");
        Running { child, words: self.words.join(" "), said, start: Instant::now() }
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Ended {
        self.start().end()
    }
}

impl Running {
    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let mut pause = 1;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break Some(status);
            }
            if self.start.elapsed() > Duration::from_secs(PATIENCE) {
                self.kill();
                let _ = self.child.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(pause));
            pause = (pause + 1).min(10);
        };
        let said = fs::read(self.said.path().join("err")).unwrap_or_default();
        let mut stderr = String::from_utf8_lossy(&said).into_owned();
        if status.is_none() {
            stderr.push_str("(it did not end)\n");
        }
        let signal = status.and_then(|status| status.signal());
        if let Some(signal) = signal {
            stderr.push_str(&format!("(signal {signal} ended it)\n"));
        }
        Ended { words: self.words, code: status.and_then(|status| status.code()), stderr }
    }

    /// Kills it, with all that it started.
    pub(crate) fn kill(&self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

impl Ended {
    /// Checks that it ended with exit code 2 and one sentence.
    pub(crate) fn refused(&self) -> Result<(), String> {
        if self.code != Some(2) {
            return Err(format!("{}, not exit code 2 and a sentence", self.told()));
        }
        self.sentence()
    }

    /// Checks that its words are one sentence.
    pub(crate) fn sentence(&self) -> Result<(), String> {
        let said = self.stderr.trim_end_matches('\n');
        // What the command line's own reader says has several lines, with the usage at the end.
        let usage = said.starts_with("error: ");
        let wrong = if said.contains("panicked") {
            "a panic"
        } else if !usage && (said.contains('\n') || !said.contains(": error: ")) {
            "not one sentence"
        } else if said.len() > LONGEST {
            "a sentence too long"
        } else if said.chars().any(|c| c.is_control() && c != '\n') {
            "control characters"
        } else {
            return Ok(());
        };
        Err(format!("{wrong}: {}", self.told()))
    }

    /// Says how it ended, and the first of what it said.
    pub(crate) fn told(&self) -> String {
        let said: String = self.stderr.trim().chars().take(300).collect();
        let code = self.code.map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"));
        format!("{code} ({})", said.escape_debug())
    }
}
