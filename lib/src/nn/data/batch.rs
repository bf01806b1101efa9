//! Holds what a model reads: the tokens of distinct molecules, and the pairs among them.

use std::sync::Arc;

use candle_core::{Device, Tensor};

use crate::nn::{Indices, Segments};
use crate::pair::{Side, Sides};
use crate::{Error, Result};

/// Values of a pair's duplex, see [`PairIndex::with_duplexes`].
pub(crate) const DUPLEX_VALUES: usize = 3;

/// How wide the inputs of one side are; 0 means that there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Widths {
    /// Values of the global vector g.
    pub global: usize,
    /// Values of a row w.
    pub rows: usize,
}

/// The standardised inputs of `s` distinct molecules: at most one global vector each, and rows packed one molecule
/// after the other, without padding.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use crossmamba::nn::TokenBatch;
///
/// // Two molecules of 4 and 1 rows, with global vectors of 3 values.
/// let global = Tensor::zeros((2, 3), DType::F32, &Device::Cpu)?;
/// let rows = Tensor::zeros((5, 7), DType::F32, &Device::Cpu)?;
/// let batch = TokenBatch::new(Some(global), Some(rows), [0, 4, 5])?;
/// assert_eq!((batch.len(), batch.segments().tokens()), (2, 2 + 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TokenBatch {
    global: Option<Tensor>,
    rows: Option<Tensor>,
    offsets: Arc<[usize]>,
    segments: Segments,
}

impl TokenBatch {
    /// Packs molecules.
    ///
    /// # Shapes
    ///
    /// `global` (s, g), `rows` (t, w), `offsets` s + 1 numbers that say where the rows of each molecule begin,
    /// globals not counted; the first is 0 and the last is t. Molecules without rows are allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if the shapes do not fit together or there is nothing to read.
    pub fn new(
        global: Option<Tensor>,
        rows: Option<Tensor>,
        offsets: impl Into<Arc<[usize]>>,
    ) -> Result<Self> {
        let offsets = offsets.into();
        let wrong = |problem: &str| Err(Error::defect("tokens", problem));
        let bounds = Segments::new(offsets.clone())?;
        let molecules = bounds.count();
        if global.is_none() && rows.is_none() {
            return wrong("a batch has neither global vectors nor rows");
        }
        if let Some(global) = &global
            && global.dims().first() != Some(&molecules)
        {
            return wrong("the number of global vectors is not the number of molecules");
        }
        if rows.as_ref().map_or(0, |rows| rows.dims()[0]) != bounds.tokens() {
            return wrong("the number of rows is not the last offset");
        }
        let extra = usize::from(global.is_some());
        let segments = Segments::from_lengths(bounds.ranges().map(|range| range.len() + extra));
        Ok(Self { global, rows, offsets, segments })
    }

    /// Copies the batch to a device; nothing is copied when it is there.
    ///
    /// # Errors
    ///
    /// A device without memory for it.
    pub(crate) fn to_device(&self, device: &Device) -> Result<Self> {
        let copy = |x: &Option<Tensor>| x.as_ref().map(|x| x.to_device(device)).transpose();
        Ok(Self { global: copy(&self.global)?, rows: copy(&self.rows)?, ..self.clone() })
    }

    /// Returns the global vectors (s, g).
    pub fn global(&self) -> Option<&Tensor> {
        self.global.as_ref()
    }

    /// Returns the packed rows (t, w).
    pub fn rows(&self) -> Option<&Tensor> {
        self.rows.as_ref()
    }

    /// Returns where the rows of each molecule begin (s + 1).
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Counts the molecules s.
    pub fn len(&self) -> usize {
        self.segments.count()
    }

    /// Says whether there are no molecules.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns where the tokens of each molecule lie: its global token first, then its rows.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }
}

/// The pairs of a batch, as positions among its distinct molecules.
///
/// ```
/// use crossmamba::nn::{PairIndex, Side};
///
/// let pairs = PairIndex::new([0, 0, 1], [2, 0, 1])?;
/// assert_eq!((pairs.len(), pairs.side(Side::Partner)), (3, &[2, 0, 1][..]));
/// # Ok::<(), crossmamba::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PairIndex {
    sides: Sides<Indices>,
    duplexes: Option<Tensor>,
}

impl PairIndex {
    /// Joins the RNA and the partner of each pair.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if the two lists differ in length.
    pub fn new(rna: impl Into<Vec<u32>>, partner: impl Into<Vec<u32>>) -> Result<Self> {
        let sides = Sides { rna: Indices::from(rna.into()), partner: Indices::from(partner.into()) };
        let Sides { rna, partner } = sides.as_ref().map(Indices::len);
        if rna != partner {
            return Err(Error::defect("pairs", format!("{rna} RNAs and {partner} partners are no pairs")));
        }
        Ok(Self { sides, duplexes: None })
    }

    /// Adds the duplex of each pair (b, 3): how far the best duplex and the seed lie below free strands, in units of
    /// 5 kcal/mol, and the logarithm of 1 + the number of seed sites.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if there is not one row per pair.
    pub fn with_duplexes(mut self, duplexes: Tensor) -> Result<Self> {
        if duplexes.dims() != [self.len(), DUPLEX_VALUES] {
            let problem = format!("{} pairs and duplexes of shape {:?}", self.len(), duplexes.dims());
            return Err(Error::defect("duplexes", problem));
        }
        self.duplexes = Some(duplexes);
        Ok(self)
    }

    /// Returns the duplexes (b, 3), where they are known.
    pub fn duplexes(&self) -> Option<&Tensor> {
        self.duplexes.as_ref()
    }

    /// Returns the positions of one side, one per pair.
    pub fn side(&self, side: Side) -> &[u32] {
        self.indices(side).positions()
    }

    /// Counts the pairs b.
    pub fn len(&self) -> usize {
        self.sides.rna.len()
    }

    /// Says whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the positions of one side with their inverse.
    pub(crate) fn indices(&self, side: Side) -> &Indices {
        &self.sides[side]
    }

    /// Checks that every position exists.
    pub(crate) fn check(&self, molecules: Sides<usize>) -> Result<()> {
        for side in Side::BOTH {
            let count = molecules[side];
            let bound = self.indices(side).bound();
            if bound > count {
                let position = bound - 1;
                let problem = format!("a pair names {} {position} of {count}", side.name());
                return Err(Error::defect("pairs", problem));
            }
        }
        Ok(())
    }
}
