//! Black-box tests of prediction straight from sequences.

mod support;
mod trained;

use std::fs::File;
use std::io::Write as _;

use crossmamba::io::Number;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use support::Place;
use trained::{STORES, prepare};

/// Trains one small model on stores, of a set whose files are there.
fn train(place: &Place, stores: &str, model: &str) {
    let set = "--pairs pairs.tsv --splits holdout.tsv --config config.yaml";
    place.run("fuse-train", &format!("{set} {stores} --output {model}")).done();
}

fn trained() -> Place {
    let place = Place::new();
    prepare(&place);
    train(&place, STORES, "model");
    place
}

/// The lines of a table in one order: stores list records of one sequence together, files as they stand.
fn lines(place: &Place, table: &str) -> Vec<String> {
    let mut lines: Vec<String> = place.read(table).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Sequences as people have them: lower case, DNA, broken lines, descriptions.
fn as_people_have_them(fasta: &str) -> String {
    let mut text = String::new();
    for line in fasta.lines() {
        if let Some(id) = line.strip_prefix('>') {
            text.push_str(&format!(">{id} a description of {id}\r\n"));
        } else {
            let (first, rest) = line.split_at(line.len() / 2);
            text.push_str(&format!("{}\r\n {rest}\r\n", first.to_lowercase().replace('u', "t")));
        }
    }
    text
}

#[test]
fn sequences_as_people_have_them_give_the_bytes_that_stores_give() {
    let place = trained();
    place.run("predict", &format!("{STORES} --model model --all --output stores.tsv")).done();
    place.write("people.fa", as_people_have_them(&place.read("rna.fa")));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(place.read("partner.fa").as_bytes()).expect("memory");
    place.write("partner.fa.gz", packed.finish().expect("memory"));
    let sequences = "--rna people.fa --partner partner.fa.gz";
    place.run("predict", &format!("{sequences} --model model --output sequences.tsv")).done();
    assert_eq!(lines(&place, "sequences.tsv"), lines(&place, "stores.tsv"));
    place.run("predict", &format!("{sequences} --model model --threads 3 --output again.tsv")).done();
    for suffix in ["", ".provenance.json", ".rejects.tsv"] {
        assert_eq!(place.read(&format!("again.tsv{suffix}")), place.read(&format!("sequences.tsv{suffix}")));
    }
    let record = place.read("sequences.tsv.provenance.json");
    assert!(record.contains("\"rna sequences\"") && record.contains("\"partner.fa.gz\""), "{record}");
    for mixed in
        ["--rna people.fa --partner-store partner.store", "--rna-store rna.store --partner partner.fa.gz"]
    {
        place.run("predict", &format!("{mixed} --model model --output mixed.tsv")).done();
        assert_eq!(lines(&place, "mixed.tsv"), lines(&place, "stores.tsv"));
    }
    place.run("predict", &format!("{sequences} --pairs pairs.tsv --model model --output listed.tsv")).done();
    place.run("predict", &format!("{STORES} --pairs pairs.tsv --model model --output stores.tsv")).done();
    assert_eq!(place.read("listed.tsv"), place.read("stores.tsv"));
}

#[test]
fn what_cannot_be_used_is_listed_once_with_its_reason_and_the_rest_is_scored() {
    let place = trained();
    place.write("few.fa", ">a\nACGU\n>b\nAC-U\n>c\n\n>a\nGGGG\n");
    place.write("proteins.fa", ">p\nMKRL\n>q\nM1K\n");
    place.write("pairs.tsv", "rna_id\tpartner_id\na\tp\nb\tp\n");
    let common = "--rna few.fa --partner proteins.fa --model model";
    place.run("predict", &format!("{common} --pairs pairs.tsv --output s.tsv --rejects bad.tsv")).ended(1);
    assert_eq!(place.read("s.tsv").lines().count(), 2);
    let reasons: Vec<String> = place
        .read("bad.tsv")
        .lines()
        .map(|line| line.split('\t').take(4).collect::<Vec<_>>().join(" "))
        .collect();
    let expected = [
        "file line id reason",
        "few.fa 3 b gap",
        "few.fa 5 c empty",
        "few.fa 7 a id-conflict",
        "proteins.fa 3 q bad-letter",
        "pairs.tsv 3 b p unknown-rna",
    ];
    assert_eq!(reasons, expected);
    assert!(!place.path("s.tsv.rejects.tsv").exists());
    place.write("none.fa", ">b\nAC-U\n");
    place
        .run("predict", "--rna none.fa --partner proteins.fa --model model --output none.tsv")
        .ended(2)
        .says("none.fa: no record of 1 is left: 1 are rejected as gap");
    assert!(!place.path("none.tsv").exists());
}

#[test]
fn kept_embeddings_are_used_again_and_change_nothing() {
    let place = trained();
    let common = "--model model --partner partner.fa";
    place.run("predict", &format!("{common} --rna rna.fa --output once.tsv")).done();
    place.run("predict", &format!("{common} --rna rna.fa --store kept --output kept.tsv")).done();
    let stored = place.bytes("kept/rna-1.kmer/shard-00000.bin");
    // The second file has one sequence more, and the first id stands for another one.
    let changed = format!(">new\nACGUACGUAC\n{}", place.read("rna.fa").replacen(">r0\n", ">r0\nGGGGGGGG", 1));
    place.write("changed.fa", changed);
    let ran =
        place.run("predict", &format!("{common} -v --rna changed.fa --store kept --output changed.tsv"));
    ran.done().says("2 computed, 12 in the store already");
    place.run("predict", &format!("{common} --rna changed.fa --output fresh.tsv")).done();
    assert_eq!(place.read("once.tsv"), place.read("kept.tsv"));
    assert_eq!(place.read("changed.tsv"), place.read("fresh.tsv"));
    assert!(place.bytes("kept/rna-1.kmer/shard-00000.bin").starts_with(&stored));
    place
        .run("predict", &format!("{STORES} --model model --all --store kept --output x.tsv"))
        .ended(2)
        .says("`--store`: no sequences are embedded");
}

#[test]
fn a_model_of_unusual_stores_says_how_they_are_made() {
    let place = Place::new();
    prepare(&place);
    let unusual = "--kind rna --encoder kmer2 --window 40 --max-windows 3";
    place.run("embed", &format!("{unusual} --input rna.fa --output narrow.store")).done();
    place.run("embed", "--kind protein --encoder onehot --input partner.fa --output onehot.store").done();
    let stores = "--rna-store narrow.store --rna-store rna.store --partner-store onehot.store";
    let same_windows = "--kind rna --window 40 --max-windows 3 --input rna.fa --output rna.store";
    std::fs::remove_dir_all(place.path("rna.store")).expect("a removed store");
    place.run("embed", same_windows).done();
    train(&place, stores, "model");
    place.run("predict", &format!("{stores} --model model --all --output stores.tsv")).done();
    place.run("predict", "--rna rna.fa --partner partner.fa --model model --output sequences.tsv").done();
    assert_eq!(lines(&place, "sequences.tsv"), lines(&place, "stores.tsv"));
}

#[test]
fn between_rnas_the_nucleotides_are_read_from_the_sequences() {
    let place = Place::new();
    prepare(&place);
    place.write("partner.fa", place.read("rna.fa").replace(">r", ">p"));
    std::fs::remove_dir_all(place.path("partner.store")).expect("a removed store");
    let mut stores = String::new();
    for side in ["rna", "partner"] {
        let common = format!("--kind rna --input {side}.fa");
        place.run("embed", &format!("{common} --output {side}.store")).done();
        place.run("embed", &format!("{common} --encoder onehot --tokens residue --output {side}.nt")).done();
        stores.push_str(&format!("--{side}-store {side}.store --{side}-store {side}.nt "));
    }
    train(&place, &stores, "model");
    assert!(place.read("model/config.yaml").contains("duplex: energy"));
    place.run("predict", &format!("{stores} --model model --all --output stores.tsv")).done();
    place.run("predict", "--rna rna.fa --partner partner.fa --model model --output sequences.tsv").done();
    assert_eq!(lines(&place, "sequences.tsv"), lines(&place, "stores.tsv"));
}

#[test]
fn a_language_model_embeds_the_sequences_where_its_weights_are_given() {
    let place = Place::new();
    prepare(&place);
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/lm/esm2/esm2_tiny.pt");
    let encoder = format!("--kind protein --encoder esm2 --checkpoint {tiny} --context 20 --tokens pooled");
    place.run("embed", &format!("{encoder} --input partner.fa --output esm.store")).done();
    let stores = "--rna-store rna.store --partner-store esm.store";
    train(&place, stores, "model");
    place.run("predict", &format!("{stores} --model model --all --output stores.tsv")).done();
    let sequences = "--rna rna.fa --partner partner.fa --model model";
    place.run("predict", &format!("{sequences} --checkpoint {tiny} --output sequences.tsv")).done();
    assert_eq!(lines(&place, "sequences.tsv"), lines(&place, "stores.tsv"));
    place
        .run("predict", &format!("{sequences} --output x.tsv"))
        .ended(2)
        .says("`--checkpoint`: the model was trained on embeddings of esm2, whose weights it needs");
    assert!(!place.path("x.tsv").exists());
}

#[test]
fn a_model_is_found_by_its_name_and_the_list_says_what_it_is() {
    let place = trained();
    let card = "---\nversion: 2.1.0\npurpose: a test\nlicense: MIT\n---\n# A model\n";
    place.copy(&place.path("model"), "models/mine").write("models/mine/model-card.md", card);
    let sequences = "--rna rna.fa --partner partner.fa";
    place.run("predict", &format!("{sequences} --model model --output path.tsv")).done();
    let named = |arguments: &str, code: i32| {
        let ran = std::process::Command::new(support::binary("predict"))
            .args(arguments.split_whitespace())
            .current_dir(place.path(""))
            .env("CROSSMAMBA_MODELS", place.path("models"))
            .output()
            .expect("the tool runs");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(code), "{said}");
        (String::from_utf8_lossy(&ran.stdout).into_owned(), said)
    };
    named(&format!("{sequences} --model mine --output name.tsv"), 0);
    assert_eq!(place.read("name.tsv"), place.read("path.tsv"));
    let (listed, _) = named("--list-models", 0);
    assert!(listed.starts_with("name\tversion\tlicence\tpurpose\n"), "{listed}");
    assert!(listed.contains("\nmine\t2.1.0\tMIT\ta test\n"), "{listed}");
    assert!(listed.contains("\nrna-rna-1\t1.0.0\t"), "{listed}");
    let (_, said) = named(&format!("{sequences} --model yours --output x.tsv"), 2);
    let words = "yours: is no folder here, and no model has this name (there are rna-protein-1, rna-small-molecule-1, rna-rna-1, mine";
    assert!(said.contains(words), "{said}");
}

