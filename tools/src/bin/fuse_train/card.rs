//! Writes the card of what was trained: what it learnt from, how it was measured, and where it must not be trusted.
//!
//! Its sections are those of DOME (Walsh et al. 2021, Nature Methods 18:1122): data, optimisation, model, evaluation.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use crossmamba::io::AtomicFile;
use crossmamba::nn::bundle::{Calibration, MODEL, Model, SideInputs};
use crossmamba::pair::{PairTable, Task};
use crossmamba::split::Fold;
use crossmamba::trust::{Bin, Kept, Measured};
use crossmamba::{Error, Result};

use super::Settings;

/// The name of the file.
const CARD: &str = "model-card.md";

/// Writes `model-card.md` when every fold has its model, to be committed; `figure` is the headline of the predictions out of
/// fold.
pub(super) fn write(
    settings: &Settings,
    pairs: &PairTable,
    folds: &[(&Fold, PathBuf)],
    figure: Option<(&str, f64)>,
) -> Result<Option<AtomicFile>> {
    if folds.iter().any(|(_, folder)| !folder.join(MODEL).exists()) {
        return Ok(None);
    }
    let models =
        folds.iter().map(|(_, folder)| Ok(Model::read(folder)?.0)).collect::<Result<Vec<Model>>>()?;
    let Some(first) = models.first() else { return Ok(None) };
    let path = settings.output.join(CARD);
    let mut file = AtomicFile::create(&path)?;
    let text = Card { pairs, folds, models: &models, first, figure, kept: settings.neighbours }.text();
    file.write_all(text.as_bytes()).map_err(Error::io("write", &path))?;
    Ok(Some(file))
}

struct Card<'a> {
    pairs: &'a PairTable,
    folds: &'a [(&'a Fold, PathBuf)],
    models: &'a [Model],
    first: &'a Model,
    figure: Option<(&'a str, f64)>,
    kept: Kept,
}

