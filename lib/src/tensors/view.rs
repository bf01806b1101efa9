//! One tensor: its shape, the format of its numbers, its bytes.

use std::borrow::Cow;
use std::ops::Range;

use super::element::{ElementType, Float};
use crate::{Error, Place, Result};

/// One tensor of a file, as stored.
#[derive(Debug, Clone)]
pub struct TensorView<'a> {
    /// The extents, outermost first; empty for a single number.
    pub shape: Vec<usize>,
    /// The number format.
    pub dtype: ElementType,
    /// The values, row-major and little-endian: a part of the mapped file, or a copy where the file keeps them
    /// in another order.
    pub bytes: Cow<'a, [u8]>,
    /// Where the tensor stands, for messages.
    pub(crate) place: Place,
}

impl TensorView<'_> {
    /// Gives the number of values.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.dtype.size()
    }

    /// Reads the values as 32-bit floating point.
    ///
    /// # Errors
    /// Numbers that are not floating point, and 64-bit numbers beyond the range of 32 bits.
    pub fn to_f32(&self) -> Result<Vec<f32>> {
        self.range_to_f32(0..self.count())
    }

    /// Reads some of the values, which must be there, as [`Self::to_f32`] does.
    pub(crate) fn range_to_f32(&self, values: Range<usize>) -> Result<Vec<f32>> {
        let size = self.dtype.size();
        let bytes = &self.bytes[values.start * size..values.end * size];
        let Some(float) = self.dtype.float() else {
            let problem = format!("holds numbers of type {}, not floating point", self.dtype);
            return Err(self.wrong(&problem, "store it as F32, F16 or BF16"));
        };
        let found = float.decode(bytes);
        if float == Float::F64 {
            let wide = bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b));
            if found.iter().zip(wide).any(|(value, wide)| !value.is_finite() && wide.is_finite()) {
                let problem = "holds a number beyond the range of 32 bits";
                return Err(self.wrong(problem, "store it as 32-bit numbers"));
            }
        }
        Ok(found)
    }

    /// Checks that every value is a finite number; integers always are.
    ///
    /// # Errors
    /// A value that is infinite or not a number, with its position.
    pub fn check_finite(&self) -> Result<()> {
        // A floating-point number is infinite or no number exactly when all bits of its exponent are set.
        fn first<const N: usize>(bytes: &[u8], bad: impl Fn([u8; N]) -> bool) -> Option<usize> {
            let (values, _) = bytes.as_chunks::<N>();
            // Whole blocks without an early exit are what the compiler turns into vector code.
            values.chunks(4096).enumerate().find_map(|(block, values)| {
                let any = values.iter().fold(false, |any, &value| any | bad(value));
                any.then(|| block * 4096 + values.iter().position(|&value| bad(value)).unwrap_or(0))
            })
        }
        let found = match self.dtype {
            ElementType::F32 => first(&self.bytes, |b| u32::from_le_bytes(b) & 0x7f80_0000 == 0x7f80_0000),
            ElementType::F16 => first(&self.bytes, |b| u16::from_le_bytes(b) & 0x7c00 == 0x7c00),
            ElementType::Bf16 => first(&self.bytes, |b| u16::from_le_bytes(b) & 0x7f80 == 0x7f80),
            ElementType::F64 => first(&self.bytes, |b| !f64::from_le_bytes(b).is_finite()),
            _ => None,
        };
        match found {
            None => Ok(()),
            Some(at) => {
                let problem = format!("value {} is not a finite number", at + 1);
                Err(self.wrong(&problem, "the file is damaged: copy or download it again"))
            }
        }
    }

    /// Cuts rows out of the outermost dimension, which must have them.
    #[cfg(feature = "nn")]
    pub(crate) fn rows(self, from: usize, to: usize) -> Self {
        let row = self.bytes.len() / self.shape.first().copied().unwrap_or(1).max(1);
        let part = from * row..to * row;
        let bytes = match self.bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[part]),
            Cow::Owned(bytes) => Cow::Owned(bytes[part].to_vec()),
        };
        let mut shape = self.shape;
        shape[0] = to - from;
        Self { shape, bytes, ..self }
    }

    fn wrong(&self, problem: &str, remedy: &str) -> Error {
        self.place.clone().error(problem, remedy)
    }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    fn view(dtype: ElementType, bytes: Vec<u8>) -> TensorView<'static> {
        let place = Place::file("x").record("t");
        TensorView { shape: vec![bytes.len() / dtype.size()], dtype, bytes: Cow::Owned(bytes), place }
    }

    #[test]
    fn every_float_format_reads_as_f32() {
        let values = [1.0f32, -0.5, 3.25, 0.0];
        let formats: [(ElementType, Vec<u8>); 4] = [
            (ElementType::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
            (ElementType::F16, values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect()),
            (ElementType::Bf16, values.iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()).collect()),
            (ElementType::F64, values.iter().flat_map(|&v| f64::from(v).to_le_bytes()).collect()),
        ];
        for (dtype, bytes) in formats {
            let view = view(dtype, bytes);
            assert_eq!(view.to_f32().unwrap(), values);
            view.check_finite().unwrap();
        }
    }

    #[test]
    fn what_is_no_number_is_found_at_its_place() {
        let mut values = vec![0.5f32; 9000];
        values[8191] = f32::INFINITY;
        let message = view(ElementType::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            .check_finite()
            .unwrap_err()
            .to_string();
        assert!(message.contains("record `t`: value 8192 is not a finite number"), "{message}");
        for (dtype, bytes) in [
            (ElementType::F16, f16::NAN.to_le_bytes().to_vec()),
            (ElementType::Bf16, bf16::INFINITY.to_le_bytes().to_vec()),
            (ElementType::F64, f64::NAN.to_le_bytes().to_vec()),
        ] {
            assert!(view(dtype, bytes).check_finite().is_err());
        }
    }

    #[test]
    fn integers_and_huge_numbers_are_refused() {
        assert!(view(ElementType::I64, vec![0; 8]).to_f32().is_err());
        assert!(view(ElementType::F64, 1e300f64.to_le_bytes().to_vec()).to_f32().is_err());
    }
}