#[test]
fn two_rnas_are_paired_without_training_and_a_planted_site_is_found_and_drawn() {
    let place = Place::new();
    // The second partner holds the complement of nucleotides 3 to 18 of the RNA, between random letters.
    place.write("rna.fa", ">mir\nUGAGGUAGUAGGUUGUAUAGUU\n");
    let site = "UACAACCUACUACCUC";
    place.write(
        "partner.fa",
        format!(">no\nGCUAGCUUAGCAUCGAUUCGGAUUACGAUCGGAUUUCAGC\n>yes\nGGAUC{site}CAUUACGG\n>n\nAAAA\n"),
    );
    let common = "--model rna-rna-1 --rna rna.fa --partner partner.fa";
    place.run("predict", &format!("{common} --output all.tsv")).done();
    let table = place.read("all.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    let header = [
        "rna_id",
        "partner_id",
        "score",
        "p_value",
        "energy",
        "rna_start",
        "rna_end",
        "partner_start",
        "partner_end",
        "structure",
    ];
    assert_eq!(rows[0], header);
    assert_eq!([rows[1][1], rows[2][1], rows[3][1]], ["no", "yes", "n"]);
    let number = |row: usize, column: usize| rows[row][column].parse::<f64>().expect("a number");
    assert!(number(2, 3) < 0.01 && number(1, 3) > 0.1, "{table}");
    assert!((number(2, 2) + number(2, 3).log10()).abs() < 1e-4);
    assert_eq!(rows[2][5..], ["2", "17", "6", "21", "((((((((((((((((&))))))))))))))))"]);
    assert_eq!(rows[3][2..], ["0", "1", "0", "", "", "", "", ""]);
    place.run("predict", &format!("{common} --output again.tsv --threads 3")).done();
    assert_eq!(place.read("again.tsv"), table);
    // A pair's row depends on the pair alone; the best come first; other forms hold the same.
    place.write("pairs.tsv", "rna_id\tpartner_id\tlabel\nmir\tno\t0\nmir\tyes\t1\n");
    place
        .run("predict", &format!("{common} --pairs pairs.tsv --top 1 --format jsonl --output best.jsonl"))
        .done();
    let best: serde_json::Value = serde_json::from_str(&place.read("best.jsonl")).expect("one object");
    assert_eq!((&best["partner_id"], &best["label"]), (&"yes".into(), &serde_json::json!(1)));
    assert_eq!(best["energy"], serde_json::json!(number(2, 4)));
    place.run("predict", &format!("{common} --threshold 2 --format csv --output high.csv")).done();
    assert_eq!(place.read("high.csv").lines().count(), 2);
    place.run("predict", &format!("{common} --format parquet --output all.parquet")).done();
    place.run("predict", &format!("{common} --format parquet --output again.parquet --threads 3")).done();
    let parquet = place.bytes("all.parquet");
    assert_eq!(parquet, place.bytes("again.parquet"));
    assert_eq!(parquet_cells(&place, "all.parquet"), rows.concat());
    place
        .run("predict", &format!("{common} --format parquet --output all.parquet.gz"))
        .ended(2)
        .says("`--output`: all.parquet.gz: a Parquet file is compressed inside; name it .parquet");
    place
        .run("predict", "--model rna-rna-1 --rna rna.fa --partner-store s --output x.tsv")
        .ended(2)
        .says("`--partner-store`: rna-rna-1 reads sequences, not embeddings; give --partner in its place");
    place
        .run("predict", &format!("{common} --threshold nan --output x.tsv"))
        .ended(2)
        .says("`--threshold`: NaN is no score; give a finite number");
}

