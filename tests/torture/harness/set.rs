//! Makes the good set: small inputs of every form, stores, a model of three folds, and a training that was stopped.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::files::copy;
use super::{Files, Lab, Tools, tasks};

/// Settings under which a fold is trained in a moment, and some under which it takes longer.
const SMALL: &str = "model: { width: 8, inner: 16, state: 4 }\ntraining: { epochs: 2 }\n";
const LONG: &str = "model: { width: 8, inner: 16, state: 4 }\ntraining: { epochs: 40 }\n";
/// How often a training is started to be stopped at its work.
const PATIENCE: u64 = 100;

impl Lab {
    /// Makes the good set and does every task once.
    ///
    /// # Errors
    /// A tool that does not do its work.
    pub(crate) fn of_the_suite(tools: Tools, seed: u64) -> Result<Self, String> {
        let good = tempfile::tempdir().map_err(|error| error.to_string())?;
        make(&tools, good.path())?;
        let mut lab = Self::new(tools, seed, good, tasks::all())?;
        lab.add(&tasks::LONG)?;
        lab.half_done = Some((tasks::LONG, "half"));
        Ok(lab)
    }
}

fn make(tools: &Tools, folder: &Path) -> Result<(), String> {
    let run = |tool: &str, arguments: &str| {
        let ended = tools.call(tool, &format!("{arguments} --quiet"), folder).run();
        if ended.code == Some(0) { Ok(()) } else { Err(format!("{}: {}", ended.words, ended.told())) }
    };
    run("simulate", "--classes 2 --families 10 --rna 20 --partners 20 --pairs 40 --noise 0 --output set")?;
    for name in ["rna.fa", "protein.fa", "pairs.tsv", "folds.tsv"] {
        fs::rename(folder.join("set").join(name), folder.join(name)).map_err(|error| error.to_string())?;
    }
    fs::remove_dir_all(folder.join("set")).map_err(|error| error.to_string())?;
    raw(folder);
    run("split", "random --folds 3 --pairs pairs.tsv --output splits.tsv")?;
    run("embed", "--kind rna --input rna.fa --output rna.store")?;
    run("embed", "--kind protein --input protein.fa --output protein.store")?;
    run("embed", "--kind rna --input rna.fa --encoder onehot --tokens residue --output rna.nt")?;
    run("embed", "export --store rna.nt --output rna.npz")?;
    for part in ["1/2", "2/2"] {
        run("embed", &format!("--kind rna --input rna.fa --output rna.parts --shard {part}"))?;
    }
    run("fuse-train", &format!("{} --config small.yaml --output model", tasks::TRAINED_ON))?;
    run("predict", &format!("--model model --pairs pairs.tsv {} --output predictions.tsv", tasks::STORES))?;
    stopped_training(tools, folder)
}

/// Writes the inputs as they come.
fn raw(folder: &Path) {
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file of the good set");
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("a writable folder");
    write("small.yaml", SMALL.as_bytes());
    write("long.yaml", LONG.as_bytes());
    let (rna, protein, pairs) = (read("rna.fa"), read("protein.fa"), read("pairs.tsv"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(format!("{rna}>bad one\nACGT!\n").as_bytes()).expect("memory");
    write("raw.fa.gz", &packed.finish().expect("memory"));
    write("raw.csv", format!("{pairs}rna01\tnobody\t1\n").replace('\t', ",").as_bytes());
    write("raw.smi", b"CCO\ta\nCC(=O)Oc1ccccc1C(=O)O aspirin\nC1CC\topen\n");
    let sequence = |text: &str, id: &str| {
        let mut lines = text.lines().skip_while(|line| line.strip_prefix('>') != Some(id));
        lines.nth(1).unwrap_or_default().to_owned()
    };
    let mut table = String::from("rna_sequence\tprotein_sequence\tlabel\n");
    for line in pairs.lines().skip(1) {
        if let [a, b, label] = line.split('\t').collect::<Vec<_>>()[..] {
            table.push_str(&format!("{}\t{}\t{label}\n", sequence(&rna, a), sequence(&protein, b)));
        }
    }
    write("raw.tsv", table.as_bytes());
    let first = protein.lines().take(6).collect::<Vec<_>>().join("\n");
    write("some.fa", format!("{first}\n").as_bytes());
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    copy(&data.join("lm/esm2/esm2_tiny.pt"), &folder.join("esm2.pt"));
    fs::create_dir_all(folder.join("lm")).expect("a writable folder");
    for name in ["config.json", "model.safetensors", "vocab.txt"] {
        copy(&data.join("lm/esm2").join(name), &folder.join("lm").join(name));
    }
    copy(&data.join("exchange"), &folder.join("exchange"));
}

/// Stops a training at its work, so that it leaves a checkpoint in `half`.
fn stopped_training(tools: &Tools, folder: &Path) -> Result<(), String> {
    let arguments = format!("{} --config long.yaml --output half --quiet --threads 1", tasks::TRAINED_ON);
    for attempt in 0..PATIENCE {
        let _ = fs::remove_dir_all(folder.join("half"));
        let mut running = tools.call("fuse-train", &arguments, folder).start();
        // The folder is made when everything has been read: a little later the work begins.
        while !folder.join("half").exists() && matches!(running.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(attempt));
        let _ = Command::new("kill").args(["-TERM", &running.child.id().to_string()]).output();
        let stopped = running.end().code == Some(143);
        // Stopped before its first step it leaves nothing.
        if stopped && Files::of(&folder.join("half")).0.keys().any(|name| !name.ends_with('/')) {
            return Ok(());
        }
    }
    Err("no training could be stopped at its work".into())
}
