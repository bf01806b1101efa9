use std::collections::BTreeMap;

use super::*;

const KINDS: [Kind; 3] = [Kind::RnaProtein, Kind::RnaSmallMolecule, Kind::RnaRna];

fn interaction_only(kind: Kind) -> Settings {
    Settings { interaction_only: true, decoys: 0.0, ..Settings::new(kind) }
}

#[test]
fn the_rule_can_be_read_from_the_letters_alone() {
    for kind in KINDS {
        for settings in [Settings { noise: 0.0, ..Settings::new(kind) }, interaction_only(kind)] {
            let set = simulate(&settings).unwrap();
            let oracle = Oracle::new(kind, settings.classes);
            for member in &set.rna {
                let known = if member.decoy { Vec::new() } else { member.elements.clone() };
                assert_eq!(oracle.rna_elements(&member.record.sequence), known, "{}", member.record.id);
            }
            for member in &set.partners {
                let known = if member.decoy { Vec::new() } else { member.elements.clone() };
                assert_eq!(oracle.partner_elements(&member.record.sequence), known, "{}", member.record.id);
            }
            for pair in &set.pairs {
                let rna = &set.rna[pair.rna].record.sequence;
                let partner = &set.partners[pair.partner].record.sequence;
                assert_eq!(oracle.binds(rna, partner), pair.binds);
            }
        }
    }
}

#[test]
fn without_noise_labels_are_the_rule() {
    let set = simulate(&Settings { noise: 0.0, ..Settings::new(Kind::RnaRna) }).unwrap();
    assert!(set.pairs.iter().all(|pair| pair.label == f64::from(u8::from(pair.binds))));
    assert_eq!(set.pairs.iter().filter(|pair| pair.binds).count(), set.pairs.len() / 2);
}

#[test]
fn noise_turns_exactly_its_share_of_the_labels() {
    let set = simulate(&Settings { noise: 0.05, ..Settings::new(Kind::RnaProtein) }).unwrap();
    assert_eq!(set.pairs.iter().filter(|pair| pair.label != pair.planted).count(), 160);
}

/// Counts positives and negatives by any key of a pair.
fn counts<K: Ord>(set: &Set, key: impl Fn(&SimulatedPair) -> K) -> BTreeMap<K, [usize; 2]> {
    let mut counts = BTreeMap::new();
    for pair in &set.pairs {
        counts.entry(key(pair)).or_insert([0, 0])[usize::from(pair.label > 5.75 || pair.label == 1.0)] += 1;
    }
    counts
}

#[test]
fn in_an_interaction_only_set_no_molecule_tells_the_label_even_with_noise() {
    for kind in KINDS {
        for (rna, partners, pairs) in [(400, 400, 3200), (400, 200, 1600), (80, 160, 320)] {
            let families = 40;
            let set =
                simulate(&Settings { rna, partners, pairs, families, ..interaction_only(kind) }).unwrap();
            assert_eq!(set.pairs.len(), pairs);
            let even = |counts: BTreeMap<usize, [usize; 2]>, per: usize| {
                counts.values().all(|&count| count == [per / 2, per / 2])
            };
            assert!(even(counts(&set, |pair| pair.rna), pairs / rna), "{kind:?}");
            assert!(even(counts(&set, |pair| pair.partner), pairs / partners), "{kind:?}");
            assert!(even(counts(&set, |pair| set.rna[pair.rna].class), pairs / 8), "{kind:?}");
            let pairs: std::collections::BTreeSet<_> = set.pairs.iter().map(|p| (p.rna, p.partner)).collect();
            assert_eq!(pairs.len(), set.pairs.len());
            if kind != Kind::RnaSmallMolecule {
                let wrong = set.pairs.iter().filter(|pair| pair.label != pair.planted).count();
                let wanted = set.pairs.len() / 20;
                assert!((wanted..wanted + 120).contains(&wrong), "{kind:?}: {wrong} of {}", set.pairs.len());
            }
        }
    }
}

#[test]
fn families_and_classes_are_spread_over_the_folds() {
    let set = simulate(&Settings::new(Kind::RnaProtein)).unwrap();
    let mut of_family: BTreeMap<(usize, usize), [usize; 3]> = BTreeMap::new();
    for (pair, fold) in set.pairs.iter().zip(&set.folds) {
        let (rna, partner) = (&set.rna[pair.rna], &set.partners[pair.partner]);
        let row = of_family.entry((0, rna.family)).or_insert([fold.cold_rna, 9, fold.cold_both]);
        assert_eq!(*row, [fold.cold_rna, 9, fold.cold_both]);
        let row = of_family.entry((1, partner.family)).or_insert([9, fold.cold_partner, fold.cold_both]);
        assert_eq!(*row, [9, fold.cold_partner, fold.cold_both]);
    }
    for fold in 0..5 {
        for class in 0..8 {
            let found =
                set.pairs.iter().zip(&set.folds).any(|(pair, row)| {
                    row.cold_both == fold && pair.binds && set.rna[pair.rna].class == class
                });
            assert!(found, "fold {fold}, class {class}");
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_set_and_another_seed_another() {
    let [a, b] = [1, 1].map(|seed| simulate(&Settings { seed, ..Settings::new(Kind::RnaRna) }).unwrap());
    assert_eq!(a.pairs, b.pairs);
    assert!(a.rna.iter().zip(&b.rna).all(|(x, y)| x.record == y.record));
    let c = simulate(&Settings { seed: 2, ..Settings::new(Kind::RnaRna) }).unwrap();
    assert_ne!(a.pairs, c.pairs);
}

#[test]
fn every_molecule_is_normalised_and_distinct() {
    for kind in KINDS {
        let set = simulate(&Settings::new(kind)).unwrap();
        assert!(set.rna.iter().all(|m| m.record.sequence.iter().all(|c| b"ACGU".contains(c))));
        for side in [&set.rna, &set.partners] {
            let letters: std::collections::BTreeSet<_> = side.iter().map(|m| &m.record.sequence).collect();
            assert_eq!(letters.len(), side.len());
        }
    }
}

#[test]
fn scaffolds_with_side_chains_are_balanced_smiles() {
    let set = simulate(&Settings::new(Kind::RnaSmallMolecule)).unwrap();
    for member in &set.partners {
        let smiles = std::str::from_utf8(&member.record.sequence).unwrap();
        let outside = smiles.chars().fold((0, String::new()), |(depth, mut kept), c| match c {
            '[' => (depth + 1, kept),
            ']' => (depth - 1, kept),
            _ => {
                if depth == 0 {
                    kept.push(c);
                }
                (depth, kept)
            }
        });
        for digit in '0'..='9' {
            assert!(outside.1.matches(digit).count().is_multiple_of(2), "{smiles}");
        }
        assert_eq!(smiles.matches('(').count(), smiles.matches(')').count(), "{smiles}");
        assert!(!smiles.contains('{'), "{smiles}");
    }
}

#[test]
fn too_many_pairs_are_refused_with_the_number_that_fits() {
    let settings = Settings { pairs: 100_000, ..Settings::new(Kind::RnaProtein) };
    let message = simulate(&settings).unwrap_err().to_string();
    assert!(message.contains("ask for at most"), "{message}");
}
