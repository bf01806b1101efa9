//! Turns sequences into the token ids that a language model was trained on.

mod rna;
mod smiles;
mod vocabulary;

use crate::Result;
pub use vocabulary::Vocabulary;

/// The tokens of one sequence, without the two special ones around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    /// One id per residue, or per token of a SMILES string.
    pub ids: Vec<u32>,
    /// Letters or SMILES tokens that the vocabulary lacks; each has the id of the model's unknown token.
    pub unknown: usize,
    /// Bytes of a SMILES string that belong to no token; the published tokenizer leaves them out, and so does this.
    pub dropped: usize,
}

/// The alphabet of a model, and how it reads text.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    alphabet: Alphabet,
    /// The ids before and after a sequence.
    around: [u32; 2],
    unknown: u32,
}

/// How text becomes tokens; a table gives the id of each byte, or nothing for an unknown one.
#[derive(Debug, Clone)]
enum Alphabet {
    Protein { ids: Box<[Option<u32>; 256]>, mask: u32 },
    Rna { ids: Box<[Option<u32>; 256]>, any: u32 },
    Smiles,
}

/// The token that ESM-2 honours in the middle of a sequence.
const MASK: &[u8] = b"<mask>";

impl Tokenizer {
    /// Makes the tokenizer of ESM-2 (33 tokens, the same in every published file).
    ///
    /// One token per residue: white space is left out, lower case is read as upper case, one `*` at the end is
    /// dropped, and any other letter without a token becomes `X` and is counted. The tokenizers that come with the
    /// published files differ there: they join unknown letters into one token, or refuse them.
    ///
    /// ```
    /// let tokens = crossmamba::lm::Tokenizer::esm2().encode(b"MKJ*");
    /// assert_eq!((tokens.ids, tokens.unknown), (vec![20, 15, 24], 1));
    /// ```
    pub fn esm2() -> Self {
        let vocabulary = Vocabulary::esm2();
        let mut ids = vocabulary.letters();
        upper_case(&mut ids);
        let id = |token| vocabulary.id(token).expect("the built-in list has the special tokens");
        let (around, unknown, mask) = ([id(b"<cls>"), id(b"<eos>")], id(b"X"), id(MASK));
        Self { alphabet: Alphabet::Protein { ids, mask }, around, unknown, vocabulary }
    }

    /// Makes the tokenizer of RiNALMo from its vocabulary: the 22 tokens of the original files, or the 26 or 28 of
    /// a converted folder.
    ///
    /// One token per nucleotide: white space is left out, lower case is read as upper case, `T` and `U` are one
    /// letter, `.`, `X` and `?` (which the original lacks and the converted files give untrained rows) are read as
    /// `N`, and any other letter without a token becomes `<unk>`. Both kinds are counted as unknown.
    ///
    /// # Errors
    /// A vocabulary that lacks a nucleotide or a special token.
    ///
    /// ```
    /// use crossmamba::lm::{Tokenizer, Vocabulary};
    ///
    /// let tokenizer = Tokenizer::rinalmo(Vocabulary::rinalmo(22).expect("the original files have 22 tokens"))?;
    /// let mut ids = Vec::new();
    /// tokenizer.frame(&tokenizer.encode(b"ACGU").ids, &mut ids);
    /// assert_eq!(ids, [0, 5, 6, 7, 8, 2]);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn rinalmo(vocabulary: Vocabulary) -> Result<Self> {
        let id = |token: &[u8]| vocabulary.require(token, "RiNALMo");
        let around = [id(b"<cls>")?, id(b"<eos>")?];
        let (unknown, any) = (id(b"<unk>")?, id(b"N")?);
        let ids = rna::letters(&vocabulary)?;
        Ok(Self { alphabet: Alphabet::Rna { ids, any }, around, unknown, vocabulary })
    }

    /// Makes the tokenizer of MoLFormer from its vocabulary.
    ///
    /// A SMILES string is divided by the published expression; what lies between two tokens is left out and counted.
    /// A token without an id becomes `<unk>`, or `<pad>` where `unknown_is_padding`, as the code that belongs to
    /// the original training files does.
    ///
    /// # Errors
    /// A vocabulary that lacks a special token.
    ///
    /// ```
    /// use crossmamba::lm::{Tokenizer, Vocabulary};
    ///
    /// let list = ["<bos>", "<eos>", "<pad>", "<unk>", "C", "Cl"].map(String::from).to_vec();
    /// let tokenizer = Tokenizer::molformer(Vocabulary::new(list)?, false)?;
    /// assert_eq!(tokenizer.encode(b"CClO").ids, [4, 5, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn molformer(vocabulary: Vocabulary, unknown_is_padding: bool) -> Result<Self> {
        let id = |token: &[u8]| vocabulary.require(token, "MoLFormer");
        let around = [id(b"<bos>")?, id(b"<eos>")?];
        let unknown = id(if unknown_is_padding { b"<pad>" } else { b"<unk>" })?;
        Ok(Self { alphabet: Alphabet::Smiles, around, unknown, vocabulary })
    }

    /// Gives the vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Divides a sequence into tokens.
    pub fn encode(&self, sequence: &[u8]) -> Tokens {
        match &self.alphabet {
            Alphabet::Protein { ids, mask } => self.protein(sequence, ids, *mask),
            Alphabet::Rna { ids, any } => rna::encode(sequence, ids, *any, self.unknown),
            Alphabet::Smiles => self.smiles(sequence),
        }
    }

    /// Counts the tokens of a sequence, the special ones left out: the number of its residue rows.
    pub fn length(&self, sequence: &[u8]) -> usize {
        match &self.alphabet {
            Alphabet::Smiles => smiles::split(sequence).count(),
            _ => self.encode(sequence).ids.len(),
        }
    }

    /// Appends the ids of a stretch of tokens with the special ones around it.
    pub fn frame(&self, ids: &[u32], out: &mut Vec<u32>) {
        out.reserve(ids.len() + 2);
        out.push(self.around[0]);
        out.extend_from_slice(ids);
        out.push(self.around[1]);
    }

    fn protein(&self, sequence: &[u8], ids: &[Option<u32>; 256], mask: u32) -> Tokens {
        let trimmed = sequence.trim_ascii();
        let mut rest = trimmed.strip_suffix(b"*").unwrap_or(trimmed);
        let mut tokens = Tokens { ids: Vec::with_capacity(rest.len()), ..Tokens::default() };
        while let Some((&letter, after)) = rest.split_first() {
            if let Some(after) = rest.strip_prefix(MASK) {
                tokens.ids.push(mask);
                rest = after;
                continue;
            }
            if !letter.is_ascii_whitespace() {
                tokens.unknown += usize::from(ids[usize::from(letter)].is_none());
                tokens.ids.push(ids[usize::from(letter)].unwrap_or(self.unknown));
            }
            rest = after;
        }
        tokens
    }

    fn smiles(&self, sequence: &[u8]) -> Tokens {
        let mut tokens = Tokens::default();
        let mut covered = 0;
        for token in smiles::split(sequence) {
            let id = self.vocabulary.id(token);
            tokens.unknown += usize::from(id.is_none());
            tokens.ids.push(id.unwrap_or(self.unknown));
            covered += token.len();
        }
        tokens.dropped = sequence.len() - covered;
        tokens
    }
}

/// Lets each lower-case letter have the id of its upper-case one.
fn upper_case(ids: &mut [Option<u32>; 256]) {
    for letter in b'a'..=b'z' {
        ids[usize::from(letter)] = ids[usize::from(letter.to_ascii_uppercase())];
    }
}

#[cfg(test)]
mod tests;
