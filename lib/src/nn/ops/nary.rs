//! Lets an operation have any number of inputs and outputs, with gradients.
//!
//! A candle custom operation has at most three inputs and one output. Here the inputs are threaded on a chain
//! of one-element *token* tensors, a join ends the chain, and each output hangs on the join:
//!
//! ```text
//! zero ── Take(x₀) ── Take(x₁) ── … ── Join ──┬── Give(y₀)
//!                                             └── Give(y₁) …
//! ```
//!
//! The tokens only order the walk of `backward`: it meets the outputs first, which leave the gradients they
//! received in a shared mailbox; then the join, which runs the operation's own backward once for all and leaves
//! the inputs' gradients there; then the takers, which deliver them. Nothing is packed or copied, and an output
//! that no loss reaches costs nothing.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, CustomOp2, DType, Layout, Result, Shape, Storage, Tensor, bail,
};

/// An operation with any number of inputs and outputs.
pub(crate) trait NaryOp: Send + Sync + 'static {
    /// Names the operation in error messages.
    fn name(&self) -> &'static str;

    /// Computes all outputs; the inputs carry no graph.
    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>>;

    /// Computes one gradient per input (`None`: no gradient) from those of the outputs (`None`: zero).
    fn backward(&self, inputs: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>>;
}

/// Runs `op` on `inputs` and puts it on the graph.
pub(crate) fn apply(op: impl NaryOp, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
    let Some(first) = inputs.first() else { bail!("{}: no inputs", op.name()) };
    let detached: Vec<Tensor> = inputs.iter().map(|x| x.detach()).collect();
    let outputs = op.forward(&detached)?;

    let mailbox = Arc::new(Mailbox {
        received: Mutex::new(vec![None; outputs.len()]),
        computed: Mutex::new(vec![None; inputs.len()]),
    });
    let mut token = Tensor::zeros(1, first.dtype(), first.device())?;
    for (at, x) in inputs.iter().enumerate() {
        token = x.apply_op2(&token, Take { at, mailbox: mailbox.clone() })?;
    }
    token = token.apply_op1(Join { op, inputs: detached, mailbox: mailbox.clone() })?;
    outputs
        .into_iter()
        .enumerate()
        .map(|(at, (storage, shape))| {
            let output = Mutex::new(Some(storage));
            token.apply_op1(Give { at, shape, output, mailbox: mailbox.clone() })
        })
        .collect()
}

/// Gradients on their way: of the outputs towards the join, of the inputs away from it.
struct Mailbox {
    received: Mutex<Vec<Option<Tensor>>>,
    computed: Mutex<Vec<Option<Tensor>>>,
}

/// Threads one input on the chain; hands over its gradient.
struct Take {
    at: usize,
    mailbox: Arc<Mailbox>,
}

impl CustomOp2 for Take {
    fn name(&self) -> &'static str {
        "nary-take"
    }

    fn cpu_fwd(&self, x: &CpuStorage, _: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        token_like(x)
    }

    fn cuda_fwd(
        &self,
        _: &CudaStorage,
        _: &Layout,
        token: &CudaStorage,
        layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        use candle_core::backend::BackendStorage;
        Ok((token.try_clone(layout)?, Shape::from(1)))
    }

    fn bwd(
        &self,
        _: &Tensor,
        token: &Tensor,
        _: &Tensor,
        _: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = lock(&self.mailbox.computed)[self.at].take();
        // Without a gradient for the token the walk would stop here.
        Ok((grad, Some(token.zeros_like()?)))
    }
}

/// Ends the chain of inputs; runs the operation's backward.
struct Join<O> {
    op: O,
    inputs: Vec<Tensor>,
    mailbox: Arc<Mailbox>,
}

impl<O: NaryOp> CustomOp1 for Join<O> {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn cpu_fwd(&self, token: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        token_like(token)
    }

    fn cuda_fwd(&self, token: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        use candle_core::backend::BackendStorage;
        Ok((token.try_clone(layout)?, Shape::from(1)))
    }

