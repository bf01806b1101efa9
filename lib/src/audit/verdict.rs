//! Says in words what the figures of an audit mean.

use super::Audit;
use crate::metrics::Metric;
use crate::report::{Remark, few_positives, shown};

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Gives the sentences that the figures call for, the weightiest first.
pub(super) fn verdict(audit: &Audit, model: Option<&str>, binary: bool) -> Vec<Remark> {
    let mut said = Vec::new();
    let mut say = |warning: bool, text: String| said.push(Remark { warning, text });
    let value = |name: &str| audit.value(name);
    let counts = value("positives").zip(value("negatives"));
    let few = counts.is_some_and(|(positives, negatives)| few_positives(positives / (positives + negatives)));
    // What rules and predictions are judged by, and from when on a rule tells something, and much.
    let (metric, something, much) = if few { (Metric::Auroc, 0.6, 0.7) } else { (Metric::Mcc, 0.2, 0.4) };
    let (words, measure) = (shown(metric), metric.name());
    let blind = ["id_rule", "counts_by_id", "counts_by_sequence", "length"]
        .into_iter()
        .filter_map(|rule| Some((rule.replace('_', "-"), value(&format!("{rule}_{measure}"))?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((rule, best)) = &blind {
        match value(&format!("predictions_{measure}")).zip(model) {
            Some((own, name)) if own <= *best => say(
                true,
                format!(
                    "{name} reaches {words} {own:.3}; {rule}, which reads no sequence, reaches {best:.3} on the same test pairs. \
                     That figure is no evidence that anything was learnt from sequences."
                ),
            ),
            Some((own, name)) => say(
                *best > much,
                format!(
                    "{name} reaches {words} {own:.3}; the best rule that reads no sequence ({rule}) reaches {best:.3} on the same \
                     test pairs. What lies between is the most that sequences can account for; whether it is more than chance, \
                     the intervals of crossmamba-evaluate tell."
                ),
            ),
            None if *best > something => say(
                true,
                format!(
                    "Labels can be told without reading a sequence: {rule} reaches {words} {best:.3} under this split. A model's \
                     figure means little unless it is well above that."
                ),
            ),
            None => say(
                false,
                format!(
                    "No rule that reads no sequence goes beyond {words} {best:.3} (the best is {rule}) under this split."
                ),
            ),
        }
    }
    if let (Some(in_rna), Some(name)) = (value("predictions_auroc_in_rna"), model) {
        let partner = value("predictions_auroc_in_partner");
        let partner =
            partner.map_or_else(String::new, |area| format!(", and those of one partner at {area:.3}"));
        say(
            in_rna < 0.6,
            format!(
                "Where degree cannot act, {name} orders the partners of one RNA at AUROC {in_rna:.3}{partner}; 0.5 is chance."
            ),
        );
    }
    if let (Some(share), Some(ceiling)) = (value("negatives_contradicted"), value("ceiling_mcc"))
        && ceiling < 0.995
    {
        let own = value("predictions_mcc").zip(value("ceiling_mcc_of_tests")).zip(model);
        let above = own.filter(|((own, ceiling), _)| own > ceiling).map_or_else(
            String::new,
            |((own, ceiling), name)| {
                format!(
                    " Of the test pairs it is {ceiling:.3}, and {name} lies above it with {own:.3}: something other than \
                     sequences tells it the labels."
                )
            },
        );
        say(
            true,
            format!(
                "{} of the negative pairs are near-identical to a positive pair: an oracle that treats near-identical molecules \
                 alike reaches MCC {ceiling:.3}, a ceiling for honest models of sequences.{above}",
                percent(share)
            ),
        );
    }
    let by = if value("test_pairs_pair_sequence_known").is_some() { "sequence" } else { "id" };
    let shares = ["rna", "partner", "both"].map(|what| value(&format!("test_pairs_{what}_{by}_known")));
    if let [Some(rna), Some(partner), Some(both)] = shares {
        let what = match (rna > 0.02, partner > 0.02) {
            (true, true) => {
                "it says how well missing pairs of known molecules are filled in, not how well new molecules are judged"
            }
            (true, false) => "partners are new: it says how well new partners of known RNAs are judged",
            (false, true) => "RNAs are new: it says how well new RNAs are judged against known partners",
            (false, false) => {
                "both molecules are new: it is the hardest question, and the honest one for new molecules"
            }
        };
        let how = if by == "id" { "identifier" } else { by };
        say(
            rna > 0.02 && partner > 0.02,
            format!(
                "By {how}, {} of the test pairs have an RNA, {} a partner and {} both from training: {what}.",
                percent(rna),
                percent(partner),
                percent(both)
            ),
        );
    }
    for (name, words) in [
        ("test_pairs_pair_sequence_known", "have the identical pair of sequences in training"),
        ("test_pairs_near_pair_known", "are near-identical to a training pair"),
    ] {
        if let Some(share) = value(name).filter(|share| *share > 0.05) {
            say(true, format!("{} of the test pairs {words}.", percent(share)));
        }
    }
    for (side, new) in [("rna", "RNA"), ("partner", "partner")] {
        let known = value(&format!("test_pairs_{side}_sequence_known"));
        let cluster = value(&format!("test_pairs_{side}_cluster_known"));
        if let (Some(known), Some(cluster)) = (known, cluster)
            && known < 0.02
            && cluster > 0.05
        {
            say(
                true,
                format!(
                    "{} {new} of the test parts is in training by sequence, but {} of the test pairs have one of its cluster there: \
                     relatives leak.",
                    if known > 0.0 { "Hardly any" } else { "No" },
                    percent(cluster)
                ),
            );
        }
    }
    for (side, words) in [("partner", "partner"), ("rna", "RNA")] {
        if let Some(share) = value(&format!("{side}_ids_one_positive")).filter(|share| *share > 0.95) {
            say(
                true,
                format!(
                    "{} of the {words} identifiers have exactly one positive pair: negatives reuse the partners of positives, and \
                     a known positive tells that the next pair is negative.",
                    percent(share)
                ),
            );
        }
        if let Some(share) = value(&format!("{side}_ids_balanced")).filter(|share| *share > 0.95) {
            say(
                true,
                format!(
                    "{} of the {words} identifiers have exactly as many positive as negative pairs: negatives were drawn to match \
                     degree, so that a rate in training is the mirror image of the rate in the held-out fold.",
                    percent(share)
                ),
            );
        }
    }
    if let Some(both) = value("ids_in_both_columns") {
        say(
            false,
            format!(
                "Without sequences, the {both} identifiers in both columns count as one molecule each, so that there is no id \
                 rule about partners; give the sequences, or other identifiers, if they are two."
            ),
        );
    }
    if !binary {
        say(false, "The labels are affinities: rules about classes do not apply.".into());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Finding, Form, Section};

    fn said(figures: &[(&str, f64)], model: Option<&str>) -> Vec<String> {
        let finding = |&(name, value): &(&str, f64)| Finding::new(name, name, Form::Measure, value);
        let findings = figures.iter().map(finding).collect();
        let section = Section { title: String::new(), text: String::new(), findings };
        let audit = Audit { sections: vec![section], verdict: Vec::new() };
        verdict(&audit, model, true).into_iter().map(|remark| remark.text).collect()
    }

    #[test]
    fn predictions_below_a_rule_without_sequences_are_no_evidence() {
        let figures = [("id_rule_mcc", 0.9), ("predictions_mcc", 0.89), ("counts_by_id_mcc", 0.7)];
        assert!(said(&figures, Some("paper"))[0].contains("paper reaches MCC 0.890; id-rule"));
        let figures = [("id_rule_mcc", 0.1), ("predictions_mcc", 0.5)];
        assert!(
            said(&figures, Some("paper"))[0]
                .contains("the best rule that reads no sequence (id-rule) reaches 0.100")
        );
        assert!(said(&[("id_rule_mcc", 0.9)], None)[0].starts_with("Labels can be told without reading"));
    }

    #[test]
    fn a_screen_is_judged_by_its_order() {
        // Of few hits no probability reaches one half: MCC would say that no rule tells anything.
        let screen = [("positives", 6.0), ("negatives", 994.0), ("counts_by_id_mcc", 0.0)];
        let with = |more: &[(&'static str, f64)], model| said(&[&screen[..], more].concat(), model).remove(0);
        let told = with(&[("counts_by_id_auroc", 0.8)], None);
        assert!(told.starts_with("Labels can be told") && told.contains("AUROC 0.800"), "{told}");
        assert!(with(&[("counts_by_id_auroc", 0.55)], None).starts_with("No rule that reads no sequence"));
        let own = [("counts_by_id_auroc", 0.8), ("predictions_auroc", 0.7), ("predictions_mcc", 0.1)];
        assert!(with(&own, Some("paper")).starts_with("paper reaches AUROC 0.700; counts-by-id"));
    }

    #[test]
    fn relatives_that_leak_are_told_from_the_same_sequences() {
        let figures = [("test_pairs_partner_sequence_known", 0.0), ("test_pairs_partner_cluster_known", 0.4)];
        assert!(
            said(&figures, None)
                .iter()
                .any(|text| text.contains("40 % of the test pairs have one of its cluster"))
        );
    }
}
