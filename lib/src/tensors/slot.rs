//! Where the values of one tensor lie in a mapped file.

use std::borrow::Cow;
use std::ops::Range;

use super::element::ElementType;

/// The place of one tensor; every field has been checked against the file.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) dtype: ElementType,
    pub(super) shape: Vec<usize>,
    /// Bytes of the file: the values themselves, or, with strides, what the strides walk over.
    bytes: Range<usize>,
    /// The step of each dimension, in values, where values are not simply row-major.
    strides: Option<Vec<usize>>,
    /// The storage, as a position in the shard's list of checksums.
    pub(super) storage: Option<usize>,
}

impl Slot {
    /// Describes row-major values.
    pub(super) fn contiguous(dtype: ElementType, shape: Vec<usize>, bytes: Range<usize>) -> Self {
        Self { dtype, shape, bytes, strides: None, storage: None }
    }

    /// Describes values inside a storage of `room` values that starts at byte `start`: the one at the origin is
    /// number `offset`, a step along dimension `i` skips `strides[i]` values.
    ///
    /// # Errors
    /// A tensor that reaches beyond its storage, or that has more values than its storage.
    pub(super) fn strided(
        dtype: ElementType,
        shape: Vec<usize>,
        strides: Vec<usize>,
        (start, room): (usize, usize),
        offset: usize,
    ) -> Result<Self, &'static str> {
        const FAR: &str = "reaches beyond its storage";
        let count = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent)).ok_or(FAR)?;
        if count == 0 {
            return Ok(Self::contiguous(dtype, shape, start..start));
        }
        let reach = shape.iter().zip(&strides).try_fold(offset, |reach, (&extent, &stride)| {
            reach.checked_add((extent - 1).checked_mul(stride)?)
        });
        if reach.is_none_or(|reach| reach >= room) {
            return Err(FAR);
        }
        if count > room {
            // A stride of zero repeats values: a few bytes would stand for any amount of memory.
            return Err("has more values than its storage");
        }
        let from = start + offset * dtype.size();
        let mut step = 1;
        let row_major = shape.iter().zip(&strides).rev().all(|(&extent, &stride)| {
            let here = step;
            step *= extent;
            extent == 1 || stride == here
        });
        Ok(if row_major {
            Self::contiguous(dtype, shape, from..from + count * dtype.size())
        } else {
            let bytes = from..start + room * dtype.size();
            Self { dtype, shape, bytes, strides: Some(strides), storage: None }
        })
    }

    /// Gives the values in row-major order.
    pub(super) fn values<'a>(&self, file: &'a [u8]) -> Cow<'a, [u8]> {
        let bytes = &file[self.bytes.clone()];
        let Some(strides) = &self.strides else { return Cow::Borrowed(bytes) };
        let size = self.dtype.size();
        let count: usize = self.shape.iter().product();
        let mut out = Vec::with_capacity(count * size);
        let mut index = vec![0; self.shape.len()];
        let mut at = 0;
        for _ in 0..count {
            out.extend_from_slice(&bytes[at * size..][..size]);
            for ((index, &extent), &stride) in index.iter_mut().zip(&self.shape).zip(strides).rev() {
                *index += 1;
                at += stride;
                if *index < extent {
                    break;
                }
                at -= stride * extent;
                *index = 0;
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(shape: &[usize], strides: &[usize], room: usize, offset: usize) -> Result<Slot, &'static str> {
        Slot::strided(ElementType::U8, shape.to_vec(), strides.to_vec(), (1, room), offset)
    }

    #[test]
    fn strides_put_values_in_order() {
        let file = [9, 0, 1, 2, 3, 4, 5, 6];
        let plain = slot(&[2, 3], &[3, 1], 7, 1).unwrap();
        assert!(matches!(plain.values(&file), Cow::Borrowed([1, 2, 3, 4, 5, 6])));
        assert_eq!(*slot(&[3, 2], &[1, 3], 7, 0).unwrap().values(&file), [0, 3, 1, 4, 2, 5]);
        assert_eq!(*slot(&[2, 1, 2], &[4, 99, 2], 7, 0).unwrap().values(&file), [0, 2, 4, 6]);
        assert_eq!(*slot(&[], &[], 7, 6).unwrap().values(&file), [6]);
        assert!(slot(&[0, 3], &[3, 1], 7, 99).unwrap().values(&file).is_empty());
    }

    #[test]
    fn tensors_stay_inside_their_storage() {
        assert!(slot(&[2, 3], &[3, 1], 6, 0).is_ok());
        assert!(slot(&[2, 3], &[3, 1], 6, 1).is_err());
        assert!(slot(&[2, 3], &[usize::MAX, 1], 6, 0).is_err());
        assert!(slot(&[usize::MAX, usize::MAX], &[0, 0], 6, 0).is_err());
        assert!(slot(&[7], &[0], 6, 0).is_err());
        assert!(slot(&[1], &[1], 6, usize::MAX).is_err());
    }
}
