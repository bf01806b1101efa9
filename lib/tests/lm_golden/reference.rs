//! The three models in plain f64 loops, one sequence at a time, with switches for the mistakes that are easily made.

use std::collections::HashMap;

use crossmamba::lm::{AttentionEpsilon, Checkpoint, Family, Shape};

/// A way to compute something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    NoTokenDropout,
    ComputedFrequencies,
    InterleavedRotary,
    RotatedValues,
    PositionFromOne,
    TanhGelu,
    NoScale,
    ScaledQueries,
    NormAfter,
    NormBefore,
    NoFinalNorm,
    OtherEpsilon,
    PlainResidual,
    SwappedGate,
    NoBeta,
    SwappedNorms,
    OtherFeatures,
    NoFeatures,
    OtherGuard,
}

pub(crate) struct Reference {
    shape: Shape,
    tensors: HashMap<String, Vec<f64>>,
}

/// (tokens, width)
type Rows = Vec<Vec<f64>>;

impl Reference {
    pub(crate) fn new(checkpoint: &Checkpoint) -> Self {
        let shape = checkpoint.shape().clone();
        let mut tensors = HashMap::new();
        let names = shape.tensors().into_iter().map(|(name, _)| name).chain(["inv_freq".to_owned()]);
        for name in names.filter(|name| checkpoint.contains(name)) {
            let values = checkpoint.tensor(&name).unwrap().to_f32().unwrap();
            tensors.insert(name, values.into_iter().map(f64::from).collect());
        }
        Self { shape, tensors }
    }

    fn get(&self, name: &str) -> &[f64] {
        &self.tensors[name]
    }

    fn linear(&self, name: &str, x: &Rows) -> Rows {
        let weight = self.get(&format!("{name}.weight"));
        let bias = self.tensors.get(&format!("{name}.bias"));
        let row = |x: &Vec<f64>| {
            let dot = |w: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            weight.chunks(x.len()).enumerate().map(|(i, w)| dot(w) + bias.map_or(0.0, |b| b[i])).collect()
        };
        x.iter().map(row).collect()
    }

    fn norm(&self, name: &str, x: &Rows, mistake: Option<Mistake>) -> Rows {
        let (weight, bias) = (self.get(&format!("{name}.weight")), self.get(&format!("{name}.bias")));
        let other = if self.shape.norm_epsilon < 1e-8 { 1e-5 } else { 1e-3 };
        let epsilon =
            if mistake == Some(Mistake::OtherEpsilon) { other } else { f64::from(self.shape.norm_epsilon) };
        let row = |x: &Vec<f64>| {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
            let scale = 1.0 / (variance + epsilon).sqrt();
            x.iter().zip(weight).zip(bias).map(|((x, w), b)| (x - mean) * scale * w + b).collect()
        };
        x.iter().map(row).collect()
    }

    /// Turns the heads of rows; `x` is (tokens, width).
    fn rotary(&self, x: &mut Rows, mistake: Option<Mistake>) {
        let head = self.shape.width / self.shape.heads;
        let computed = |j: usize| 10_000_f64.powf(-2.0 * j as f64 / head as f64);
        let stored = self.tensors.get("inv_freq").filter(|_| mistake != Some(Mistake::ComputedFrequencies));
        let from = usize::from(mistake == Some(Mistake::PositionFromOne));
        for (t, row) in x.iter_mut().enumerate() {
            for head in row.chunks_mut(head) {
                let half = head.len() / 2;
                for j in 0..half {
                    let (sin, cos) =
                        ((t + from) as f64 * stored.map_or_else(|| computed(j), |f| f[j])).sin_cos();
                    let (a, b) = if mistake == Some(Mistake::InterleavedRotary) {
                        (2 * j, 2 * j + 1)
                    } else {
                        (j, j + half)
                    };
                    (head[a], head[b]) = (head[a] * cos - head[b] * sin, head[b] * cos + head[a] * sin);
                }
            }
        }
    }

