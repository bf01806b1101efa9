//! The words of an instruction's name, taken one by one.

use super::ty::Type;

/// What is left of a name that is being decoded.
pub(super) struct Words<'a> {
    /// The first word.
    pub(super) head: &'a str,
    left: Vec<&'a str>,
}

impl<'a> Words<'a> {
    pub(super) fn new(name: &[&'a str]) -> Self {
        Self { head: name.first().copied().unwrap_or(""), left: name.get(1..).unwrap_or(&[]).to_vec() }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.is_empty()
    }

    /// Takes a word, wherever it stands.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let at = self.left.iter().position(|w| *w == word);
        at.map(|at| self.left.remove(at)).is_some()
    }

    /// Takes the first word that the table knows.
    pub(super) fn one_of<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        let (at, value) = self.left.iter().enumerate().find_map(|(at, w)| {
            let known = table.iter().find(|(name, _)| name == w)?;
            Some((at, known.1))
        })?;
        self.left.remove(at);
        Some(value)
    }

    /// Takes words that change nothing here: hints for caches, `aligned`, and the like.
    pub(super) fn ignore(&mut self, words: &[&str]) {
        self.left.retain(|w| !words.contains(w) && !w.starts_with("L1::") && !w.starts_with("L2::"));
    }

    /// Takes the last word, which must be a type.
    pub(super) fn last_type(&mut self) -> Option<Type> {
        let ty = self.left.last().and_then(|w| Type::parse(w))?;
        self.left.pop();
        Some(ty)
    }

    /// Looks at the last word without taking it.
    pub(super) fn last(&self) -> &'a str {
        self.left.last().copied().unwrap_or("")
    }

    /// Takes all words at once if they are exactly these.
    pub(super) fn exactly(&mut self, words: &[&str]) -> bool {
        let same = self.left == words;
        if same {
            self.left.clear();
        }
        same
    }
}
