//! Families of RNAs that carry several copies of an element in a background that says nothing.

use std::ops::{Range, RangeInclusive};

use super::evolve::{Rates, mutate};
use super::site::{Element, composition, nucleotide};
use crate::rng::Rng;

/// How relatives differ: a fifth of the background's letters, and one indel in fifty.
const BETWEEN_RELATIVES: Rates = Rates { substitution: 0.2, indel: 0.02 };

/// What an RNA of a set looks like.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Copies of each element that is carried.
    pub(super) sites: RangeInclusive<usize>,
    /// Scrambled copies of elements that are not carried.
    pub(super) scrambled: usize,
    /// Letters between two elements.
    pub(super) gap: RangeInclusive<usize>,
    /// Letters at each end.
    pub(super) flank: RangeInclusive<usize>,
}

#[derive(Debug, Clone)]
enum Part {
    Background(Vec<u8>),
    Site(usize),
    Scrambled(usize),
}

/// The common ancestor of a family.
#[derive(Debug, Clone)]
pub(super) struct Ancestor {
    composition: [f64; 4],
    parts: Vec<Part>,
}

/// A planted copy of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The element, counted from 0.
    pub element: usize,
    /// Where it is, counted from 0.
    pub range: Range<usize>,
}

/// An RNA and where its sites are.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) letters: Vec<u8>,
    pub(super) sites: Vec<Site>,
}

impl Ancestor {
    /// Draws an ancestor that carries some of the elements 0 to `elements` - 1.
    pub(super) fn new(carried: &[usize], elements: usize, shape: &Shape, rng: &mut Rng) -> Self {
        let composition = composition(rng);
        let absent: Vec<usize> = (0..elements).filter(|element| !carried.contains(element)).collect();
        let mut elements = Vec::new();
        for &element in carried {
            elements.extend(vec![Part::Site(element); within(&shape.sites, rng)]);
        }
        for _ in 0..shape.scrambled {
            elements.push(Part::Scrambled(absent[rng.below(absent.len())]));
        }
        rng.shuffle(&mut elements);
        let mut parts = Vec::with_capacity(2 * elements.len() + 1);
        let last = elements.len();
        for (at, element) in elements.into_iter().enumerate() {
            let length = within(if at == 0 { &shape.flank } else { &shape.gap }, rng);
            parts.push(background(length, composition, rng));
            parts.push(element);
            if at + 1 == last {
                parts.push(background(within(&shape.flank, rng), composition, rng));
            }
        }
        Self { composition, parts }
    }

    /// Makes a relative; a decoy has each of its sites scrambled. No element occurs outside the sites.
    pub(super) fn relative(&self, decoy: bool, elements: &[Element], rng: &mut Rng) -> Made {
        let mut made = Made { letters: Vec::new(), sites: Vec::new() };
        for part in &self.parts {
            match part {
                Part::Background(letters) => {
                    let draw = |_: Option<u8>, rng: &mut Rng| nucleotide(rng, self.composition);
                    made.letters.extend(mutate(letters, BETWEEN_RELATIVES, rng, draw));
                }
                Part::Scrambled(element) => made.letters.extend(elements[*element].draw_scrambled(rng)),
                Part::Site(element) if decoy => made.letters.extend(elements[*element].draw_scrambled(rng)),
                Part::Site(element) => {
                    let start = made.letters.len();
                    made.letters.extend(elements[*element].draw(rng));
                    made.sites.push(Site { element: *element, range: start..made.letters.len() });
                }
            }
        }
        remove_chance_sites(&mut made, elements, self.composition, rng);
        made
    }
}

fn background(length: usize, composition: [f64; 4], rng: &mut Rng) -> Part {
    Part::Background((0..length).map(|_| nucleotide(rng, composition)).collect())
}

pub(super) fn within(range: &RangeInclusive<usize>, rng: &mut Rng) -> usize {
    range.start() + rng.below(range.end() - range.start() + 1)
}

/// Redraws background letters until every occurrence of any element is a planted one.
pub(super) fn remove_chance_sites(
    made: &mut Made,
    elements: &[Element],
    composition: [f64; 4],
    rng: &mut Rng,
) {
    // A pass removes most occurrences and rarely makes a new one; twenty are never needed in practice.
    for _ in 0..100 {
        let mut clean = true;
        for (other, element) in elements.iter().enumerate() {
            for stretch in element.occurrences(&made.letters) {
                let planted = |site: &Site| {
                    site.element == other
                        && site.range.start <= stretch.start
                        && stretch.end <= site.range.end
                };
                if made.sites.iter().any(planted) {
                    continue;
                }
                let unplanted: Vec<usize> =
                    stretch.filter(|at| !made.sites.iter().any(|site| site.range.contains(at))).collect();
                if !unplanted.is_empty() {
                    made.letters[unplanted[rng.below(unplanted.len())]] = nucleotide(rng, composition);
                    clean = false;
                }
            }
        }
        if clean {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::binder::BINDERS;

    #[test]
    fn elements_occur_where_they_were_planted_and_nowhere_else() {
        let elements: Vec<Element> = BINDERS.iter().map(super::super::binder::Binder::element).collect();
        let shape = Shape { sites: 6..=9, scrambled: 3, gap: 4..=20, flank: 10..=40 };
        let mut rng = Rng::new(4);
        for trial in 0..80 {
            let class = trial % 8;
            let decoy = trial % 3 == 0;
            let ancestor = Ancestor::new(&[class, (class + 3) % 8], 8, &shape, &mut rng);
            let made = ancestor.relative(decoy, &elements, &mut rng);
            for (other, element) in elements.iter().enumerate() {
                let wanted = made.sites.iter().filter(|site| site.element == other).count();
                assert_eq!(wanted > 0, !decoy && (other == class || other == (class + 3) % 8));
                assert_eq!(element.count(&made.letters), wanted, "class {class}, element {other}");
            }
        }
    }
}