impl Card<'_> {
    fn text(&self) -> String {
        let stores = self.first.inputs.as_ref().map(|side| &side.stores[..]);
        let kind = stores.partner.first().map_or("partner", |store| store.molecule.name());
        let count = self.pairs.pairs.len();
        let question = match self.first.target.task {
            Task::Classification => format!("does an RNA interact with a {kind}?"),
            Task::Affinity => format!("how strongly does an RNA bind a {kind}?"),
        };
        let mut text = format!(
            "---\nversion: trained by CrossMamba {}\npurpose: {question} (trained on {count} pairs)\nlicense: that of the training data\n\
             ---\n\n# Model card\n\nWritten by crossmamba-fuse-train; add what only you know: where the pairs come from, and under which licence.\n\n\
             ## Data\n\n",
            self.first.version
        );
        let _ = writeln!(text, "- {}", self.labels());
        let [rna, partner] = stores
            .map(|stores| {
                let encoders: Vec<String> =
                    stores.iter().map(|store| format!("`{}`", store.encoder)).collect();
                encoders.join(" and ")
            })
            .into_array();
        let _ = writeln!(text, "- Read as embeddings of {rna} (RNA) and {partner} ({kind}).");
        let _ = writeln!(text, "- Split: {}.\n\n## Optimisation\n", self.split());
        let plan = &self.first.training.plan;
        let _ = writeln!(
            text,
            "- Seed {}, {} network(s) for each fold, {} epoch(s); run `{}`.",
            self.first.seed,
            self.first.training.epochs.len(),
            plan.epochs,
            &self.first.training.run.get(..12).unwrap_or_default()
        );
        text.push_str("- No setting was chosen by the figures below; what was chosen among was compared on inner folds of the training part.\n\n## Model\n\n");
        for model in self.models {
            let chosen = match &model.experts {
                Some(choice) => choice.in_words(),
                None => format!("the network alone, {} parameters", model.parameters),
            };
            let _ = writeln!(text, "- {}: {chosen}; {}.", model.fold, calibration(model));
        }
        let _ = writeln!(text, "- It keeps {}.\n\n## Evaluation\n", self.kept());
        match self.figure {
            Some((name, value)) => {
                let _ = writeln!(
                    text,
                    "- Pairs of the test part(s), by models that have not seen them: {name} {value:.3}."
                );
            }
            None => text.push_str("- No pair was held out as a test.\n"),
        }
        text.push_str("- By how well training knows a pair (the words of `trust`), measured on pairs held out of the training part:\n\n");
        self.bins(&mut text);
        text.push_str(
            "\n## Limits\n\n- The figures hold for pairs drawn like those of this table, its negatives included: among all pairs of a cell far fewer \
             interact, and a probability means what it says only at the share of positive pairs in training (`crossmamba-predict --prior` gives \
             it at another).\n- Of a pair whose word has no line above nothing was measured.\n- A prediction is no evidence of where or whether two \
             molecules meet in a cell.\n",
        );
        text
    }

    fn labels(&self) -> String {
        let pairs = self.pairs.pairs.iter();
        let count = pairs.clone().count();
        let molecules = &self.first.training.molecules;
        let known = format!(
            "{} RNAs and {} partners in the first fold's training part",
            molecules.rna, molecules.partner
        );
        match self.first.target.task {
            Task::Classification => {
                let positive = pairs.filter(|pair| pair.label.is_some_and(|label| label > 0.5)).count();
                format!("{count} pairs, {positive} of them positive; {known}.")
            }
            Task::Affinity => {
                let unit = self.first.unit.as_deref().unwrap_or("affinity");
                let labels = pairs.filter_map(|pair| pair.label);
                let (low, high) = labels
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
                format!(
                    "{count} pairs with a measured affinity ({unit}) from {low:.3} to {high:.3}; {known}."
                )
            }
        }
    }

    fn split(&self) -> String {
        let tested: usize = self.folds.iter().map(|(fold, _)| fold.test.len()).sum();
        let new = self.first.experts.as_ref().map(|choice| match choice.regime {
            crossmamba::split::Regime::Pairs => "; test pairs are new pairs of known molecules",
            crossmamba::split::Regime::Rna => "; test pairs have new RNAs",
            crossmamba::split::Regime::Partner => "; test pairs have new partners",
            crossmamba::split::Regime::Both => "; test pairs are new in both molecules",
        });
        match (self.folds.len(), tested) {
            (_, 0) => "none, all pairs were trained on".into(),
            (1, _) => format!("one hold-out of {tested} test pairs{}", new.unwrap_or_default()),
            (folds, _) => format!("{folds} folds, {tested} test pairs in all{}", new.unwrap_or_default()),
        }
    }

    fn kept(&self) -> &'static str {
        let has = |name: &str| self.first.files.contains_key(name);
        let reads = |side: &SideInputs| side.stores.iter().any(|store| store.encoder == "sequence");
        let inputs = &self.first.inputs;
        match (has("transfer.safetensors") || has("gp.safetensors"), has("neighbours.safetensors")) {
            (true, _) if has("transfer.safetensors") && reads(&inputs.rna) && reads(&inputs.partner) => {
                "sequences, descriptors, identifiers and labels of its training pairs: whoever has it can read them"
            }
            (true, _) => {
                "descriptors, identifiers and labels of its training pairs: whoever has it can read them"
            }
            (false, true) if self.kept == Kept::Rnas => {
                "identifiers and sketches of its training RNAs, nothing of their partners, and no label"
            }
            (false, true) => {
                "identifiers and sketches of its training molecules, and which stood together in a pair, but no label"
            }
            (false, false) => "nothing of its training molecules",
        }
    }

    fn bins(&self, text: &mut String) {
        text.push_str(match self.first.target.task {
            Task::Classification => {
                "| fold | trust | pairs | AUROC | calibration error |\n|---|---|---|---|---|\n"
            }
            Task::Affinity => "| fold | trust | pairs | RMSE | half-width of 90 % |\n|---|---|---|---|---|\n",
        });
        for model in self.models {
            let Some(measured) = &model.reliability else { continue };
            for bin in measured.bins.iter().chain(&measured.overall) {
                let words: Vec<&str> = bin.flags.iter().map(|flag| flag.name()).collect();
                let words = if words.is_empty() { "all".to_owned() } else { words.join(", ") };
                let _ = writeln!(text, "| {} | {words} | {} | {} |", model.fold, bin.pairs, figures(bin));
            }
        }
    }
}

fn figures(bin: &Bin) -> String {
    match &bin.measured {
        Measured::Classification { auroc, ece, .. } => {
            format!("{} | {ece:.3}", auroc.map_or("NA".into(), |auroc| format!("{auroc:.3}")))
        }
        Measured::Affinity { rmse, half_widths } => {
            // The levels are half percents.
            format!("{rmse:.3} | {}", half_widths.get(179).map_or("NA".into(), |width| format!("{width:.3}")))
        }
    }
}

fn calibration(model: &Model) -> String {
    match model.calibration {
        Calibration::None => "not calibrated".into(),
        Calibration::Temperature { temperature, pairs } => {
            format!("temperature {temperature:.3}, fitted on {pairs} pairs that were not trained on")
        }
        Calibration::Residual { deviation, pairs } => {
            format!("residual deviation {deviation:.3} on {pairs} pairs that were not trained on")
        }
    }
}