/// The cells of a Parquet file, the names of its columns first, as a table of text shows them.
fn parquet_cells(place: &Place, file: &str) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(place.path(file)).expect("a file")).expect("Parquet");
    let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
    let mut cells: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
    for row in reader.get_row_iter(None).expect("rows") {
        cells.extend(row.expect("a row").into_columns().into_iter().map(|(_, field)| match field {
            Field::Null => String::new(),
            Field::Double(value) => Number(value).to_string(),
            Field::Str(text) => text,
            other => other.to_string(),
        }));
    }
    cells
}

#[test]
fn the_model_that_ships_needs_nothing_but_sequences() {
    let place = Place::new();
    place.write("rna.fa", ">r1\nGGCUUAUCAAGAGAGGUGGAGGGACUGGCCCGAUGAAACCCGGCAACC\n>r2\nAUAUAUAUAUUUAUAUA\n");
    place.write("protein.fa", ">p1\nMKRAKRKRTSSARRGAQLKRNAAGKAIKVKSR\n>p2\nMDEEDVVLLEEDSSGDDAFFEE\n");
    let common = "--model rna-protein-1 --rna rna.fa --partner protein.fa";
    place.run("predict", &format!("{common} --output scores.tsv --html scores.html")).done();
    let table = place.read("scores.tsv");
    assert!(table.starts_with("rna_id\tpartner_id\tscore\tprobability\ttrust\t"), "{table}");
    assert!(table.contains("\nr1\tp1\t"), "{table}");
    assert_eq!(table.lines().count(), 5);
    place.run("predict", &format!("{common} --format parquet --output scores.parquet")).done();
    let cells: Vec<&str> = table.lines().flat_map(|line| line.split('\t')).collect();
    assert_eq!(parquet_cells(&place, "scores.parquet"), cells);
    // It knows what it was trained on, and says of every pair how near that is.
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(cells[4] != "NA" && !cells[5].is_empty() && !cells[7].is_empty(), "{line}");
    }
    assert!(place.read("scores.tsv.provenance.json").contains("\"model\": \"rna-protein-1\""));
    // The page holds the same figures, the sequences for the exports, and nothing from outside.
    let page = place.read("scores.html");
    let (_, data) = page.split_once("id=\"data\">").expect("the data");
    let data: serde_json::Value =
        serde_json::from_str(data.split_once("</script>").expect("its end").0).expect("JSON");
    let probability = |line: usize| -> f64 {
        table
            .lines()
            .nth(line)
            .and_then(|line| line.split('\t').nth(3))
            .expect("a cell")
            .parse()
            .expect("one")
    };
    for line in 0..4 {
        assert_eq!(
            data["rows"][line][data["value"].as_u64().expect("a column") as usize],
            probability(line + 1)
        );
    }
    assert_eq!(data["sequences"]["partner"][1], "MDEEDVVLLEEDSSGDDAFFEE");
    assert_eq!(data["partner_kind"], "protein");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<link"));
}