    fn bwd(&self, token: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        let grads: Vec<_> = lock(&self.mailbox.received).iter_mut().map(Option::take).collect();
        let computed = self.op.backward(&self.inputs, &grads)?;
        if computed.len() != self.inputs.len() {
            bail!("{}: {} gradients for {} inputs", self.op.name(), computed.len(), self.inputs.len());
        }
        *lock(&self.mailbox.computed) = computed;
        Ok(Some(token.zeros_like()?))
    }
}

/// Hands out one output; receives its gradient.
struct Give {
    at: usize,
    shape: Shape,
    output: Mutex<Option<Storage>>,
    mailbox: Arc<Mailbox>,
}

impl Give {
    fn take(&self) -> Result<Storage> {
        match lock(&self.output).take() {
            Some(storage) => Ok(storage),
            None => bail!("nary-give: an output is handed out once"),
        }
    }
}

impl CustomOp1 for Give {
    fn name(&self) -> &'static str {
        "nary-give"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        match self.take()? {
            Storage::Cpu(storage) => Ok((storage, self.shape.clone())),
            _ => bail!("nary-give: the inputs are on the CPU and an output is not"),
        }
    }

    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        match self.take()? {
            Storage::Cuda(storage) => Ok((storage, self.shape.clone())),
            _ => bail!("nary-give: the inputs are on a CUDA device and an output is not"),
        }
    }

    fn bwd(&self, token: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        lock(&self.mailbox.received)[self.at] = Some(grad.clone());
        Ok(Some(token.zeros_like()?))
    }
}

fn token_like(x: &CpuStorage) -> Result<(CpuStorage, Shape)> {
    use candle_core::backend::BackendStorage;
    let storage = match x.dtype() {
        DType::F32 => CpuStorage::F32(vec![0.0]),
        DType::F64 => CpuStorage::F64(vec![0.0]),
        dtype => bail!("nary: no operation takes {dtype:?}"),
    };
    Ok((storage, Shape::from(1)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    /// Outputs the sum of all inputs and the first input times the second.
    struct SumAndProduct;

    impl NaryOp for SumAndProduct {
        fn name(&self) -> &'static str {
            "sum-and-product"
        }

        fn forward(&self, x: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
            let mut sum = x[0].zeros_like()?;
            for x in x {
                sum = (sum + x)?;
            }
            let product = (&x[0] * &x[1])?;
            let storage = |x: Tensor| -> Result<(Storage, Shape)> {
                Ok((Storage::Cpu(CpuStorage::F64(x.to_vec1()?)), x.shape().clone()))
            };
            Ok(vec![storage(sum)?, storage(product)?])
        }

        fn backward(&self, x: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let zero = x[0].zeros_like()?;
            let sum = grads[0].as_ref().unwrap_or(&zero);
            let product = grads[1].as_ref().unwrap_or(&zero);
            let mut all = vec![Some(sum.clone()); x.len()];
            all[0] = Some((sum + (product * &x[1])?)?);
            all[1] = Some((sum + (product * &x[0])?)?);
            Ok(all)
        }
    }

    #[test]
    fn every_input_gets_its_gradient_even_when_used_twice() -> Result<()> {
        let var = |v: f64| Var::new(&[v], &Device::Cpu);
        let (x, y, z) = (var(2.0)?, var(3.0)?, var(5.0)?);
        let outputs = apply(SumAndProduct, &[&x, &y, &z, &x])?;
        let loss = (&outputs[0] + outputs[1].affine(10.0, 0.0)?)?;
        assert_eq!(loss.to_vec1::<f64>()?, [72.0]);
        for _ in 0..2 {
            let grads = loss.backward()?;
            let of = |v: &Var| grads.get(v).map(|g| g.to_vec1::<f64>().unwrap()[0]);
            assert_eq!([of(&x), of(&y), of(&z)], [Some(32.0), Some(21.0), Some(1.0)]);
        }
        Ok(())
    }

    #[test]
    fn an_output_that_no_loss_reaches_is_none() -> Result<()> {
        let (x, y) = (Var::new(&[2.0], &Device::Cpu)?, Var::new(&[3.0], &Device::Cpu)?);
        let outputs = apply(SumAndProduct, &[&x, &y])?;
        let grads = outputs[1].backward()?;
        assert_eq!(grads.get(&x).unwrap().to_vec1::<f64>()?, [3.0]);
        Ok(())
    }
}
