//! The one table of shapes of a scan's tensors.

use super::inputs::ScanInputs;
use crate::nn::{Direction, Segments};

/// The sizes of a scan and the way it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Channels.
    pub(crate) e: usize,
    /// States per channel.
    pub(crate) n: usize,
    pub(crate) segments: Segments,
    pub(crate) direction: Direction,
}

impl Geometry {
    /// Lists the inputs that are there, in the order of the fields, with names and shapes; the pooling weights come last.
    pub(crate) fn inputs<T>(
        &self,
        x: ScanInputs<T>,
        w: Option<T>,
    ) -> impl Iterator<Item = (&'static str, T, Vec<usize>)> {
        let (t, s, e, n) = (self.segments.tokens(), self.segments.count(), self.e, self.n);
        let all = [
            ("u", Some(x.u), vec![t, e]),
            ("delta", Some(x.delta), vec![t, e]),
            ("a", Some(x.a), vec![e, n]),
            ("b", Some(x.b), vec![t, n]),
            ("c", Some(x.c), vec![t, n]),
            ("d", x.d, vec![e]),
            ("z", x.z, vec![t, e]),
            ("delta_bias", x.delta_bias, vec![e]),
            ("h0", x.h0, vec![s, e, n]),
            ("w", w, vec![t, e]),
        ];
        all.into_iter().filter_map(|(name, x, shape)| x.map(|x| (name, x, shape)))
    }

    /// Gives the shape of the output: per token, or pooled per segment.
    pub(crate) fn out(&self, pooled: bool) -> (usize, usize) {
        (if pooled { self.segments.count() } else { self.segments.tokens() }, self.e)
    }

    /// Gives the shape of final states and read-outs.
    pub(crate) fn states(&self) -> (usize, usize, usize) {
        (self.segments.count(), self.e, self.n)
    }
}
