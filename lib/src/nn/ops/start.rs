//! Starts a walk back at several tensors whose gradients are known.

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, DType, Result, Shape, Storage, Tensor, bail};

use super::nary::{self, NaryOp};

/// Walks back from some tensors, given the gradient of each; all are on the CPU and of one type.
///
/// # Errors
/// [`crate::Error::Defect`] if there are none.
pub(crate) fn backward_from(ends: &[(Tensor, Tensor)]) -> crate::Result<GradStore> {
    let tensors: Vec<&Tensor> = ends.iter().map(|end| &end.0).collect();
    let gradients = ends.iter().map(|end| end.1.clone()).collect();
    match nary::apply(Start { gradients }, &tensors)?.pop() {
        Some(start) => Ok(start.backward()?),
        None => Err(crate::Error::defect("start", "there is no output")),
    }
}

/// Gives one number that means nothing, and has these gradients.
struct Start {
    gradients: Vec<Tensor>,
}

impl NaryOp for Start {
    fn name(&self) -> &'static str {
        "start"
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let number = match inputs[0].dtype() {
            DType::F32 => CpuStorage::F32(vec![0.0]),
            DType::F64 => CpuStorage::F64(vec![0.0]),
            dtype => bail!("start: no gradient in {dtype:?}"),
        };
        Ok(vec![(Storage::Cpu(number), Shape::from(1))])
    }

    fn backward(&self, _: &[Tensor], _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Ok(self.gradients.iter().cloned().map(Some).collect())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn gradients_go_on_from_where_they_were_taken() {
        let x = Var::new(&[1.0_f64, 2.0], &Device::Cpu).unwrap();
        let (square, triple) = (x.sqr().unwrap(), (x.as_tensor() * 3.0).unwrap());
        let given = |values: &[f64]| Tensor::new(values, &Device::Cpu).unwrap();
        let ends = [(square, given(&[1.0, 10.0])), (triple, given(&[0.5, 0.25]))];
        let gradients = backward_from(&ends).unwrap();
        assert_eq!(gradients.get(&x).unwrap().to_vec1::<f64>().unwrap(), [2.0 + 1.5, 40.0 + 0.75]);
        assert!(backward_from(&[]).is_err());
    }
}