#[test]
fn the_model_of_a_screen_ranks_new_molecules_from_their_smiles() {
    let place = Place::new();
    // A pre-queuosine riboswitch, which was screened, and an RNA that was not.
    place.write("rna.fa", ">screened\nAGAGGUUCUAGCUACACCCUCUAUAAAAAACUAA\n>r1\nGGCUUAUCAAGAGAGGUGGAGGGACUGGCCCGAUGAAACCCGGCAACC\n");
    // Three flat rings with an amine, and butane.
    place.write("molecules.smi", "Nc1ccc(-c2nc3ccccc3[nH]2)cc1 flat\nCCCC butane\n");
    place
        .run("predict", "--model rna-small-molecule-1 --rna rna.fa --partner molecules.smi --output s.tsv")
        .done();
    let table = place.read("s.tsv");
    let row = |rna: &str, molecule: &str| -> Vec<&str> {
        let line = table.lines().find(|line| line.starts_with(&format!("{rna}\t{molecule}\t")));
        line.expect("a line").split('\t').collect()
    };
    for rna in ["screened", "r1"] {
        let probability = |molecule| row(rna, molecule)[3].parse::<f64>().expect("a number");
        assert!(probability("flat") > 2.0 * probability("butane"), "{table}");
    }
    // It says of every pair whether its RNA was screened; of the molecules it keeps nothing.
    let (known, new) = (row("screened", "flat"), row("r1", "flat"));
    assert_eq!((known[4], known[5], known[6]), ("known-rna", "PreQ1", "1"));
    assert_eq!(known[7..9], ["", ""]);
    assert!(known[9].parse::<u32>().expect("pairs") > 300_000);
    assert_eq!(new[4], "new-both", "{table}");
    assert_eq!(new[9..], ["", "", ""]);
    assert!(place.read("s.tsv.provenance.json").contains("\"model\": \"rna-small-molecule-1\""));
}
