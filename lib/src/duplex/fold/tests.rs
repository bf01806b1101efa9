use super::super::energy::between;
use super::*;
use crate::rng::Rng;

/// Finds the best duplex by trying every chain of pairs, from the tables alone: pair by pair, nothing kept.
fn by_trying_all(a: &[u8], b: &[u8]) -> Energy {
    fn go_on(a: &[u8], b: &[u8], i: usize, j: usize, so_far: Energy) -> Energy {
        let kind = PAIR[a[i] as usize][b[j] as usize];
        let mut best = so_far + if weak(kind) { TERMINAL } else { 0 };
        for step in &LOOPS {
            let (k, l) = (i + 1 + step.unpaired[0], j + 1 + step.unpaired[1]);
            if k < a.len() && l < b.len() {
                let next = PAIR[a[k] as usize][b[l] as usize];
                if next != NONE {
                    best = best.min(go_on(a, b, k, l, so_far + between(step, kind, next)));
                }
            }
        }
        best
    }
    let mut best = 0;
    for i in 0..a.len() {
        for j in 0..b.len() {
            let kind = PAIR[a[i] as usize][b[j] as usize];
            if kind != NONE {
                let start = INITIATION + if weak(kind) { TERMINAL } else { 0 };
                best = best.min(go_on(a, b, i, j, start));
            }
        }
    }
    best
}

fn random(rng: &mut Rng, length: usize) -> Strand {
    Strand::of(&(0..length).map(|_| b"ACGUGCN"[rng.below(7)]).collect::<Vec<_>>())
}

/// Deletes, inserts and replaces nucleotides, so that every kind of loop comes up.
fn damaged(strand: &Strand, rng: &mut Rng) -> Strand {
    let mut letters = Vec::new();
    for &nucleotide in strand.nucleotides() {
        let kept = b"ACGUN"[usize::from(nucleotide)];
        let another = b"ACGU"[rng.below(4)];
        match rng.below(12) {
            0 => {}
            1 => letters.extend([another, kept]),
            2 => letters.push(another),
            _ => letters.push(kept),
        }
    }
    Strand::of(&letters)
}

#[test]
fn the_recursion_finds_what_trying_every_duplex_finds() {
    let mut rng = Rng::new(1);
    let mut bound = 0;
    for _ in 0..400 {
        let length = rng.below(12);
        let a = random(&mut rng, length);
        let b = damaged(&a.complement(), &mut rng);
        let along: Vec<u8> = b.nucleotides().iter().rev().copied().collect();
        let wanted = by_trying_all(a.nucleotides(), &along);
        assert_eq!(hybridise(&a, &b).energy, wanted, "{a:?} {b:?}");
        bound += usize::from(wanted < 0);
    }
    assert!(bound > 150, "{bound} of 400 bind");
}

#[test]
fn the_costs_of_weak_pairs_are_told_apart() {
    assert!(LOOPS.iter().all(|step| WEAK[step.class()] == step.weak));
    assert!(LOOPS.iter().all(|step| step.unpaired.iter().all(|&unpaired| unpaired < REACH)));
}

#[test]
fn the_energy_does_not_depend_on_which_strand_comes_first() {
    let mut rng = Rng::new(2);
    for _ in 0..100 {
        let (a, b) = (random(&mut rng, 22), random(&mut rng, 90));
        assert_eq!(hybridise(&a, &b).energy, hybridise(&b, &a).energy);
    }
}

#[test]
fn the_energies_of_duplexes_are_those_counted_by_hand() {
    let energy = |a: &[u8], b: &[u8]| hybridise(&Strand::of(a), &Strand::of(b)).energy;
    // GGCC on itself: GG/CC -3.3, GC/CG -3.4, CC/GG -3.3, initiation 4.1.
    assert_eq!(energy(b"GGCC", b"GGCC"), -330 - 340 - 330 + 410);
    // One A against another inside ten G–C pairs; both neighbours strong: 0.9.
    assert_eq!(energy(b"GGGGGAGGGGG", b"CCCCCACCCCC"), -8 * 330 + 90 + 410);
    // One A bulged out, the neighbours stacked: 3.8.
    assert_eq!(energy(b"GGGGGAGGGGG", b"CCCCCCCCCC"), -9 * 330 + 380 + 410);
    // Weak pairs: nine AA/UU stacks, two weak ends.
    assert_eq!(energy(b"AAAAAAAAAA", b"UUUUUUUUUU"), -9 * 90 + 410 + 100);
    for none in [b"".as_slice(), b"A", b"NNNNNNNN", b"AAAAAAAA"] {
        assert_eq!(hybridise(&Strand::of(none), &Strand::of(b"AAAACCCC")), Duplex::default());
    }
}

#[test]
fn the_seed_is_nucleotides_two_to_eight_of_the_first_strand() {
    let guide = Strand::of(b"UGAGGUAGUAGG");
    let site = Strand::of(b"AAAACUACCUCAAA");
    // GA AG GG GU UA AG on their complements.
    let found = hybridise(&guide, &site);
    assert_eq!((found.seed, found.sites), (-240 - 210 - 330 - 220 - 130 - 210, 1));
    let shifted = hybridise(&Strand::of(b"AGUGAGGUAGUAGG"), &site);
    assert!(shifted.seed > found.seed && shifted.sites == 0);
    // One wobble is a site, two are none.
    let sites = |partner: &[u8]| hybridise(&guide, &Strand::of(partner)).sites;
    assert_eq!([b"CUACCUC", b"UUACCUC", b"UUACUUC", b"AUACCUC"].map(|b| sites(b)), [1, 1, 0, 0]);
    assert_eq!(sites(b"CUACCUCACUACCUC"), 2);
    for (a, b) in [(b"UGAG".as_slice(), b"CU".as_slice()), (b"U", b"CUACCUC"), (b"UGAG", b"CUCA")] {
        assert_eq!(hybridise(&Strand::of(a), &Strand::of(b)).sites, 0);
    }
}
