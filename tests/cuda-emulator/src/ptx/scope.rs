//! Keeps the names of registers, scope by scope.

use std::collections::HashMap;

use super::Kernel;
use super::declare::{Class, Family};
use super::operand::Operand;

/// Names that live until the closing brace.
#[derive(Default)]
struct Scope {
    single: HashMap<String, Operand>,
    families: Vec<(Family, u32)>,
}

/// The names that are visible, innermost scope last.
pub(super) struct Scopes(Vec<Scope>);

impl Scopes {
    pub(super) fn new() -> Self {
        Self(vec![Scope::default()])
    }

    pub(super) fn open(&mut self) {
        self.0.push(Scope::default());
    }

    pub(super) fn close(&mut self) {
        self.0.pop();
    }

    /// Gives each register of a family its place in the kernel's files of registers.
    pub(super) fn declare(&mut self, family: Family, kernel: &mut Kernel) {
        let file = match family.class {
            Class::Predicate => &mut kernel.predicates,
            Class::Narrow => &mut kernel.narrow,
            Class::Wide => &mut kernel.wide,
        };
        let first = *file as u32;
        *file += family.count.unwrap_or(1) as usize;
        let Some(scope) = self.0.last_mut() else { return };
        if family.count.is_none() {
            scope.single.insert(family.stem.clone(), register(family.class, first));
        } else {
            scope.families.push((family, first));
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<Operand> {
        self.0.iter().rev().find_map(|scope| {
            let numbered = || {
                scope.families.iter().find_map(|(family, first)| {
                    let i: u32 = name.strip_prefix(family.stem.as_str())?.parse().ok()?;
                    (i < family.count?).then(|| register(family.class, first + i))
                })
            };
            scope.single.get(name).copied().or_else(numbered)
        })
    }

    /// Finds a predicate, which may be negated: its place and whether it is.
    pub(super) fn predicate(&self, name: &str) -> Option<(u32, bool)> {
        let (name, negated) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
        match self.find(name)? {
            Operand::Predicate(p) => Some((p, negated)),
            _ => None,
        }
    }
}

fn register(class: Class, place: u32) -> Operand {
    match class {
        Class::Predicate => Operand::Predicate(place),
        Class::Narrow => Operand::Narrow(place),
        Class::Wide => Operand::Wide(place),
    }
}