    fn attention(&self, i: usize, x: &Rows, mistake: Option<Mistake>) -> Rows {
        let part = |name: &str| self.linear(&format!("layers.{i}.{name}"), x);
        let (mut q, mut k, mut v) = (part("query"), part("key"), part("value"));
        self.rotary(&mut q, mistake);
        self.rotary(&mut k, mistake);
        if mistake == Some(Mistake::RotatedValues) {
            self.rotary(&mut v, mistake);
        }
        let head = self.shape.width / self.shape.heads;
        let mut out = vec![vec![0.0; self.shape.width]; x.len()];
        for h in 0..self.shape.heads {
            let at = h * head..(h + 1) * head;
            let weights = if self.shape.random_features > 0 {
                self.random_features(i, &q, &k, at.clone(), mistake)
            } else {
                softmax(&q, &k, at.clone(), mistake)
            };
            for (out, weights) in out.iter_mut().zip(&weights) {
                for (v, weight) in v.iter().zip(weights) {
                    for d in at.clone() {
                        out[d] += weight * v[d];
                    }
                }
            }
        }
        self.linear(&format!("layers.{i}.out"), &out)
    }

    fn random_features(
        &self,
        i: usize,
        q: &Rows,
        k: &Rows,
        at: std::ops::Range<usize>,
        mistake: Option<Mistake>,
    ) -> Rows {
        let omega = self.get(&format!("layers.{i}.features"));
        let count = self.shape.random_features;
        let scale = if mistake == Some(Mistake::ScaledQueries) { (at.len() as f64).powf(-0.5) } else { 1.0 };
        let feature = |x: &Vec<f64>, scale: f64| -> Vec<f64> {
            let x = &x[at.clone()];
            if mistake == Some(Mistake::NoFeatures) {
                return x.iter().map(|x| x.max(0.0)).collect();
            }
            let shift = usize::from(mistake == Some(Mistake::OtherFeatures));
            (0..count)
                .map(|f| {
                    let omega = |d: usize| omega[(d * count + f + shift) % omega.len()];
                    let sum: f64 = x.iter().enumerate().map(|(d, x)| x * omega(d)).sum();
                    (scale * sum).max(0.0)
                })
                .collect()
        };
        let k: Rows = k.iter().map(|k| feature(k, 1.0)).collect();
        q.iter()
            .map(|q| {
                let q = feature(q, scale);
                let weights: Vec<f64> =
                    k.iter().map(|k| q.iter().zip(k).map(|(q, k)| q * k).sum::<f64>()).collect();
                let below: f64 = weights.iter().sum();
                let floor = matches!(self.shape.attention_epsilon, AttentionEpsilon::Floor(_));
                let below = if floor == (mistake == Some(Mistake::OtherGuard)) {
                    below + f64::from(1e-6_f32)
                } else {
                    below.max(f64::from(1e-6_f32))
                };
                weights.into_iter().map(|w| w / below).collect()
            })
            .collect()
    }

    /// Computes the hidden states after `depth` blocks; after the last, normalised.
    pub(crate) fn forward(&self, ids: &[u32], depth: usize, mistake: Option<Mistake>) -> Rows {
        let shape = &self.shape;
        let embedding = self.get("embedding");
        let masks = ids.iter().filter(|id| **id == shape.mask_token).count() as f64;
        let share = match shape.family {
            _ if !shape.token_dropout || mistake == Some(Mistake::NoTokenDropout) => None,
            // 15 % of the tokens were chosen in training, 80 % of these masked.
            Family::Esm2 | Family::Rinalmo => Some(0.15 * 0.8),
            Family::Molformer => None,
        };
        let scale = share.map_or(1.0, |share| (1.0 - share) / (1.0 - masks / ids.len() as f64));
        let row = |id: &u32| -> Vec<f64> {
            let hidden = share.is_some() && *id == shape.mask_token;
            let row = &embedding[*id as usize * shape.width..][..shape.width];
            row.iter().map(|e| if hidden { 0.0 } else { e * scale }).collect()
        };
        let mut x: Rows = ids.iter().map(row).collect();
        for i in 0..depth {
            x = self.block(i, x, mistake);
        }
        if depth == shape.layers && mistake != Some(Mistake::NoFinalNorm) {
            x = self.norm("norm", &x, mistake);
        }
        x
    }

