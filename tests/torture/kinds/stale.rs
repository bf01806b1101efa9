//! Stale data: what was computed from something else is computed again or refused, and never handed on.

use std::fs;

use crate::harness::{Ended, Files, Lab, Place, Plan, Verdict, copy};

/// A case.
type Case = fn(&Lab, &Place) -> Verdict;

const EMBED: &str = "--kind rna --input rna.fa --output new/store";
const IMPORT: &str =
    "--kind rna --input rna.fa --encoder import --from rna.npz --name other --output new/store";
const ESM2: &str = "--kind protein --input some.fa --encoder esm2 --checkpoint lm --output new/store";
const TRAIN: &str = "--pairs pairs.tsv --splits splits.tsv --rna-store rna.store --partner-store protein.store \
                     --config small.yaml --output new/out";
const PREDICT: &str =
    "--pairs pairs.tsv --rna-store rna.store --partner-store protein.store --output new/out.tsv";

const CASES: &[(&str, Case)] = &[
    ("a sequence changed under its id", |lab, place| {
        run(lab, place, "embed", EMBED)?;
        change_sequences(place);
        exports_as_fresh(lab, place, &[EMBED])
    }),
    ("a sequence changed under its id, in a store of parts, all of them again", |lab, place| {
        parts(lab, place, &["1/2", "2/2"])?;
        change_sequences(place);
        exports_as_fresh(lab, place, &[&part("1/2"), &part("2/2")])
    }),
    ("a sequence changed under its id, in a store of parts, again in the other order", |lab, place| {
        parts(lab, place, &["1/2", "2/2"])?;
        change_sequences(place);
        exports_as_fresh(lab, place, &[&part("2/2"), &part("1/2")])
    }),
    ("a sequence changed under its id, in one part of a store", |lab, place| {
        parts(lab, place, &["1/2", "2/2"])?;
        change_sequences(place);
        run(lab, place, "embed", &part("2/2"))?;
        refused_or(lab, place, "embed", "export --store new/store --output new/out.npz", |place| {
            // What it gives for an identifier must be of one set of sequences; half of each would be neither.
            let read = fs::read(place.at("new/out.npz")).unwrap_or_default();
            Err(format!("parts of two sets of sequences are read as one ({} bytes)", read.len()))
        })
    }),
    ("the source of an import changed", |lab, place| {
        run(lab, place, "embed", IMPORT)?;
        other_import(lab, place)?;
        exports_as_fresh(lab, place, &[IMPORT])
    }),
    ("the configuration of a language model changed", |lab, place| {
        run(lab, place, "embed", ESM2)?;
        edit(place, "lm/config.json", |text| {
            text.replace("\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 0.1")
        })?;
        exports_as_fresh(lab, place, &[ESM2])
    }),
    ("the weights of a language model changed", |lab, place| {
        run(lab, place, "embed", ESM2)?;
        flip(place, "lm/model.safetensors", 150_000);
        exports_as_fresh(lab, place, &[ESM2])
    }),
    ("the tokens of a language model changed", |lab, place| {
        run(lab, place, "embed", ESM2)?;
        edit(place, "lm/vocab.txt", |text| text.replace("\nL\n", "\n-\n").replacen("\nA\n", "\nL\n", 1))?;
        exports_as_fresh(lab, place, &[ESM2])
    }),
    ("other settings for a store", |lab, place| {
        run(lab, place, "embed", EMBED)?;
        exports_as_fresh(lab, place, &[&format!("{EMBED} --max-windows 1")])
    }),
    ("a store changed before a training goes on", |lab, place| {
        run(lab, place, "fuse-train", &format!("{TRAIN} --fold fold-0"))?;
        change_sequences(place);
        fs::remove_dir_all(place.at("rna.store")).expect("a removed store");
        run(lab, place, "embed", "--kind rna --input rna.fa --output rna.store")?;
        must_be_refused(lab, place, "fuse-train", &format!("{TRAIN} --resume"))
    }),
    ("labels changed before a training goes on", |lab, place| {
        goes_on_after(lab, place, "pairs.tsv", "\t1\n", "\t0\n")
    }),
    ("folds changed before a training goes on", |lab, place| {
        goes_on_after(lab, place, "splits.tsv", "\t1\n", "\t0\n")
    }),
    ("settings changed before a training goes on", |lab, place| {
        goes_on_after(lab, place, "small.yaml", "width: 8", "width: 4")
    }),
    ("another seed for a training that goes on", |lab, place| {
        run(lab, place, "fuse-train", &format!("{TRAIN} --fold fold-0"))?;
        must_be_refused(lab, place, "fuse-train", &format!("{TRAIN} --resume --seed 2"))
    }),
    ("a checkpoint of another training", |lab, place| {
        let half = TRAIN.replace("small.yaml", "long.yaml").replace("new/out", "half");
        must_be_refused(lab, place, "fuse-train", &format!("{half} --resume --seed 2"))
    }),
    ("a fold that is missing", |lab, place| {
        fs::remove_dir_all(place.at("model/fold-1")).expect("a removed fold");
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("the last fold that is missing", |lab, place| {
        fs::remove_dir_all(place.at("model/fold-2")).expect("a removed fold");
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a fold without its model", |lab, place| {
        fs::remove_file(place.at("model/fold-2/model.json")).expect("a removed file");
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a fold of another training", |lab, place| {
        run(lab, place, "fuse-train", &format!("{TRAIN} --seed 2"))?;
        replace_folder(place, "new/out/fold-1", "model/fold-1");
        fs::remove_dir_all(place.at("new/out")).expect("a removed folder");
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a fold in the place of another", |lab, place| {
        replace_folder(place, "model/fold-0", "model/fold-1");
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a fold too many", |lab, place| {
        copy(&place.at("model/fold-0"), &place.at("model/fold-3"));
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("weights of another fold", |lab, place| {
        copy(
            &place.at("model/fold-0/weights-0.safetensors"),
            &place.at("model/fold-1/weights-0.safetensors"),
        );
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a model's stores exchanged", |lab, place| {
        let arguments = PREDICT.replace("protein.store", "x").replace("rna.store", "protein.store");
        must_be_refused(
            lab,
            place,
            "predict",
            &format!("--model model {}", arguments.replace(" x ", " rna.store ")),
        )
    }),
    ("a store of other settings for a model", |lab, place| {
        let arguments = "--kind rna --input rna.fa --window 64 --output other.store";
        run(lab, place, "embed", arguments)?;
        must_be_refused(
            lab,
            place,
            "predict",
            &format!("--model model {}", PREDICT.replace("rna.store", "other.store")),
        )
    }),
    ("an index of another store", |lab, place| {
        copy(&place.at("protein.store/index.tsv"), &place.at("rna.store/index.tsv"));
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("index and seal of another store", |lab, place| {
        for name in ["index.tsv", "complete.json"] {
            copy(&place.at("protein.store").join(name), &place.at("rna.store").join(name));
        }
        must_be_refused(lab, place, "predict", &format!("--model model {PREDICT}"))
    }),
    ("a part of a store that is missing", |lab, place| {
        fs::remove_dir_all(place.at("rna.parts/part-2-of-2")).expect("a removed part");
        let arguments = PREDICT.replace("rna.store", "rna.parts");
        must_be_refused(lab, place, "predict", &format!("--model model {arguments}"))
    }),
    ("a part of a store of other settings", |lab, place| {
        parts(lab, place, &["1/2"])?;
        run(
            lab,
            place,
            "embed",
            &format!("{} --max-windows 1", part("2/2").replace("new/store", "new/other")),
        )?;
        copy(&place.at("new/other/part-2-of-2"), &place.at("new/store/part-2-of-2"));
        fs::remove_dir_all(place.at("new/other")).expect("a removed store");
        must_be_refused(lab, place, "embed", "export --store new/store --output new/out.npz")
    }),
];

/// Lists the tries.
pub(crate) fn plan(_: &Lab) -> Plan {
    let mut plan = Plan::default();
    for (name, case) in CASES {
        plan.add(*name, case);
    }
    plan
}

fn part(which: &str) -> String {
    format!("{EMBED} --shard {which}")
}

fn parts(lab: &Lab, place: &Place, which: &[&str]) -> Verdict {
    which.iter().try_for_each(|which| run(lab, place, "embed", &part(which)))
}

/// Runs a tool that must do its work.
fn run(lab: &Lab, place: &Place, tool: &str, arguments: &str) -> Verdict {
    let ended = lab.tool(tool, arguments, place).run();
    if ended.code == Some(0) { Ok(()) } else { Err(format!("{}: {}", ended.words, ended.told())) }
}

/// Runs a tool that must refuse, and leave what there is as it is.
fn must_be_refused(lab: &Lab, place: &Place, tool: &str, arguments: &str) -> Verdict {
    refused_or(lab, place, tool, arguments, |_| Err("it was not refused".into()))
}

fn refused_or(
    lab: &Lab,
    place: &Place,
    tool: &str,
    arguments: &str,
    done: impl Fn(&Place) -> Verdict,
) -> Verdict {
    let before = Files::of(place.path());
    let ended: Ended = lab.tool(tool, arguments, place).run();
    if ended.code == Some(0) {
        return done(place);
    }
    ended.refused()?;
    let changed = Files::of(place.path()).difference(&before);
    changed.map_or(Ok(()), |difference| Err(format!("it failed, but {difference}")))
}

/// Runs commands again that may refuse; if they do not, their store must hold what a fresh one holds.
fn exports_as_fresh(lab: &Lab, place: &Place, commands: &[&str]) -> Verdict {
    for command in commands {
        let ended = lab.tool("embed", command, place).run();
        if ended.code != Some(0) {
            return ended.refused();
        }
    }
    for command in commands {
        run(lab, place, "embed", &command.replace("new/store", "new/fresh"))?;
    }
    run(lab, place, "embed", "export --store new/fresh --output new/fresh.npz")?;
    let ended = lab.tool("embed", "export --store new/store --output new/store.npz", place).run();
    if ended.code != Some(0) {
        return ended.refused();
    }
    let read = |name: &str| fs::read(place.at(name)).unwrap_or_default();
    if read("new/store.npz") != read("new/fresh.npz") {
        return Err("the store holds other values than a fresh one".into());
    }
    Ok(())
}

fn goes_on_after(lab: &Lab, place: &Place, file: &str, from: &str, to: &str) -> Verdict {
    run(lab, place, "fuse-train", &format!("{TRAIN} --fold fold-0"))?;
    edit(place, file, |text| text.replacen(from, to, 1))?;
    must_be_refused(lab, place, "fuse-train", &format!("{TRAIN} --resume"))
}

/// Changes a file, which must make it another.
fn edit(place: &Place, file: &str, change: impl Fn(&str) -> String) -> Verdict {
    let text = fs::read_to_string(place.at(file)).expect("a text");
    let changed = change(&text);
    if changed == text {
        return Err(format!("{file} does not hold what is to be changed"));
    }
    place.write(file, changed);
    Ok(())
}

fn flip(place: &Place, file: &str, at: usize) {
    let mut bytes = fs::read(place.at(file)).expect("a file");
    bytes[at] ^= 1;
    place.write(file, bytes);
}

/// Exchanges two letters in every sequence.
fn change_sequences(place: &Place) {
    let text = fs::read_to_string(place.at("rna.fa")).expect("the sequences");
    let exchange = |letter| match letter {
        'A' => 'G',
        'G' => 'A',
        other => other,
    };
    let changed = |line: &str| {
        if line.starts_with('>') {
            return format!("{line}\n");
        }
        line.chars().map(exchange).chain(['\n']).collect()
    };
    place.write("rna.fa", text.lines().map(changed).collect::<String>());
}

/// Makes embeddings of the same shape with other values.
fn other_import(lab: &Lab, place: &Place) -> Verdict {
    let text = fs::read(place.at("rna.fa")).expect("the sequences");
    change_sequences(place);
    run(
        lab,
        place,
        "embed",
        "--kind rna --input rna.fa --encoder onehot --tokens residue --output new/changed",
    )?;
    fs::remove_file(place.at("rna.npz")).expect("a removed file");
    run(lab, place, "embed", "export --store new/changed --output rna.npz")?;
    fs::remove_dir_all(place.at("new/changed")).expect("a removed store");
    place.write("rna.fa", text);
    Ok(())
}

fn replace_folder(place: &Place, from: &str, to: &str) {
    fs::remove_dir_all(place.at(to)).expect("a removed folder");
    copy(&place.at(from), &place.at(to));
}
