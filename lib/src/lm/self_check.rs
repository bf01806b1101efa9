//! Computes the numbers that the published files must give, and says whether they come out.

use super::pool::Pool;
use super::{Checkpoint, Family, LanguageModel, Precision, Tokenizer, known_digest};
use crate::store::TokenRule;
use crate::{Error, Result};

/// The published numbers have four or five digits.
const TOLERANCE: f32 = 1e-4;

/// A published file, and numbers that it gives.
struct Published {
    name: &'static str,
    family: Family,
    /// Layers, width and vocabulary.
    shape: (usize, usize, usize),
    input: &'static str,
    /// Whether they are the mean over all tokens, not the first values of the first tokens.
    pooled: bool,
    /// What the numbers are.
    what: &'static str,
    numbers: &'static [f32],
}

const PUBLISHED: [Published; 2] = [
    Published {
        name: "esm2_t6_8M_UR50D",
        family: Family::Esm2,
        shape: (6, 320, 33),
        input: "GLDALQITV",
        pooled: false,
        what: "the first 3 values of the first 3 tokens of the last layer",
        numbers: &[0.1444, 0.5413, 0.3248, 0.3034, 0.0053, 0.3108, 0.3228, -0.2499, 0.3415],
    },
    Published {
        name: "MoLFormer-XL-both-10pct",
        family: Family::Molformer,
        shape: (12, 768, 2362),
        input: "CC(=O)Oc1ccccc1C(=O)O",
        pooled: true,
        what: "the first 5 values of the mean over all tokens",
        numbers: &[0.59427, 0.45265, 0.34374, 0.66782, -0.69957],
    },
];

/// How a self-check ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The published numbers come out.
    Agrees,
    /// There are no published numbers to compare with.
    NothingPublished,
    /// The file has the shape of a published one, and gives other numbers.
    Differs {
        /// The published file whose shape this is.
        name: &'static str,
        /// The largest difference.
        difference: f32,
    },
}

/// What a self-check found.
#[derive(Debug, Clone)]
pub struct SelfCheck {
    /// What was compared and what came out, line by line.
    pub lines: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
}

/// Runs a checkpoint on a known input and compares what comes out with published numbers, if there are any for its
/// shape; always checks that values are finite, that a sequence's values do not depend on what is computed beside it,
/// and how far bf16 is from f32.
///
/// # Errors
/// Weights that cannot be read.
///
/// ```
/// use crossmamba::lm::{Checkpoint, Tokenizer, Verdict, self_check};
///
/// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
/// let tokenizer = Tokenizer::for_checkpoint(&checkpoint, None)?;
/// // Nothing is published for a model as small as this one.
/// assert_eq!(self_check(&checkpoint, &tokenizer)?.verdict, Verdict::NothingPublished);
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub fn self_check(checkpoint: &Checkpoint, tokenizer: &Tokenizer) -> Result<SelfCheck> {
    let shape = checkpoint.shape();
    let model = LanguageModel::load(checkpoint, Precision::F32)?;
    let mut lines = vec![format!(
        "{}: {} layers, width {}, {} tokens, sha256:{}",
        shape.family,
        shape.layers,
        shape.width,
        shape.vocabulary,
        checkpoint.digest()
    )];
    lines.push(match known_digest(&checkpoint.digest()) {
        Some(known) => format!("the digest is that of the published {}", known.name),
        None => "the digest is not one of those that are known of published files".to_owned(),
    });
    let shown = |values: &[f32]| values.iter().map(|v| format!("{v:.5}")).collect::<Vec<_>>().join(" ");
    let found = (shape.layers, shape.width, shape.vocabulary);
    let published = PUBLISHED.iter().find(|file| file.family == shape.family && file.shape == found);
    let verdict = if let Some(file) = published {
        let rows = rows_of(&model, tokenizer, &[file.input.as_bytes()])?;
        let values = if file.pooled {
            mean(&rows, shape.width)[..file.numbers.len()].to_vec()
        } else {
            rows.chunks_exact(shape.width).take(3).flat_map(|row| &row[..3]).copied().collect()
        };
        let difference = values
            .iter()
            .zip(file.numbers)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, |a: f32, b| if b > a || b.is_nan() { b } else { a });
        lines.push(format!("input {}: {}", file.input, file.what));
        lines.push(format!("  published for {}: {}", file.name, shown(file.numbers)));
        lines.push(format!("  computed: {}", shown(&values)));
        lines.push(format!("  largest difference {difference:.1e}, allowed {TOLERANCE:.0e}"));
        if difference <= TOLERANCE {
            Verdict::Agrees
        } else {
            Verdict::Differs { name: file.name, difference }
        }
    } else {
        lines.push(format!(
            "no numbers are known for a checkpoint of this family and shape; there are for {}",
            PUBLISHED.map(|file| file.name).join(" and ")
        ));
        Verdict::NothingPublished
    };
    lines.extend(general(checkpoint, &model, tokenizer)?);
    Ok(SelfCheck { lines, verdict })
}

/// Checks what must hold for any weights.
fn general(checkpoint: &Checkpoint, model: &LanguageModel, tokenizer: &Tokenizer) -> Result<Vec<String>> {
    let texts = checkpoint.shape().family.facts().examples;
    let together = rows_of(model, tokenizer, &texts)?;
    let mut apart = Vec::new();
    for text in texts {
        apart.extend(rows_of(model, tokenizer, &[text])?);
    }
    let largest = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let infinite = together.iter().filter(|value| !value.is_finite()).count();
    if infinite > 0 {
        let problem = format!("it gives {infinite} values that are not finite, of {}", together.len());
        return Err(Error::setting("checkpoint", problem, "fetch the published file again"));
    }
    let batches = largest(&together, &apart);
    let half = rows_of(&LanguageModel::load(checkpoint, Precision::Bf16)?, tokenizer, &texts)?;
    let scale = together.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
    Ok(vec![
        format!("all {} values of three sequences are finite", together.len()),
        format!("largest difference between sequences together and one by one: {batches:.1e}"),
        format!(
            "largest difference of bf16 from f32: {:.1e}, where values reach {scale:.1e}",
            largest(&together, &half)
        ),
    ])
}

fn rows_of(model: &LanguageModel, tokenizer: &Tokenizer, texts: &[&[u8]]) -> Result<Vec<f32>> {
    let (mut ids, mut offsets) = (Vec::new(), vec![0]);
    for text in texts {
        tokenizer.frame(&tokenizer.encode(text).ids, &mut ids);
        offsets.push(ids.len());
    }
    model.forward(&ids, &offsets, None)
}

/// The mean over all rows, the two special ones included, as a store's global vector has it.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut pool = Pool::new(TokenRule::Pooled, 0, width);
    rows.chunks_exact(width).for_each(|row| pool.special(row));
    pool.finish().global
}