    fn block(&self, i: usize, x: Rows, mistake: Option<Mistake>) -> Rows {
        let swap = usize::from(mistake == Some(Mistake::SwappedNorms));
        let norm =
            |n: usize, x: &Rows| self.norm(&format!("layers.{i}.norm{}", 1 + (n + swap) % 2), x, mistake);
        let after = if self.shape.family == Family::Molformer {
            mistake != Some(Mistake::NormBefore)
        } else {
            mistake == Some(Mistake::NormAfter)
        };
        if after {
            let x = norm(0, &sum(x.clone(), &self.attention(i, &x, mistake)));
            let y = self.feed_forward(i, &x, mistake);
            return norm(1, &sum(x, &y));
        }
        let n = norm(0, &x);
        let replaces = self.shape.family == Family::Rinalmo && mistake != Some(Mistake::PlainResidual);
        let y = self.attention(i, &n, mistake);
        let x = sum(if replaces { n } else { x }, &y);
        let y = self.feed_forward(i, &norm(1, &x), mistake);
        sum(x, &y)
    }

    fn feed_forward(&self, i: usize, x: &Rows, mistake: Option<Mistake>) -> Rows {
        let mut inner = self.linear(&format!("layers.{i}.up"), x);
        if self.shape.family == Family::Rinalmo {
            let mut gate = self.linear(&format!("layers.{i}.gate"), x);
            let beta =
                if mistake == Some(Mistake::NoBeta) { 1.0 } else { self.get(&format!("layers.{i}.beta"))[0] };
            if mistake == Some(Mistake::SwappedGate) {
                std::mem::swap(&mut inner, &mut gate);
            }
            for (inner, gate) in inner.iter_mut().flatten().zip(gate.iter().flatten()) {
                *inner = *inner / (1.0 + (-beta * *inner).exp()) * gate;
            }
        } else {
            for x in inner.iter_mut().flatten() {
                *x = if mistake == Some(Mistake::TanhGelu) {
                    let inner = (2.0 / std::f64::consts::PI).sqrt() * (*x + 0.044_715 * x.powi(3));
                    0.5 * *x * (1.0 + inner.tanh())
                } else {
                    0.5 * *x * (1.0 + erf(*x / std::f64::consts::SQRT_2))
                };
            }
        }
        self.linear(&format!("layers.{i}.down"), &inner)
    }
}

fn softmax(q: &Rows, k: &Rows, at: std::ops::Range<usize>, mistake: Option<Mistake>) -> Rows {
    let scale = if mistake == Some(Mistake::NoScale) { 1.0 } else { (at.len() as f64).powf(-0.5) };
    q.iter()
        .map(|q| {
            let scores: Vec<f64> =
                k.iter().map(|k| scale * at.clone().map(|d| q[d] * k[d]).sum::<f64>()).collect();
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let below: f64 = scores.iter().map(|s| (s - highest).exp()).sum();
            scores.iter().map(|s| (s - highest).exp() / below).collect()
        })
        .collect()
}

fn sum(mut x: Rows, y: &Rows) -> Rows {
    for (x, y) in x.iter_mut().flatten().zip(y.iter().flatten()) {
        *x += y;
    }
    x
}

/// The error function: its series near 0, its continued fraction (Lentz) elsewhere.
fn erf(x: f64) -> f64 {
    let a = x.abs();
    let value = if a < 2.5 {
        let (mut term, mut sum) = (a, a);
        for n in 1..80 {
            let n = f64::from(n);
            term *= -a * a / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    } else {
        let mut fraction = a;
        for n in (1..=60).rev() {
            fraction = a + 0.5 * f64::from(n) / fraction;
        }
        1.0 - (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt())
    };
    value.copysign(x)
}
