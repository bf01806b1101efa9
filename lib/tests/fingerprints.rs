//! Holds fingerprints to those of `RDKit`: not number by number, which nothing but `RDKit` could give, but by how they rank
//! pairs of molecules (`golden/fingerprints/make_golden.py`).

use crossmamba::encoder::Fingerprints;
use crossmamba::metrics::spearman;

/// The least rank correlation of each Tanimoto coefficient with those of `RDKit`, over all pairs of 87 well-known molecules: .998 for
/// circular, .945 for functional (`RDKit` tells donors, acceptors, acids and bases by other patterns) and .999 for pairs.
const AGREEMENT: [f64; 3] = [0.995, 0.94, 0.995];

#[test]
fn tanimoto_coefficients_rank_pairs_as_those_of_rdkit_do() {
    let text = include_str!("golden/fingerprints/likeness.tsv");
    let lines = || text.lines().skip(1);
    let read = |smiles: &str| Fingerprints::read(smiles).unwrap();
    let molecules: Vec<Fingerprints> = lines().filter(|line| !line.contains('\t')).map(read).collect();
    let (mut ours, mut theirs) = ([vec![], vec![], vec![]], [vec![], vec![], vec![]]);
    for line in lines().filter(|line| line.contains('\t')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [one, other] = [0, 1].map(|i| &molecules[fields[i].parse::<usize>().unwrap()]);
        for (kind, (a, b)) in one.bags().into_iter().zip(other.bags()).enumerate() {
            ours[kind].push(a.tanimoto(b));
            theirs[kind].push(fields[2 + kind].parse::<f64>().unwrap());
        }
    }
    assert_eq!((molecules.len(), ours[0].len()), (87, 87 * 86 / 2));
    for kind in 0..3 {
        let agreement = spearman(&ours[kind], &theirs[kind]);
        let apart = ours[kind].iter().zip(&theirs[kind]).map(|(a, b)| (a - b).abs()).sum::<f64>() / 3741.0;
        println!("{kind}: rank correlation {agreement:.4}, mean difference {apart:.4}");
        assert!(agreement >= AGREEMENT[kind], "{kind}: {agreement}");
    }
    // Clusters of molecules ask on which side of a threshold a pair lies.
    for threshold in [0.3, 0.4, 0.5, 0.6] {
        let sides = ours[0].iter().zip(&theirs[0]).map(|(a, b)| [*a >= threshold, *b >= threshold]);
        let sides: Vec<[bool; 2]> = sides.collect();
        let count = |wanted: [bool; 2]| sides.iter().filter(|side| **side == wanted).count();
        let (both, ours_alone, theirs_alone) =
            (count([true, true]), count([true, false]), count([false, true]));
        println!(
            "Tanimoto {threshold}: {both} pairs by both, {ours_alone} by ours and {theirs_alone} by RDKit's alone"
        );
        assert!(both > 0 && 20 * (ours_alone + theirs_alone) <= both, "{threshold}");
    }
}
