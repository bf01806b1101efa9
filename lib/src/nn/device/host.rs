//! Brings numbers of a card to the host.

#[cfg(feature = "cuda")]
mod kept;

use std::ops::Deref;

use candle_core::Tensor;

use crate::Result;

/// Numbers on the host, read as a slice. What a card wrote lies in memory that the next numbers are written to once this is
/// dropped.
///
/// ```
/// use crossmamba::nn::device::OnHost;
///
/// let numbers = OnHost::from(vec![1.0, 2.0, 3.0]);
/// assert_eq!(numbers[1..], [2.0, 3.0]);
/// ```
#[derive(Debug)]
pub struct OnHost(Held);

#[derive(Debug)]
enum Held {
    Own(Vec<f32>),
    #[cfg(feature = "cuda")]
    Lent(kept::Lent),
}

impl From<Vec<f32>> for OnHost {
    fn from(numbers: Vec<f32>) -> Self {
        Self(Held::Own(numbers))
    }
}

impl Deref for OnHost {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &self.0 {
            Held::Own(numbers) => numbers,
            #[cfg(feature = "cuda")]
            Held::Lent(numbers) => numbers,
        }
    }
}

/// Where numbers of a card land: memory of the host that is kept from one time to the next.
///
/// It takes as many numbers as were brought at once, an eighth more, and that again for each [`OnHost`] that was held while
/// others were brought.
#[derive(Debug, Default)]
pub(crate) struct Landing {
    #[cfg(feature = "cuda")]
    kept: kept::Kept,
}

impl Landing {
    /// Brings a tensor in f32 to the host, in the order of its numbers, and waits for it.
    ///
    /// # Errors
    /// What a card answers.
    #[cfg_attr(
        not(feature = "cuda"),
        expect(clippy::unused_self, reason = "only what a card writes is kept")
    )]
    pub(crate) fn bring(&self, x: &Tensor) -> Result<OnHost> {
        #[cfg(feature = "cuda")]
        if x.device().is_cuda() && x.elem_count() > 0 {
            return Ok(OnHost(Held::Lent(self.kept.bring(x)?)));
        }
        Ok(OnHost::from(x.flatten_all()?.to_vec1()?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::nn::device::tests::devices;

    fn numbers(count: usize, device: &Device) -> Tensor {
        Tensor::arange(0.5, count as f32 + 0.5, device).unwrap()
    }

    #[test]
    fn numbers_that_become_more_and_fewer_are_those_of_the_tensor() {
        for device in devices() {
            let landing = Landing::default();
            for count in [3, 700, 5, 788, 1, 0, 5000, 701] {
                let x = numbers(count, &device);
                // Read at once: what comes next waits for the card.
                let brought = landing.bring(&x).unwrap().to_vec();
                assert_eq!(brought, x.to_vec1::<f32>().unwrap(), "{device:?}");
            }
        }
    }

    #[test]
    fn numbers_that_are_held_stay_what_they_are_while_others_are_brought() {
        for device in devices() {
            let [first, second] = {
                let landing = Landing::default();
                [1.0, 2.0].map(|scale| landing.bring(&(numbers(9, &device) * scale).unwrap()).unwrap())
            };
            assert!((0..9).all(|i| first[i] == i as f32 + 0.5 && second[i] == 2.0 * first[i]), "{device:?}");
        }
    }

    #[test]
    fn part_of_a_tensor_and_one_that_is_turned_come_in_their_order() {
        for device in devices() {
            let landing = Landing::default();
            let x = numbers(12, &device).reshape((4, 3)).unwrap();
            for part in [x.narrow(0, 1, 2).unwrap(), x.narrow(1, 1, 2).unwrap(), x.t().unwrap()] {
                let expected = part.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                assert_eq!(*landing.bring(&part).unwrap(), expected, "{device:?}");
            }
        }
    }
}
