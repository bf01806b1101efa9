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
//!
//! An input that another such operation gave out hangs on the token of that operation instead, and its gradient goes from
//! mailbox to mailbox ([`sources`]): candle would add every gradient to zeros made for it, which takes four times the memory
//! traffic of the gradient itself.

mod sources;

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, CustomOp2, DType, Layout, Result, Shape, Storage, Tensor, bail,
};

use self::sources::{Listing, Source};

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
        let source = Source::of(x);
        let input = source.as_ref().map_or((*x).clone(), |source| source.token.clone());
        token = input.apply_op2(&token, Take { at, mailbox: mailbox.clone(), source })?;
    }
    token = token.apply_op1(Join { op, inputs: detached, mailbox: mailbox.clone() })?;
    outputs
        .into_iter()
        .enumerate()
        .map(|(at, (storage, shape))| {
            let output = Mutex::new(Some(storage));
            let listing = Listing::default();
            let give = Give { at, shape, output, mailbox: mailbox.clone(), _listing: listing.clone() };
            let output = token.apply_op1(give)?;
            listing.list(&output, Source { token: token.clone(), mailbox: mailbox.clone(), at });
            Ok(output)
        })
        .collect()
}

/// Gradients on their way: of the outputs towards the join, of the inputs away from it.
struct Mailbox {
    received: Mutex<Vec<Option<Tensor>>>,
    computed: Mutex<Vec<Option<Tensor>>>,
}

impl Mailbox {
    /// Adds to what an output has received.
    fn deposit(&self, at: usize, grad: Tensor) -> Result<()> {
        let before = lock(&self.received)[at].take();
        let sum = match before {
            Some(before) => (before + grad)?,
            None => grad,
        };
        lock(&self.received)[at] = Some(sum);
        Ok(())
    }
}

/// Threads one input, or the token of the operation that gave it out, on the chain; hands over its gradient.
struct Take {
    at: usize,
    mailbox: Arc<Mailbox>,
    source: Option<Source>,
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
        x: &Tensor,
        token: &Tensor,
        _: &Tensor,
        _: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = lock(&self.mailbox.computed)[self.at].take();
        // Without a gradient for the token the walk would stop here.
        let zero = Some(token.zeros_like()?);
        let Some(source) = &self.source else { return Ok((grad, zero)) };
        if let Some(grad) = grad {
            source.mailbox.deposit(source.at, grad)?;
        }
        Ok((Some(x.zeros_like()?), zero))
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
    /// Ends with the output.
    _listing: Listing,
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
        self.mailbox.deposit(self.at, grad.clone())?;
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
    fn gradients_from_operations_of_both_kinds_add_up() -> Result<()> {
        let (x, y) = (Var::new(&[2.0], &Device::Cpu)?, Var::new(&[3.0], &Device::Cpu)?);
        let first = apply(SumAndProduct, &[&x, &y])?;
        let second = apply(SumAndProduct, &[&first[0], &first[1], &first[0]])?;
        // first: s = x + y, p = x y; second: 2 s + p and s p; and once more s and p by candle alone.
        let loss = (((&second[0] + &second[1])? + first[0].sqr()?)? + (&first[1] * &first[0])?)?;
        assert_eq!(loss.to_vec1::<f64>()?, [16.0 + 30.0 + 25.0 + 30.0]);
        let grads = loss.backward()?;
        let of = |v: &Var| grads.get(v).map(|g| g.to_vec1::<f64>().unwrap()[0]);
        // By s: 2 + p + 2 s + p, and by p: 1 + s + s.
        let (by_s, by_p) = (2.0 + 6.0 + 10.0 + 6.0, 1.0 + 5.0 + 5.0);
        assert_eq!([of(&x), of(&y)], [Some(by_s + 3.0 * by_p), Some(by_s + 2.0 * by_p)]);
        Ok(())
    }

    #[test]
    fn nothing_stays_listed_when_a_graph_is_gone() -> Result<()> {
        let x = Var::new(&[2.0], &Device::Cpu)?;
        let first = apply(SumAndProduct, &[&x, &x])?;
        let second = apply(SumAndProduct, &[&first[0], &first[1]])?;
        let ids: Vec<_> = first.iter().chain(&second).map(Tensor::id).collect();
        assert!(ids.iter().all(|&id| sources::is_listed(id)));
        drop(first);
        assert!(!sources::is_listed(ids[0]) && sources::is_listed(ids[2]));
        // The walk still finds its way.
        assert_eq!(second[0].backward()?.get(&x).unwrap().to_vec1::<f64>()?, [2.0 + 4.0]);
        drop(second);
        assert!(!ids.iter().any(|&id| sources::is_listed(id)));
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
