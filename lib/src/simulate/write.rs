//! Writes a set as files: sequences, pairs, folds, and the planted truth.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::assemble::Set;
use super::binder::BINDERS;
use super::ligand::LIGANDS;
use super::rna::Site;
use super::seed::SEEDS;
use super::settings::{Kind, Settings};
use super::side::Member;
use crate::io::AtomicFile;
use crate::provenance::Provenance;
use crate::record::Molecule;
use crate::{Error, Place, Result};

/// Gives the paths that [`files()`] writes, in a folder.
pub fn outputs(kind: Kind, folder: &Path) -> Vec<PathBuf> {
    ["rna.fa", kind.partner_file(), "pairs.tsv", "folds.tsv", "rules.tsv", "planted.tsv", "rules.md"]
        .map(|name| folder.join(name))
        .to_vec()
}

fn texts(set: &Set) -> [String; 7] {
    [
        sequences(&set.rna, Molecule::Rna),
        sequences(&set.partners, set.settings.kind.partner()),
        pairs(set),
        folds(set),
        rules(set),
        planted(set),
        explanation(set),
    ]
}

/// Writes the files of a set in an existing folder, each with the record of how it was made, to be committed together.
///
/// Files of the same set may be there, as a run leaves them that was killed between their names.
///
/// # Errors
/// A file that exists and holds something else; a file that cannot be written.
pub fn files(set: &Set, folder: &Path, record: &Provenance) -> Result<Vec<AtomicFile>> {
    let texts = texts(set);
    let named = || outputs(set.settings.kind, folder).into_iter().zip(&texts);
    for (path, text) in named() {
        if path.exists() && !fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            let remedy = "name another folder with --output, or remove the set that is there";
            return Err(Place::file(path).error("exists already", remedy));
        }
    }
    let mut files = Vec::with_capacity(texts.len());
    for (path, text) in named() {
        let mut file = AtomicFile::create(&path)?;
        file.write_all(text.as_bytes()).map_err(Error::io("write", &path))?;
        files.push(file);
        files.extend(record.file_beside(&path)?);
    }
    Ok(files)
}

fn sequences(members: &[Member], kind: Molecule) -> String {
    let mut text = String::new();
    for member in members {
        let letters = String::from_utf8_lossy(&member.record.sequence);
        let id = &member.record.id;
        if kind == Molecule::SmallMolecule {
            let _ = writeln!(text, "{letters}\t{id}");
        } else {
            let _ = writeln!(text, ">{id}\n{letters}");
        }
    }
    text
}

fn label(set: &Set, value: f64) -> String {
    if set.settings.kind == Kind::RnaSmallMolecule { format!("{value:.3}") } else { format!("{value:.0}") }
}

fn pairs(set: &Set) -> String {
    let mut text = String::from("rna_id\tpartner_id\tlabel\n");
    for pair in &set.pairs {
        let (rna, partner) = (&set.rna[pair.rna].record.id, &set.partners[pair.partner].record.id);
        let _ = writeln!(text, "{rna}\t{partner}\t{}", label(set, pair.label));
    }
    text
}

fn folds(set: &Set) -> String {
    let mut text = String::from(
        "rna_id\tpartner_id\trandom5\trna_cluster\tpartner_cluster\tcold_rna5\tcold_partner5\tcold_both5\n",
    );
    for (pair, fold) in set.pairs.iter().zip(&set.folds) {
        let (rna, partner) = (&set.rna[pair.rna], &set.partners[pair.partner]);
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            rna.record.id,
            partner.record.id,
            fold.random,
            rna.family,
            partner.family,
            fold.cold_rna,
            fold.cold_partner,
            fold.cold_both
        );
    }
    text
}

/// One row per molecule: what was planted where.
fn rules(set: &Set) -> String {
    let mut text = String::from("side\tid\tfamily\tclass\telements\tdecoy\tsites\n");
    for (side, members) in [("rna", &set.rna), ("partner", &set.partners)] {
        for member in members {
            let place = |site: &Site| {
                let element = class_name(set.settings.kind, site.element);
                format!("{element}:{}-{}", site.range.start + 1, site.range.end)
            };
            let sites: Vec<String> = member.sites.iter().map(place).collect();
            let elements: Vec<&str> =
                member.elements.iter().map(|&element| class_name(set.settings.kind, element)).collect();
            let _ = writeln!(
                text,
                "{side}\t{}\t{}\t{}\t{}\t{}\t{}",
                member.record.id,
                member.family,
                member.class,
                elements.join("; "),
                u8::from(member.decoy),
                if sites.is_empty() { "NA".into() } else { sites.join("; ") }
            );
        }
    }
    text
}

/// One row per pair: the label of the rule beside the label of the file.
fn planted(set: &Set) -> String {
    let mut text = String::from("rna_id\tpartner_id\tbinds\tplanted\tlabel\n");
    for pair in &set.pairs {
        let (rna, partner) = (&set.rna[pair.rna].record.id, &set.partners[pair.partner].record.id);
        let (planted, given) = (label(set, pair.planted), label(set, pair.label));
        let _ = writeln!(text, "{rna}\t{partner}\t{}\t{planted}\t{given}", u8::from(pair.binds));
    }
    text
}

fn class_name(kind: Kind, class: usize) -> &'static str {
    match kind {
        Kind::RnaProtein => BINDERS[class].name,
        Kind::RnaSmallMolecule => LIGANDS[class].name,
        Kind::RnaRna => SEEDS[class].name,
    }
}

fn element_of(kind: Kind, class: usize) -> String {
    match kind {
        Kind::RnaProtein => BINDERS[class].motif.join("|"),
        Kind::RnaSmallMolecule => LIGANDS[class].element.into(),
        Kind::RnaRna => SEEDS[class].letters.into(),
    }
}

/// Explains the planted rule of this set to a reader.
fn explanation(set: &Set) -> String {
    let Settings { kind, classes, families, decoys, noise, interaction_only, seed, .. } = set.settings;
    let positives = set.pairs.iter().filter(|pair| pair.binds).count();
    let mut text = format!(
        "# The planted rule of this set\n\n\
         {} RNAs and {} partners in {families} families on each side; {} pairs, {positives} of them binding \
         by \
         the rule; seed {seed}.\n\n{}\n\n",
        set.rna.len(),
        set.partners.len(),
        set.pairs.len(),
        rule(kind)
    );
    text.push_str(
        "Each family descends from one random ancestor; only its class, which all its members share, has to \
        do \
         with binding. Classes turn up in every fold, families in one fold each: `cold_rna5`, \
         `cold_partner5` and \
         `cold_both5` of `folds.tsv` hold whole families out on one side or on both. Pairs are drawn inside \
         the five \
         blocks of families that `cold_both5` numbers.\n\n",
    );
    let _ = writeln!(
        text,
        "Decoys: {:.0} % of the molecules of a side (never small molecules) have lost their sites or \
        domain: the \
         same letters, shuffled. Every RNA with sites also holds shuffled copies of other classes' sites; \
         real sites \
         occur nowhere by chance.\n",
        100.0 * decoys
    );
    let _ = writeln!(text, "{}\n", noise_words(kind, noise));
    if interaction_only {
        text.push_str(
            "Interaction-only: every molecule, and so every family and every class, is in as many binding as \
             non-binding pairs. Neither side alone says anything about the label. To that end each class of \
             the side \
             that carries sites carries those of half of the elements, with fewer copies of each, and each \
             element is \
             carried by half of the classes.\n\n",
        );
        text.push_str("| class | carries |\n|---|---|\n");
        let carriers = if kind == Kind::RnaRna { &set.partners } else { &set.rna };
        for class in 0..classes {
            let carried =
                carriers.iter().find(|member| member.class == class).map_or(&[][..], |m| &m.elements);
            let names: Vec<&str> = carried.iter().map(|&element| class_name(kind, element)).collect();
            let _ = writeln!(text, "| {class} | {} |", names.join("; "));
        }
        text.push('\n');
    }
    text.push_str("| element | letters | source |\n|---|---|---|\n");
    for class in 0..classes {
        let source = match kind {
            Kind::RnaProtein => {
                format!("{}; {}; Ray et al. 2013, Nature 499:172", BINDERS[class].fold, BINDERS[class].source)
            }
            Kind::RnaSmallMolecule => LIGANDS[class].source.into(),
            Kind::RnaRna => "miRBase; Bartel 2009, Cell 136:215".into(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {source} |",
            class_name(kind, class),
            element_of(kind, class).replace('|', " or ")
        );
    }
    if !set.affinities.rows().is_empty() {
        text.push_str("\npKd before side chains, RNA element by row, scaffold by column:\n\n|");
        (0..classes).for_each(|class| _ = write!(text, " | {}", class_name(kind, class)));
        text.push_str(" |\n|---");
        text.push_str(&"|---".repeat(classes));
        text.push_str("|\n");
        for (class, row) in set.affinities.rows().iter().enumerate() {
            let _ = write!(text, "| {}", class_name(kind, class));
            for pkd in row {
                let _ = write!(text, " | {pkd:.2}");
            }
            text.push_str(" |\n");
        }
    }
    text
}

const fn rule(kind: Kind) -> &'static str {
    match kind {
        Kind::RnaProtein => {
            "A pair binds when the RNA holds sites of the motif that the protein's RNA-binding domain \
            recognises: seven \
             to ten copies of it. The domain descends from a human protein; its signature (RNP1 and RNP2 of \
             an RRM, the \
             GXXG loop of a KH domain, the base-reading residues of PUF repeats, the cysteines of zinc \
             fingers) is kept, \
             the rest has diverged by about a quarter."
        }
        Kind::RnaSmallMolecule => {
            "The pKd of a pair is the sum of the table below (RNA element by scaffold), the effect of the \
            end groups of \
             the two side chains, and the error of measurement. Each scaffold has its best affinity for the \
             element that \
             it is published to bind."
        }
        Kind::RnaRna => {
            "A pair binds when the target holds sites that pair with nucleotides 2 to 8 of the small RNA, \
            with at most \
             one G·U wobble per site: five to eight sites."
        }
    }
}

fn noise_words(kind: Kind, noise: f64) -> String {
    if kind == Kind::RnaSmallMolecule {
        format!("Noise: a normal error with a standard deviation of {noise} pKd units.")
    } else {
        format!("Noise: {:.1} % of the labels are wrong (`planted.tsv` has both).", 100.0 * noise)
    }
}
